-- Documents that are pushed: what was accepted, and until when it is wanted.

set local role millrace_owner;

create table knowledge.uploads (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    path            text collate "C" not null check (length(path) between 1 and 1000),
    checksum        text not null check (checksum ~ '^[0-9a-f]{64}$'),
    file_size       bigint not null check (file_size >= 0),
    media_type      text not null default '',
    title           text,
    address         text,
    metadata        jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    user_id         uuid,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, data_source_id, path),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create index uploads_checksum on knowledge.uploads (organization_id, checksum);
comment on table knowledge.uploads is
    'Documents that were pushed into an upload source: their bytes are in the object store before their row is here, and their row is here before the sender hears that they are accepted.';
call identity.protect('knowledge.uploads');
