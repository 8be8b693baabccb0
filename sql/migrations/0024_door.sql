-- The door: a search whose embedding model was away says so.

set local role millrace_owner;

alter table conversations.retrieval_logs
    alter column query_embedding drop not null,
    add column degraded text check (length(degraded) between 1 and 1000),
    add constraint retrieval_logs_query_embedding_check check (query_embedding is not null or degraded is not null);
comment on column conversations.retrieval_logs.degraded is
    'Why the question was looked for by its words alone, where its embedding model did not answer; there is no query_embedding then.';

-- Uploads in parts: what has come so far, so that a sender who was cut off goes on from there.
create table knowledge.partial_uploads (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    path            text collate "C" not null check (length(path) between 1 and 1000),
    file_size       bigint not null check (file_size >= 0),
    received        bigint not null default 0 check (received between 0 and file_size),
    checksum        text check (checksum ~ '^[0-9a-f]{64}$'),
    media_type      text not null default '',
    title           text,
    address         text,
    outcome         text check (outcome in ('created', 'replaced', 'unchanged')),
    expires_at      timestamptz not null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    check ((outcome is not null) <= (received = file_size))
);
create index partial_uploads_source on knowledge.partial_uploads (organization_id, data_source_id);
create index partial_uploads_expires_at on knowledge.partial_uploads (organization_id, expires_at);
comment on table knowledge.partial_uploads is
    'Documents that are being pushed in parts, or were lately: how much has come. What nobody goes on with is taken away after a day.';
comment on column knowledge.partial_uploads.checksum is 'The SHA-256 of the whole, where the sender said it.';
comment on column knowledge.partial_uploads.outcome is 'What became of it, once it was whole and accepted; its parts are gone then.';
call identity.protect('knowledge.partial_uploads');

create table knowledge.upload_parts (
    organization_id   uuid not null,
    partial_upload_id uuid not null,
    start_byte        bigint not null check (start_byte >= 0),
    checksum          text not null check (checksum ~ '^[0-9a-f]{64}$'),
    file_size         bigint not null check (file_size > 0),
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    primary key (organization_id, partial_upload_id, start_byte),
    foreign key (organization_id, partial_upload_id) references knowledge.partial_uploads on delete cascade
);
create index upload_parts_checksum on knowledge.upload_parts (organization_id, checksum);
comment on table knowledge.upload_parts is
    'The parts of uploads that are not whole yet: their bytes are in the object store before their row is here.';
call identity.protect('knowledge.upload_parts');
