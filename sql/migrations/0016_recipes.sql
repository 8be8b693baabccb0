-- Recipes of chatbots: when a question is off topic, how it is understood, how many passages one document may give, and
-- which version of the embedding model they are bound to.

set local role millrace_owner;

alter table bots.model_config_versions
    add column off_topic_threshold double precision not null default 0 check (off_topic_threshold between 0 and 1),
    add column query_understanding text not null default 'none'
        check (query_understanding in ('none', 'standalone', 'subquestions')),
    add column max_per_document integer check (max_per_document between 1 and 200),
    add column embedding_model_version text check (embedding_model_version <> '');
comment on column bots.model_config_versions.off_topic_threshold is
    'A share of the most that BM25 can give for a question: where no passage reaches it, the question is off topic, and nothing is found. 0: never.';
comment on column bots.model_config_versions.query_understanding is
    'What a question becomes before it is searched for: nothing else; a question that stands without what was said before; or several.';
comment on column bots.model_config_versions.max_per_document is
    'So many passages of one document may be offered; null: any number.';
comment on column bots.model_config_versions.embedding_model_version is
    'Of the model that its vectors are made by: null until the first of them; never changed then.';

create or replace function bots.keep_configurations_frozen() returns trigger
    language plpgsql as $$
declare
    life text[] := array['status', 'active', 'built_at', 'build_problem', 'evaluated_at', 'activated_at',
                         'activated_by', 'forced_reason', 'retired_at', 'kept_until'];
begin
    if old.embedding_model_version is null then
        life := life || array['embedding_model_version'];
    end if;
    if old.status <> 'draft' and to_jsonb(new) - life is distinct from to_jsonb(old) - life then
        raise exception 'configuration % of chatbot % is frozen: create a new version', old.number, old.chatbot_id
            using errcode = 'integrity_constraint_violation';
    end if;
    if old.status <> new.status and (old.status, new.status) not in (
            ('draft', 'building'), ('draft', 'active'), ('draft', 'retired'),
            ('building', 'evaluated'), ('building', 'active'), ('building', 'retired'),
            ('evaluated', 'building'), ('evaluated', 'active'), ('evaluated', 'retired'),
            ('active', 'retired'),
            ('retired', 'building'), ('retired', 'active')) then
        raise exception 'configuration % of chatbot % is % and cannot become %',
            old.number, old.chatbot_id, old.status, new.status
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create table bots.builds (
    organization_id         uuid not null,
    id                      uuid not null default gen_random_uuid(),
    model_config_version_id uuid not null,
    state                   text not null default 'running' check (state in ('running', 'finished', 'failed', 'broken off')),
    dagster_run_id          text,
    foreseen_chunks         integer not null check (foreseen_chunks >= 0),
    foreseen_vectors        integer not null check (foreseen_vectors >= 0),
    foreseen_tokens         bigint not null check (foreseen_tokens >= 0),
    foreseen_bytes          bigint check (foreseen_bytes >= 0),
    foreseen_cost           numeric(14, 6) check (foreseen_cost >= 0),
    foreseen_seconds        double precision check (foreseen_seconds >= 0),
    chunks                  integer check (chunks >= 0),
    vectors                 integer check (vectors >= 0),
    reused                  integer check (reused >= 0),
    refused                 integer check (refused >= 0),
    tokens                  bigint check (tokens >= 0),
    cost                    numeric(14, 6) check (cost >= 0),
    seconds                 double precision check (seconds >= 0),
    reason                  text check (reason <> ''),
    started_at              timestamptz not null default clock_timestamp(),
    ended_at                timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, model_config_version_id) references bots.model_config_versions on delete cascade
);
create index builds_version on bots.builds (organization_id, model_config_version_id, started_at desc);
comment on table bots.builds is
    'Each time that a configuration was built: what was foreseen, and what it took. The speed of those that finished tells how long the next one will take. Null where it is not known: a build that was killed says nothing of what it made.';
comment on column bots.builds.vectors is 'Computed by the model; `reused` are the passages that needed none.';
call identity.protect('bots.builds');

-- A vector of more than 2,000 numbers does not fit into a page: it may leave the row, and only then.
alter table knowledge.embeddings alter column embedding set storage main;
