-- Organizations, the people in them and their keys; and the roles and rules that keep organizations apart.

create extension if not exists vector;

create schema identity authorization millrace_owner;
create schema knowledge authorization millrace_owner;
create schema bots authorization millrace_owner;
create schema conversations authorization millrace_owner;
set local role millrace_owner;

comment on schema identity is 'Who: organizations, users, memberships, keys and settings.';
comment on schema knowledge is 'What is known: sources, documents, versions, chunks and vectors.';
comment on schema bots is 'Who answers: chatbots, agents, their configurations and how well they retrieve.';
comment on schema conversations is 'What was asked and answered, from what, and at what cost.';

grant usage on schema identity, knowledge, bots, conversations
    to millrace_api, millrace_pipeline, millrace_search, millrace_directory;

create function identity.current_organization() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('millrace.organization_id', true), '')::uuid;
comment on function identity.current_organization() is
    'The organization of this transaction, or null. A pooled connection leaves an empty string behind: that is null too.';

create function identity.touch_updated_at() returns trigger
    language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;
comment on function identity.touch_updated_at() is 'The clock of updated_at; identity.protect puts it on a table.';

create procedure identity.protect(target regclass, organization_column name default 'organization_id')
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy tenant on %s using (%I = identity.current_organization()) '
        'with check (%I = identity.current_organization())',
        target, organization_column, organization_column);
    execute format('grant select, insert, update, delete on %s to millrace_pipeline', target);
    execute format('grant select on %s to millrace_api', target);
    if exists (select from pg_attribute where attrelid = target and attname = 'updated_at' and not attisdropped) then
        execute format('create trigger touch_updated_at before update on %s '
                       'for each row execute function identity.touch_updated_at()', target);
    end if;
end
$$;
comment on procedure identity.protect(regclass, name) is
    'Make a table a tenant table: row-level security (forced), its policy, the grants and the clock of updated_at.';

create table identity.organizations (
    id          uuid primary key default gen_random_uuid(),
    slug        text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text not null check (length(name) between 1 and 200),
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now()
);
comment on table identity.organizations is 'A tenant: nothing of one organization is visible to another.';
call identity.protect('identity.organizations', 'id');

create table identity.users (
    organization_id    uuid not null references identity.organizations on delete cascade,
    id                 uuid not null default gen_random_uuid(),
    username           text not null check (length(username) between 1 and 150),
    email              text not null check (email like '%_@_%'),
    first_name         text not null default '',
    last_name          text not null default '',
    avatar             text,
    personality_traits text[] not null default '{}',
    skills             text[] not null default '{}',
    interests          text[] not null default '{}',
    llm_model          text,
    embedding_model    text,
    date_joined        timestamptz not null default now(),
    is_active          boolean not null default true,
    is_staff           boolean not null default false,
    is_superuser       boolean not null default false,
    created_by         uuid,
    last_login_at      timestamptz,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, username),
    unique (organization_id, email),
    foreign key (organization_id, created_by) references identity.users on delete set null (created_by)
);
comment on table identity.users is
    'People and agent personas of an organization. Somebody in two organizations is two users, so that neither learns of the other.';
call identity.protect('identity.users');

create table identity.memberships (
    organization_id uuid not null,
    user_id         uuid not null,
    role            text not null check (role in ('owner', 'admin', 'engineer', 'analyst', 'member')),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, user_id),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
comment on table identity.memberships is 'What a user may do in the organization.';
call identity.protect('identity.memberships');

create table identity.api_keys (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid,
    name            text not null check (length(name) between 1 and 200),
    digest          bytea not null check (length(digest) = 32),
    scopes          text[] not null default '{chat}' check (scopes <@ '{chat,search,manage}'::text[]),
    expires_at      timestamptz,
    revoked_at      timestamptz,
    last_used_at    timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, name),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
create unique index api_keys_id on identity.api_keys (id);
comment on table identity.api_keys is
    'Keys of the API. Only the SHA-256 of the secret part is kept: 256 random bits need no slow hash.';
call identity.protect('identity.api_keys');
-- The API proves keys through the directory's function, and reads no digest and no ciphertext.
revoke select on identity.api_keys from millrace_api;
grant select (organization_id, id, user_id, name, scopes, expires_at, revoked_at, last_used_at, created_at, updated_at)
    on identity.api_keys to millrace_api;
grant update (last_used_at) on identity.api_keys to millrace_api;

create table identity.provider_keys (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid,
    provider        text not null check (provider in ('openai', 'anthropic', 'cohere')),
    ciphertext      bytea not null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique nulls not distinct (organization_id, user_id, provider),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
comment on table identity.provider_keys is 'Keys of model providers, encrypted; write-only in every interface.';
call identity.protect('identity.provider_keys');
revoke select on identity.provider_keys from millrace_api;
grant select (organization_id, id, user_id, provider, created_at, updated_at) on identity.provider_keys to millrace_api;

create table identity.knowledge_settings (
    organization_id              uuid not null,
    id                           uuid not null default gen_random_uuid(),
    user_id                      uuid not null,
    default_embedding_model      text,
    default_chunk_size           integer check (default_chunk_size between 100 and 20000),
    default_chunk_overlap        integer check (default_chunk_overlap >= 0),
    document_retention_days      integer check (document_retention_days > 0),
    conversation_retention_days  integer check (conversation_retention_days > 0),
    default_similarity_threshold double precision check (default_similarity_threshold between -1 and 1),
    max_search_results           integer check (max_search_results between 1 and 1000),
    sync_notifications           boolean not null default true,
    error_notifications          boolean not null default true,
    created_at                   timestamptz not null default now(),
    updated_at                   timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, user_id),
    foreign key (organization_id, user_id) references identity.users on delete cascade
);
comment on table identity.knowledge_settings is 'A user''s defaults for the sources and chatbots they own.';
call identity.protect('identity.knowledge_settings');

-- The directory: the three questions that come before an organization is known.
create policy directory on identity.organizations for select to millrace_directory using (true);
create policy directory on identity.api_keys for select to millrace_directory using (true);
grant select on identity.organizations, identity.api_keys to millrace_directory;
