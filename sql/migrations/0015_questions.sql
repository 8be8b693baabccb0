-- Question sets that people build: where a question comes from, whether somebody looked at it, and what it is for; and
-- what two versions of a chatbot make of questions that were really asked.

set local role millrace_owner;

alter table bots.evaluation_queries
    add column origin        text not null default 'imported'
                             check (origin in ('imported', 'written', 'generated', 'promoted')),
    add column state         text not null default 'accepted' check (state in ('proposed', 'accepted', 'rejected')),
    add column split         text not null default 'report' check (split in ('tune', 'report')),
    add column is_answerable boolean not null default true,
    add column document_id   uuid,
    add column generated_by  text,
    add column reviewed_by   text check (length(reviewed_by) between 1 and 200),
    add column reviewed_at   timestamptz,
    add constraint evaluation_queries_reviewed check ((reviewed_by is null) = (reviewed_at is null)),
    add constraint evaluation_queries_generated check ((origin = 'generated') = (document_id is not null)),
    add constraint evaluation_queries_document
        foreign key (organization_id, document_id) references knowledge.documents on delete cascade;
create index evaluation_queries_document on bots.evaluation_queries (organization_id, document_id)
    where document_id is not null;
comment on table bots.evaluation_queries is
    'A question of a set; a slice (such as a language) is reported apart. data_source_id: it is asked of this source only, else of all of the chatbot''s. Only accepted ones are asked: those of the split report measure versions, those of tune are for choosing values by.';
comment on column bots.evaluation_queries.is_answerable is
    'False: the documents are known not to answer it, and nothing should be found.';
comment on column bots.evaluation_queries.document_id is
    'The document that a model generated it from: its words are derived from that, and go with it.';

alter table bots.evaluation_runs
    add column split text not null default 'report' check (split in ('tune', 'report'));

alter table identity.expenses
    drop constraint expenses_kind_check,
    add constraint expenses_kind_check check (kind in ('embedding', 'answer', 'questions'));

create table conversations.promotions (
    organization_id     uuid not null,
    id                  uuid not null default gen_random_uuid(),
    evaluation_query_id uuid not null,
    message_id          uuid,
    user_id             uuid,
    signal              text not null check (signal in ('negative', 'positive', 'no_answer')),
    created_at          timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, message_id),
    foreign key (organization_id, evaluation_query_id) references bots.evaluation_queries on delete cascade,
    foreign key (organization_id, message_id) references conversations.messages on delete set null (message_id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create index promotions_query on conversations.promotions (organization_id, evaluation_query_id);
create index promotions_user on conversations.promotions (organization_id, user_id);
comment on table conversations.promotions is
    'Which answer made a question of an evaluation set out of what somebody asked, and why: its asker was (not) content, or it found nothing. message_id: the answer, as long as it is kept.';
call identity.protect('conversations.promotions');

create table conversations.logged_comparisons (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    baseline_id     uuid not null,
    candidate_id    uuid not null,
    asked           integer not null check (asked >= 0),
    asked_since     timestamptz,
    asked_until     timestamptz,
    depth           integer not null check (depth > 0),
    overlap         double precision check (overlap between 0 and 1),
    overlap_low     double precision,
    overlap_high    double precision,
    overlapping     integer not null check (overlapping >= 0),
    first_changed   integer not null check (first_changed >= 0),
    moved           integer not null check (moved >= 0),
    mean_move       double precision check (mean_move >= 0),
    mean_move_low   double precision,
    mean_move_high  double precision,
    both_found      integer not null check (both_found >= 0),
    won             integer not null check (won >= 0),
    lost            integer not null check (lost >= 0),
    neither_found   integer not null check (neither_found >= 0),
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, baseline_id) references bots.model_config_versions on delete cascade,
    foreign key (organization_id, candidate_id) references bots.model_config_versions on delete cascade
);
create index logged_comparisons_candidate
    on conversations.logged_comparisons (organization_id, candidate_id, baseline_id, created_at desc);
create index logged_comparisons_baseline on conversations.logged_comparisons (organization_id, baseline_id);
comment on table conversations.logged_comparisons is
    'Questions that were lately asked, asked again by two versions of a chatbot: numbers only, no question is kept here. won and lost: only the candidate finds anything, or only the baseline. Null where it is not defined, never zero instead.';
comment on column conversations.logged_comparisons.mean_move is
    'How many ranks a document that both found went up or down, on the average of questions.';
call identity.protect('conversations.logged_comparisons');
