-- Sources stay in step: when each is due, who syncs it now, what is too much to delete unasked, what an item is like.

set local role millrace_owner;

alter table knowledge.data_sources
    add column cron text,
    add column time_zone text not null default 'UTC',
    add column deletion_share double precision not null default 0.3 check (deletion_share between 0 and 1),
    add column deletion_floor integer not null default 20 check (deletion_floor >= 0);
comment on table knowledge.data_sources is
    'Where documents come from. It is synced by its cron (in its time zone) where it has one, else every sync_frequency seconds. A sync that would delete more than deletion_share of its documents, and at least deletion_floor, waits for approval. credentials are encrypted; a name stands once in an organization.';
grant select (cron, time_zone, deletion_share, deletion_floor) on knowledge.data_sources to millrace_api;

create table knowledge.leases (
    organization_id uuid not null,
    data_source_id  uuid not null,
    fence           bigint not null default 0,
    holder          text,
    expires_at      timestamptz not null default now(),
    primary key (organization_id, data_source_id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
comment on table knowledge.leases is
    'Who may write for a source now; nobody where holder is null. Whoever takes a lease over raises its fence; a writer whose fence is not the one here writes nothing.';
call identity.protect('knowledge.leases');
create policy directory on knowledge.leases for select to millrace_directory using (true);
grant select on knowledge.leases to millrace_directory;

alter table knowledge.documents
    add column revision text,
    add column address text,
    add column source_title text,
    add column parent_id uuid,
    add foreign key (organization_id, parent_id) references knowledge.documents on delete cascade;
create index documents_parent on knowledge.documents (organization_id, parent_id) where parent_id is not null;
comment on column knowledge.documents.revision is 'The source''s own word for the state of the item: an etag, a version, a hash.';
comment on column knowledge.documents.source_title is
    'What the source calls the item; its title where the text names none.';
comment on column knowledge.documents.address is 'Where a person finds the item.';
comment on column knowledge.documents.parent_id is 'The archive or mailbox that the item is a member of.';

create table knowledge.deletion_batches (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    status          text not null default 'waiting' check (status in ('waiting', 'approved', 'rejected', 'outdated')),
    documents       integer not null check (documents >= 0),
    known           integer not null check (known >= 0),
    decided_by      text,
    decided_at      timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
create index deletion_batches_source on knowledge.deletion_batches (organization_id, data_source_id, created_at desc);
create unique index deletion_batches_waiting on knowledge.deletion_batches (organization_id, data_source_id)
    where status = 'waiting';
comment on table knowledge.deletion_batches is
    'Deletions that were too many to follow unasked: how many of how many known documents, and what was decided.';
call identity.protect('knowledge.deletion_batches');

create table knowledge.deletions (
    organization_id   uuid not null,
    document_id       uuid not null,
    deletion_batch_id uuid not null,
    primary key (organization_id, document_id),
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade,
    foreign key (organization_id, deletion_batch_id) references knowledge.deletion_batches on delete cascade
);
create index deletions_batch on knowledge.deletions (organization_id, deletion_batch_id);
comment on table knowledge.deletions is
    'Documents that their source lists no more and that are still served: they wait for approval, or it was refused.';
call identity.protect('knowledge.deletions');

alter table knowledge.sync_failures
    add column state text not null default 'retrying' check (state in ('retrying', 'parked', 'ignored'));
comment on column knowledge.sync_failures.state is
    'retrying: tried again at next_attempt_at; parked: only when it changes or somebody asks; ignored: nobody minds.';

alter table knowledge.training_jobs
    add column stage text,
    add column stage_started_at timestamptz,
    add column done integer not null default 0,
    add column total integer not null default 0,
    add column moved integer not null default 0,
    add column held integer not null default 0,
    add column tokens bigint not null default 0,
    add column cost numeric(14, 6);
create unique index training_jobs_queued on knowledge.training_jobs (organization_id, data_source_id)
    where status = 'queued';
comment on column knowledge.training_jobs.done is 'Of so many as total says, at the present stage; total grows while they are found.';
comment on column knowledge.training_jobs.moved is 'Documents whose items have another path now.';
comment on column knowledge.training_jobs.held is 'Deletions that wait for approval.';
comment on column knowledge.training_jobs.tokens is 'What was given to embedding models, in their tokens or as estimated.';
create policy directory on knowledge.training_jobs for select to millrace_directory using (true);
grant select (organization_id, data_source_id, status, started_at, completed_at, created_at)
    on knowledge.training_jobs to millrace_directory;
