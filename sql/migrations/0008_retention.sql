-- What must go is gone, and can be shown: how long things are kept, what may not go, what came of requests to erase.

set local role millrace_owner;

create table identity.retention_settings (
    organization_id   uuid primary key references identity.organizations on delete cascade,
    document_days     integer check (document_days > 0),
    version_days      integer check (version_days > 0),
    conversation_days integer check (conversation_days > 0),
    history_days      integer not null default 90 check (history_days > 0),
    grace_days        integer not null default 30 check (grace_days >= 0),
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now()
);
comment on table identity.retention_settings is
    'How long an organization keeps things, where no source and no owner says otherwise; null: until they are taken away. grace_days: between a document''s deletion and its end.';
call identity.protect('identity.retention_settings');

alter table knowledge.data_sources add column retention_days integer check (retention_days > 0);
grant select (retention_days) on knowledge.data_sources to millrace_api;
comment on column knowledge.data_sources.retention_days is
    'A document goes this many days after its content last changed; null: as its owner says, or else the organization.';

-- A hold is a row of its own, with a name, so that a refusal can say by what.
alter table knowledge.documents
    drop column is_on_legal_hold,
    add column soft_deleted_reason text check (soft_deleted_reason in ('vanished', 'expired', 'removed'));
comment on column knowledge.documents.soft_deleted_reason is
    'vanished: its source lists it no more; expired: its time was over; removed: its source was.';

create table knowledge.legal_holds (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    name            text not null check (length(name) between 1 and 200),
    reason          text not null default '',
    data_source_id  uuid,
    document_id     uuid,
    placed_by       text not null,
    released_by     text,
    released_at     timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete set null (data_source_id),
    foreign key (organization_id, document_id) references knowledge.documents on delete set null (document_id),
    check (num_nonnulls(data_source_id, document_id) <= 1)
);
create unique index legal_holds_in_force on knowledge.legal_holds (organization_id, name, data_source_id, document_id)
    nulls not distinct where released_at is null;
create index legal_holds_document on knowledge.legal_holds (organization_id, document_id) where released_at is null;
create index legal_holds_source on knowledge.legal_holds (organization_id, data_source_id) where released_at is null;
comment on table knowledge.legal_holds is
    'What may not be deleted for good, a document or all of a source, by which matter, while it is not released.';
call identity.protect('knowledge.legal_holds');

create function knowledge.keep_held_documents() returns trigger
    language plpgsql as $$
declare
    hold text;
begin
    select h.name into hold from knowledge.legal_holds h
    where h.organization_id = old.organization_id and h.released_at is null
      and (h.document_id = old.id or h.data_source_id = old.data_source_id)
    order by h.created_at limit 1;
    if hold is not null then
        raise exception 'document % is on legal hold (%)', old.id, hold using errcode = 'integrity_constraint_violation';
    end if;
    return old;
end
$$;
-- A document that is neither deleted nor ever was shown gives its place to one that moved there (departures).
create trigger keep_held_documents before delete on knowledge.documents
    for each row when (old.current_version_id is not null or old.soft_deleted_at is not null)
    execute function knowledge.keep_held_documents();
comment on function knowledge.keep_held_documents() is
    'Refuses to delete a document for good while a legal hold names it or its source, whoever asks and by whatever cascade.';

create table knowledge.tombstones (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    kind            text not null check (kind in ('erased', 'expired')),
    path_hash       bytea not null check (length(path_hash) = 32),
    content_hashes  bytea[] not null default '{}',
    state_hash      bytea check (length(state_hash) = 32),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, data_source_id, path_hash),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
comment on table knowledge.tombstones is
    'What syncs must not bring back, by hashes only. erased: this path, and these contents under any path of the source. expired: this content at this path; state_hash is of what the listing said of it.';
call identity.protect('knowledge.tombstones');

create table knowledge.erasure_receipts (
    organization_id uuid not null references identity.organizations on delete cascade,
    number          bigint not null check (number > 0),
    erasure_id      uuid not null,
    kind            text not null check (kind in ('document', 'source', 'user', 'tombstone')),
    target_id       uuid not null,
    target_hash     text,
    row_counts      jsonb not null check (jsonb_typeof(row_counts) = 'object'),
    object_count    integer not null check (object_count >= 0),
    object_bytes    bigint not null check (object_bytes >= 0),
    requested_by    text not null,
    reason          text not null,
    created_at      timestamptz not null,
    previous_hash   text not null check (previous_hash ~ '^[0-9a-f]{64}$'),
    hash            text not null check (hash ~ '^[0-9a-f]{64}$'),
    primary key (organization_id, number)
);
comment on table knowledge.erasure_receipts is
    'What was erased, on whose request and why: rows by table and stored objects, one receipt for each transaction. hash covers the receipt and the hash before it, so that a missing or edited one shows.';
call identity.protect('knowledge.erasure_receipts');
revoke update, delete on knowledge.erasure_receipts from millrace_pipeline;

create function knowledge.keep_receipts() returns trigger
    language plpgsql as $$
begin
    -- only the end of a whole organization, which cascades, takes its receipts
    if pg_trigger_depth() = 1 then
        raise exception 'receipts of erasures are never changed and never deleted'
            using errcode = 'insufficient_privilege';
    end if;
    return null;
end
$$;
create trigger keep_receipts before update or delete on knowledge.erasure_receipts
    for each statement execute function knowledge.keep_receipts();
comment on function knowledge.keep_receipts() is 'Refuses to change or delete receipts, for the tables'' owner too.';

create index document_versions_checksum on knowledge.document_versions (organization_id, checksum);

-- A citation outlives the version it quotes: the answer stays, the quote does not.
alter table conversations.citations
    drop constraint citations_organization_id_document_id_document_version_id_fkey,
    alter column document_version_id drop not null,
    add column purged_at timestamptz,
    add foreign key (organization_id, document_id, document_version_id)
        references knowledge.document_versions (organization_id, document_id, id)
        on delete set null (document_version_id),
    add check ((document_version_id is null) = (purged_at is not null)),
    add check (purged_at is null or quote = '');
create index citations_version on conversations.citations (organization_id, document_version_id);
comment on table conversations.citations is
    'What an answer rests on: a quote that was found at its offsets in that version. The chunk it came by may be gone by now; when the version is purged the quote goes with it (purged_at).';

create function conversations.blank_purged_quotes() returns trigger
    language plpgsql as $$
begin
    if new.document_version_id is null and old.document_version_id is not null then
        new.quote := '';
        new.purged_at := clock_timestamp();
    end if;
    return new;
end
$$;
create trigger blank_purged_quotes before update on conversations.citations
    for each row execute function conversations.blank_purged_quotes();
comment on function conversations.blank_purged_quotes() is
    'Takes the quote out of a citation whose version is deleted, whatever deleted it.';

-- Feedback goes with whoever gave it.
alter table conversations.message_feedback
    drop constraint message_feedback_organization_id_user_id_fkey,
    add foreign key (organization_id, user_id) references identity.users on delete cascade;
create index sessions_chatbot_created_at on conversations.sessions (organization_id, chatbot_id, created_at);
create index retrieval_logs_session on conversations.retrieval_logs (organization_id, session_id);
