-- Chatbots, their agents and configurations, and the questions that measure them.

set local role millrace_owner;

create table bots.chatbots (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid,
    name            text not null check (name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'),
    description     text not null default '',
    visibility      text not null default 'private' check (visibility in ('public', 'private')),
    system_prompt   text not null default '',
    show_citations  boolean not null default true,
    temperature     double precision not null default 0 check (temperature between 0 and 2),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create unique index chatbots_name on bots.chatbots (organization_id, name) where deleted_at is null;
comment on table bots.chatbots is 'What a client of the API calls a model: its name is the model''s id.';
call identity.protect('bots.chatbots');

create table bots.chatbot_data_sources (
    organization_id uuid not null,
    chatbot_id      uuid not null,
    data_source_id  uuid not null,
    primary key (organization_id, chatbot_id, data_source_id),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade,
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
create index chatbot_data_sources_source on bots.chatbot_data_sources (organization_id, data_source_id);
comment on table bots.chatbot_data_sources is 'Which sources a chatbot answers from.';
call identity.protect('bots.chatbot_data_sources');

create table bots.agents (
    organization_id       uuid not null,
    id                    uuid not null default gen_random_uuid(),
    chatbot_id            uuid not null,
    user_id               uuid,
    name                  text not null check (length(name) between 1 and 100),
    description           text not null default '',
    type                  text not null default 'user-facing'
                          check (type in ('user-facing', 'background', 'human-escalation', 'pre-canned', 'spam-defense')),
    model_provider        text,
    model_name            text,
    model_parameters      jsonb not null default '{}' check (jsonb_typeof(model_parameters) = 'object'),
    conversation_mode     text not null default 'multi-turn' check (conversation_mode in ('single-turn', 'multi-turn')),
    context_window        integer not null default 8000 check (context_window > 0),
    memory_retention_days integer check (memory_retention_days > 0),
    system_prompt         text not null default '',
    user_prompt_template  text not null default '',
    temperature           double precision check (temperature between 0 and 2),
    max_tokens            integer check (max_tokens > 0),
    top_p                 double precision check (top_p > 0 and top_p <= 1),
    frequency_penalty     double precision check (frequency_penalty between -2 and 2),
    presence_penalty      double precision check (presence_penalty between -2 and 2),
    bias                  double precision,
    stickness             double precision,
    default_message       text not null default 'I could not find an answer in the documents.',
    use_all_sources       boolean not null default true,
    max_documents         integer check (max_documents > 0),
    similarity_threshold  double precision check (similarity_threshold between -1 and 1),
    rate_limit_per_hour   integer check (rate_limit_per_hour > 0),
    rate_limit_per_day    integer check (rate_limit_per_day > 0),
    domain_keywords       text[] not null default '{}',
    expertise_areas       text[] not null default '{}',
    is_active             boolean not null default true,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    deleted_at            timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade,
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create unique index agents_name on bots.agents (organization_id, chatbot_id, name) where deleted_at is null;
create index agents_user on bots.agents (organization_id, user_id);
create index agents_type on bots.agents (organization_id, type);
create index agents_model_provider on bots.agents (organization_id, model_provider);
create index agents_is_active on bots.agents (organization_id, is_active);
create index agents_created_at on bots.agents (organization_id, created_at);
comment on table bots.agents is 'The parts of a chatbot that take a question: how each speaks, from what, and within which limits.';
call identity.protect('bots.agents');

create table bots.agent_tags (
    organization_id uuid not null,
    agent_id        uuid not null,
    tag_id          uuid not null,
    primary key (organization_id, agent_id, tag_id),
    foreign key (organization_id, agent_id) references bots.agents on delete cascade,
    foreign key (organization_id, tag_id) references knowledge.tags on delete cascade
);
comment on table bots.agent_tags is 'An agent that does not use all sources reads those that bear one of these tags.';
call identity.protect('bots.agent_tags');

create table bots.agent_data_sources (
    organization_id uuid not null,
    agent_id        uuid not null,
    data_source_id  uuid not null,
    primary key (organization_id, agent_id, data_source_id),
    foreign key (organization_id, agent_id) references bots.agents on delete cascade,
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
comment on table bots.agent_data_sources is 'An agent that does not use all sources reads these.';
call identity.protect('bots.agent_data_sources');

create table bots.agent_file_types (
    organization_id uuid not null,
    agent_id        uuid not null,
    file_type_id    uuid not null,
    primary key (organization_id, agent_id, file_type_id),
    foreign key (organization_id, agent_id) references bots.agents on delete cascade,
    foreign key (organization_id, file_type_id) references knowledge.file_types on delete cascade
);
comment on table bots.agent_file_types is 'Where any are named, an agent reads documents of these kinds only.';
call identity.protect('bots.agent_file_types');

create table bots.model_config_versions (
    organization_id      uuid not null,
    id                   uuid not null default gen_random_uuid(),
    chatbot_id           uuid not null,
    number               integer not null check (number > 0),
    embedding_model      text not null,
    llm_model            text not null,
    reranker_model       text,
    retrieval_k          integer not null default 8 check (retrieval_k between 1 and 200),
    similarity_threshold double precision not null default 0 check (similarity_threshold between -1 and 1),
    lexical_weight       double precision not null default 0.7 check (lexical_weight between 0 and 1),
    chunk_size           integer not null check (chunk_size between 100 and 20000),
    chunk_overlap        integer not null check (chunk_overlap >= 0 and chunk_overlap < chunk_size),
    active               boolean not null default false,
    created_at           timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, chatbot_id, number),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade
);
create unique index model_config_versions_active on bots.model_config_versions (organization_id, chatbot_id) where active;
comment on table bots.model_config_versions is
    'Frozen recipes of a chatbot: which models, how texts are cut, how many passages and how scores are weighed. One is active.';
call identity.protect('bots.model_config_versions');

create function bots.keep_configurations_frozen() returns trigger
    language plpgsql as $$
begin
    if to_jsonb(new) - 'active' is distinct from to_jsonb(old) - 'active' then
        raise exception 'configuration % of chatbot % is frozen: create a new version', old.number, old.chatbot_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
create trigger keep_configurations_frozen before update on bots.model_config_versions
    for each row execute function bots.keep_configurations_frozen();
comment on function bots.keep_configurations_frozen() is
    'Refuses to change a configuration in anything but whether it is active.';

create table bots.evaluation_sets (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    chatbot_id      uuid not null,
    name            text not null,
    description     text not null default '',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, chatbot_id, name),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade
);
comment on table bots.evaluation_sets is 'Questions with known right documents, by which a chatbot''s retrieval is measured.';
call identity.protect('bots.evaluation_sets');

create table bots.evaluation_queries (
    organization_id   uuid not null,
    id                uuid not null default gen_random_uuid(),
    evaluation_set_id uuid not null,
    external_id       text not null,
    question          text not null,
    slice             text,
    data_source_id    uuid,
    created_at        timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, evaluation_set_id, external_id),
    foreign key (organization_id, evaluation_set_id) references bots.evaluation_sets on delete cascade,
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
create index evaluation_queries_source on bots.evaluation_queries (organization_id, data_source_id);
comment on table bots.evaluation_queries is
    'A question of a set; a slice (such as a language) is reported apart. data_source_id: it is asked of this source only, else of all of the chatbot''s.';
call identity.protect('bots.evaluation_queries');

create table bots.evaluation_judgments (
    organization_id     uuid not null,
    id                  uuid not null default gen_random_uuid(),
    evaluation_query_id uuid not null,
    document_id         uuid not null,
    grade               integer not null default 1 check (grade >= 0),
    quote               text check (quote <> ''),
    start_char          integer check (start_char is null or (start_char >= 0 and quote is not null)),
    primary key (organization_id, id),
    unique nulls not distinct (organization_id, evaluation_query_id, document_id, quote, start_char),
    foreign key (organization_id, evaluation_query_id) references bots.evaluation_queries on delete cascade,
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade
);
create index evaluation_judgments_document on bots.evaluation_judgments (organization_id, document_id);
comment on table bots.evaluation_judgments is
    'A document that answers a question, how well, and where it is known the words of it that do, and at which character of its text they begin.';
call identity.protect('bots.evaluation_judgments');

create table bots.evaluation_runs (
    organization_id         uuid not null,
    id                      uuid not null default gen_random_uuid(),
    evaluation_set_id       uuid not null,
    model_config_version_id uuid not null,
    dagster_run_id          text,
    queries                 integer not null,
    elapsed_ms              double precision not null,
    created_at              timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, evaluation_set_id) references bots.evaluation_sets on delete cascade,
    foreign key (organization_id, model_config_version_id) references bots.model_config_versions on delete cascade
);
create index evaluation_runs_created_at on bots.evaluation_runs (organization_id, evaluation_set_id, created_at);
comment on table bots.evaluation_runs is 'One measurement of a configuration on a set.';
call identity.protect('bots.evaluation_runs');

create table bots.evaluation_scores (
    organization_id   uuid not null,
    evaluation_run_id uuid not null,
    slice             text not null default '',
    metric            text not null,
    queries           integer not null check (queries >= 0),
    value             double precision,
    low               double precision,
    high              double precision,
    primary key (organization_id, evaluation_run_id, slice, metric),
    foreign key (organization_id, evaluation_run_id) references bots.evaluation_runs on delete cascade
);
comment on table bots.evaluation_scores is
    'A metric of a run with its 95 % interval and the number of questions; null where it is not defined, never zero instead.';
call identity.protect('bots.evaluation_scores');
