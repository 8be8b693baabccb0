-- Question clusters: what people ask and get no good answer to, gathered by meaning, so that gaps have a size and a name.

set local role millrace_owner;

create table conversations.question_clusters (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    embedding_model text not null check (length(embedding_model) between 1 and 200),
    words           text[] not null default '{}',
    standing        text not null default 'unknown' check (standing in ('missing', 'unclear', 'present', 'unknown')),
    nearest_score   double precision,
    low_score       double precision,
    usual_score     double precision,
    alike           integer not null default 0 check (alike >= 0),
    alike_answered  integer not null default 0 check (alike_answered between 0 and alike),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id)
);
comment on table conversations.question_clusters is
    'Questions without a good answer that mean about the same, by the vectors that their searches were made with. words: the most telling ones; they are taken away when a question leaves, and chosen anew by the next run.';
comment on column conversations.question_clusters.nearest_score is
    'The median, over the questions nearest to the middle, of the cosine of the passage that is nearest at present.';
comment on column conversations.question_clusters.low_score is
    'What nine of ten answered questions reach with their nearest passage: below it, documents are missing.';
comment on column conversations.question_clusters.usual_score is
    'What three of four answered questions reach with their nearest passage: from there on, documents are present.';
comment on column conversations.question_clusters.alike is
    'How many of the 1,000 latest searches, whatever became of them, are as like its middle as its questions have to be.';
comment on column conversations.question_clusters.alike_answered is
    'How many of those have an answer that cites something; where half of them do, documents are present.';
call identity.protect('conversations.question_clusters');

create table conversations.clustered_questions (
    organization_id     uuid not null,
    retrieval_log_id    uuid not null,
    answer_id           uuid not null,
    question_cluster_id uuid,
    likeness            double precision,
    day                 date not null,
    chatbot_id          uuid not null,
    agent_id            uuid,
    configuration_id    uuid not null,
    model               text,
    source_id           uuid,
    language            text,
    is_unanswered       boolean not null,
    is_disliked         boolean not null,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    primary key (organization_id, retrieval_log_id),
    foreign key (organization_id, retrieval_log_id) references conversations.retrieval_logs on delete cascade,
    foreign key (organization_id, question_cluster_id) references conversations.question_clusters
        on delete set null (question_cluster_id)
);
create index clustered_questions_day on conversations.clustered_questions (organization_id, day);
create index clustered_questions_cluster
    on conversations.clustered_questions (organization_id, question_cluster_id, likeness desc);
comment on table conversations.clustered_questions is
    'A question that found nothing, was not answered, or whose answer was disliked, and the cluster that it lies in; null where no other is like it. Its words are those of its retrieval alone, with which it goes. likeness: its cosine to the middle of the cluster.';
call identity.protect('conversations.clustered_questions');

create table conversations.question_cluster_passages (
    organization_id     uuid not null,
    question_cluster_id uuid not null,
    place               integer not null check (place > 0),
    document_id         uuid not null,
    chunk_id            uuid not null,
    score               double precision not null,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    primary key (organization_id, question_cluster_id, place),
    foreign key (organization_id, question_cluster_id) references conversations.question_clusters on delete cascade,
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade
);
create index question_cluster_passages_document
    on conversations.question_cluster_passages (organization_id, document_id);
comment on table conversations.question_cluster_passages is
    'The passages that are nearest to a cluster by cosine, from all sources of the organization; the chunk may be gone by now.';
call identity.protect('conversations.question_cluster_passages');

-- What a question that goes has said must not be told on by its cluster: the words are chosen anew from those that stay.
create function conversations.forget_telling_words() returns trigger
    language plpgsql as $$
begin
    if old.question_cluster_id is null then
        return null;
    end if;
    if exists (select from conversations.clustered_questions q
               where q.organization_id = old.organization_id and q.question_cluster_id = old.question_cluster_id) then
        update conversations.question_clusters set words = '{}'
        where organization_id = old.organization_id and id = old.question_cluster_id and words <> '{}';
    else
        delete from conversations.question_clusters
        where organization_id = old.organization_id and id = old.question_cluster_id;
    end if;
    return null;
end
$$;
comment on function conversations.forget_telling_words() is
    'Takes the words away from a cluster that a question has left, and the cluster with its last question.';
create trigger forget_telling_words after delete on conversations.clustered_questions
    for each row execute function conversations.forget_telling_words();

grant select (organization_id, id, embedding_model, words, standing, nearest_score, low_score, usual_score, alike,
    alike_answered, updated_at)
    on conversations.question_clusters to millrace_analyst;
grant select on conversations.clustered_questions, conversations.question_cluster_passages to millrace_analyst;
grant select (deleted_at) on conversations.sessions to millrace_analyst;
grant select (session_id) on conversations.retrieval_logs to millrace_analyst;
do $$
declare
    readable text;
begin
    foreach readable in array array['question_clusters', 'clustered_questions', 'question_cluster_passages'] loop
        execute format(
            'create policy analyst on conversations.%I as restrictive for select to millrace_analyst '
            'using (organization_id = (select identity.organization_of_analyst()))', readable);
    end loop;
end
$$;

-- What is spent beside answers is little, and asked for on every look at costs.
create index expenses_beside on identity.expenses (organization_id, created_at) where kind <> 'answer';
grant select (organization_id, id, kind, model, tokens, cost, is_settled, created_at)
    on identity.expenses to millrace_analyst;
create policy analyst on identity.expenses as restrictive for select to millrace_analyst
    using (organization_id = (select identity.organization_of_analyst()));

-- By which key something was asked: its name, and nothing else of it.
grant select (organization_id, id, name) on identity.api_keys to millrace_analyst;
create policy analyst on identity.api_keys as restrictive for select to millrace_analyst
    using (organization_id = (select identity.organization_of_analyst()));
