-- Managing by the API: who changed what, and which requests were answered already.

set local role millrace_owner;

create table identity.audit_log (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    at              timestamptz not null default clock_timestamp(),
    user_id         uuid,
    key_id          uuid,
    door            text not null check (door in ('key', 'browser', 'command line')),
    action          text not null check (action ~ '^[a-z][a-z_]{0,39}$'),
    entity          text not null check (entity ~ '^[a-z][a-z_]{0,39}$'),
    entity_id       text not null check (length(entity_id) between 1 and 300),
    changed         text[] not null default '{}',
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id),
    foreign key (organization_id, key_id) references identity.api_keys on delete set null (key_id)
);
create index audit_log_at on identity.audit_log (organization_id, at desc, id);
create index audit_log_entity on identity.audit_log (organization_id, entity, entity_id, at desc);
create index audit_log_user on identity.audit_log (organization_id, user_id);
create index audit_log_key on identity.audit_log (organization_id, key_id);
comment on table identity.audit_log is
    'Who did what to which thing, written with it. changed: the names of fields, never what they held. Names of people are looked up, so that an erased user leaves none.';
call identity.protect('identity.audit_log');
revoke update, delete on identity.audit_log from millrace_pipeline;

create table identity.idempotent_requests (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    asked_by        uuid not null,
    key             text not null check (length(key) between 1 and 255),
    digest          bytea not null check (length(digest) = 32),
    entity_id       text,
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, asked_by, key)
);
create index idempotent_requests_created_at on identity.idempotent_requests (organization_id, created_at);
comment on table identity.idempotent_requests is
    'Requests that bore an Idempotency-Key, for a day: the SHA-256 of what was asked and what it made, so that the same one again makes nothing. asked_by: the key or the user.';
call identity.protect('identity.idempotent_requests');
revoke select on identity.idempotent_requests from millrace_api;

create table bots.configuration_requests (
    organization_id         uuid not null,
    id                      uuid not null default gen_random_uuid(),
    model_config_version_id uuid not null,
    job                     text not null check (job in ('build', 'evaluate')),
    created_at              timestamptz not null default now(),
    begun_at                timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, model_config_version_id) references bots.model_config_versions on delete cascade
);
create unique index configuration_requests_waiting on bots.configuration_requests
    (organization_id, model_config_version_id, job) where begun_at is null;
create index configuration_requests_version on bots.configuration_requests
    (organization_id, model_config_version_id, created_at desc);
comment on table bots.configuration_requests is
    'What was asked for by the API and is done by Dagster: to build a configuration, or to measure it. Asked for again while it waits, it is the same request; what came of it stands with the configuration.';
call identity.protect('bots.configuration_requests');
create policy directory on bots.configuration_requests for select to millrace_directory using (true);
grant select on bots.configuration_requests to millrace_directory;
