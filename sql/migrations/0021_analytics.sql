-- Analytics: a role that may only read, logins of it for other people's tools, and what makes a year of logs quick.

do $$
begin
    if not exists (select from pg_roles where rolname = 'millrace_analyst') then
        begin
            create role millrace_analyst nosuperuser nobypassrls nocreatedb nocreaterole;
        exception when duplicate_object or unique_violation then
            null; -- another database of this cluster is being migrated at the same moment
        end;
    end if;
end
$$;

create schema analytics authorization millrace_owner;
set local role millrace_owner;
comment on schema analytics is
    'What analysts ask: views only, stable in name and meaning. Days are those of UTC; null means not defined, never 0.';
grant usage on schema analytics to millrace_analyst, millrace_api, millrace_pipeline;
grant usage on schema identity, knowledge, bots, conversations to millrace_analyst;

create table identity.analyst_logins (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    name            text not null check (length(name) between 1 and 100),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, name)
);
create unique index analyst_logins_id on identity.analyst_logins (id);
comment on table identity.analyst_logins is
    'Logins for tools that ask with SQL, each bound to one organization. The role in the cluster is millrace_analyst_ and the hexadecimal id; its password is kept by PostgreSQL alone.';
call identity.protect('identity.analyst_logins');
create policy directory on identity.analyst_logins for select to millrace_directory using (true);
grant select (organization_id, id) on identity.analyst_logins to millrace_directory;

-- A tool may set whatever it likes in its session, the organization too: so it is held to that of its login besides.
reset role;
grant create on schema identity to millrace_directory;
create function identity.organization_of_analyst() returns uuid
    language sql stable security definer parallel safe set search_path = pg_catalog
    as $$
        select l.organization_id from identity.analyst_logins l
        where l.id = substring(session_user from '^millrace_analyst_([0-9a-f]{32})$')::uuid
    $$;
alter function identity.organization_of_analyst() owner to millrace_directory;
revoke create on schema identity from millrace_directory;
set local role millrace_directory;
revoke all on function identity.organization_of_analyst() from public;
grant execute on function identity.organization_of_analyst() to millrace_analyst;
comment on function identity.organization_of_analyst() is
    'The organization that whoever logged in as an analyst is bound to; null for everybody else.';
reset role;
set local role millrace_owner;

-- What a retrieval came to, small enough to stand in an index: a year of logs is read from there.
alter table conversations.retrieval_logs
    add column found integer not null generated always as (cardinality(retrieved_chunk_ids)) stored,
    add column best_score double precision generated always as (similarity_scores[1]) stored,
    add column best_document_id uuid
        generated always as (coalesce(reranked_document_ids[1], retrieved_document_ids[1])) stored;
comment on column conversations.retrieval_logs.best_document_id is
    'The document of the passage that stood first in the end; what was asked is counted to its source.';
drop index conversations.retrieval_logs_message;
create unique index retrieval_logs_message on conversations.retrieval_logs (organization_id, message_id)
    include (model_config_version_id, found, best_score, best_document_id, elapsed_ms);
create index retrieval_logs_day
    on conversations.retrieval_logs (organization_id, ((created_at at time zone 'UTC')::date))
    include (chatbot_id, model_config_version_id, found, best_score, elapsed_ms, created_at);
create unique index usage_message on conversations.usage (organization_id, message_id)
    include (model, prompt_tokens, completion_tokens, cost);
create index usage_day on conversations.usage (organization_id, ((created_at at time zone 'UTC')::date));
create index interactions_day on conversations.interactions (organization_id, ((question_at at time zone 'UTC')::date));

-- The analyst reads these columns and no others: no answer, no quote, no text of a document, no key, no secret.
grant select (organization_id, id, session_id, agent_id, answer_id, results, question_at, detailed_question_at, answer_at)
    on conversations.interactions to millrace_analyst;
grant select (organization_id, id, chatbot_id) on conversations.sessions to millrace_analyst;
grant select (organization_id, id, chatbot_id, message_id, model_config_version_id, query, detailed_question,
    retrieval_threshold, elapsed_ms, created_at, found, best_score, best_document_id)
    on conversations.retrieval_logs to millrace_analyst;
grant select (organization_id, id, chatbot_id, agent_id, message_id, model, prompt_tokens, completion_tokens,
    tokens_used, cost, response_time, created_at) on conversations.usage to millrace_analyst;
grant select (organization_id, id, message_id, feedback, reason, created_at, updated_at)
    on conversations.message_feedback to millrace_analyst;
grant select (organization_id, id, message_id, document_id, created_at) on conversations.citations to millrace_analyst;
grant select (organization_id, id, name) on bots.chatbots, bots.agents to millrace_analyst;
grant select (organization_id, id, chatbot_id, name) on bots.evaluation_sets to millrace_analyst;
grant select (organization_id, id, chatbot_id, number, status) on bots.model_config_versions to millrace_analyst;
grant select (organization_id, id, evaluation_set_id, model_config_version_id, split, created_at)
    on bots.evaluation_runs to millrace_analyst;
grant select on bots.evaluation_scores to millrace_analyst;
grant select (organization_id, id, name, source_type, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, deleted_at) on knowledge.data_sources to millrace_analyst;
grant select (organization_id, id, data_source_id, title, file_path, language, status, current_version_id, created_at,
    soft_deleted_at) on knowledge.documents to millrace_analyst;
grant select (organization_id, id, document_id, valid_from) on knowledge.document_versions to millrace_analyst;
grant select (organization_id, id, data_source_id, status, tokens, cost, embedded, completed_at, created_at)
    on knowledge.training_jobs to millrace_analyst;
grant select (organization_id, id, data_source_id, stage, outcome, state, attempts, next_attempt_at, created_at)
    on knowledge.sync_failures to millrace_analyst;
grant select on knowledge.data_source_tags to millrace_analyst;
grant select (organization_id, id, name, deleted_at) on knowledge.tags to millrace_analyst;

do $$
declare
    readable regclass;
begin
    for readable in
        select distinct attrelid::regclass from pg_attribute, aclexplode(attacl)
        where grantee = 'millrace_analyst'::regrole
        union
        select c.oid::regclass from pg_class c, aclexplode(c.relacl)
        where grantee = 'millrace_analyst'::regrole and c.relkind = 'r'
    loop
        execute format(
            'create policy analyst on %s as restrictive for select to millrace_analyst '
            'using (organization_id = (select identity.organization_of_analyst()))', readable);
    end loop;
end
$$;
