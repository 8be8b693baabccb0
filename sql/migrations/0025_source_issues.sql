-- Items for those who look after sources: what is wrong with what a source says, as an answer showed it.

set local role millrace_owner;

create table conversations.source_issues (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    document_id     uuid,
    message_id      uuid,
    words           text not null check (length(words) between 1 and 2000),
    note            text not null default '' check (length(note) <= 2000),
    state           text not null default 'open' check (state in ('open', 'closed')),
    opened_by       uuid,
    closed_by       uuid,
    closed_at       timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade,
    foreign key (organization_id, message_id) references conversations.messages on delete cascade,
    foreign key (organization_id, opened_by) references identity.users on delete set null (opened_by),
    foreign key (organization_id, closed_by) references identity.users on delete set null (closed_by),
    check ((state = 'closed') = (closed_at is not null))
);
create index source_issues_source on conversations.source_issues (organization_id, data_source_id, created_at desc);
create index source_issues_document on conversations.source_issues (organization_id, document_id);
create index source_issues_message on conversations.source_issues (organization_id, message_id);
create index source_issues_opened_by on conversations.source_issues (organization_id, opened_by);
create index source_issues_closed_by on conversations.source_issues (organization_id, closed_by);
comment on table conversations.source_issues is
    'What somebody who reads answers asks of whoever looks after a source: a document is wrong, out of date or missing. It goes with the answer that showed it, with the document, and with the source, since its words may repeat them.';
comment on column conversations.source_issues.note is 'What came of it, by whoever looked after it.';
call identity.protect('conversations.source_issues');

-- What a reranker thought, passage by passage: of several passages of a document, which one it had first.
alter table conversations.retrieval_logs
    add column reranked_chunk_ids uuid[],
    add column reranker_scores double precision[];
comment on column conversations.retrieval_logs.reranked_chunk_ids is
    'The passages that were offered, as a reranker ordered them; null without one, and in logs of before it was kept.';
comment on column conversations.retrieval_logs.reranker_scores is
    'The reranker''s scores of those passages, on a scale of its own.';

-- Somebody may also pick a question of which nobody said anything.
alter table conversations.promotions
    drop constraint promotions_signal_check,
    add constraint promotions_signal_check check (signal in ('negative', 'positive', 'no_answer', 'picked'));
