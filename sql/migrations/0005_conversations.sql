-- Sessions, messages and their citations, retrieval logs, feedback and usage.

set local role millrace_owner;

create table conversations.sessions (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    chatbot_id      uuid not null,
    agent_id        uuid,
    user_id         uuid,
    title           text not null default '',
    context         jsonb not null default '{}' check (jsonb_typeof(context) = 'object'),
    status          text not null default 'active' check (status in ('active', 'completed', 'error')),
    timezone        text not null default 'UTC',
    related_type    text,
    related_id      uuid,
    session_start   timestamptz not null default now(),
    session_end     timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade,
    foreign key (organization_id, agent_id) references bots.agents on delete set null (agent_id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create index sessions_user on conversations.sessions (organization_id, user_id);
create index sessions_agent on conversations.sessions (organization_id, agent_id);
create index sessions_chatbot on conversations.sessions (organization_id, chatbot_id);
create index sessions_created_at on conversations.sessions (organization_id, created_at);
create index sessions_updated_at on conversations.sessions (organization_id, updated_at);
comment on table conversations.sessions is 'A conversation with a chatbot.';

create table conversations.messages (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    session_id      uuid not null,
    role            text not null check (role in ('user', 'assistant', 'system')),
    sender_id       uuid,
    content         text not null,
    status          text not null default 'sent' check (status in ('sent', 'delivered', 'read')),
    reply_to_id     uuid,
    metadata        jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    created_at      timestamptz not null default clock_timestamp(),
    updated_at      timestamptz not null default clock_timestamp(),
    deleted_at      timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, session_id) references conversations.sessions on delete cascade,
    foreign key (organization_id, sender_id) references identity.users on delete set null (sender_id),
    foreign key (organization_id, reply_to_id) references conversations.messages on delete set null (reply_to_id)
);
create index messages_session on conversations.messages (organization_id, session_id, created_at);
create index messages_role on conversations.messages (organization_id, role);
create index messages_created_at on conversations.messages (organization_id, created_at);
comment on table conversations.messages is 'What was said in a session, in order.';

create table conversations.citations (
    organization_id     uuid not null,
    id                  uuid not null default gen_random_uuid(),
    message_id          uuid not null,
    citation_index      integer not null check (citation_index > 0),
    document_id         uuid not null,
    document_version_id uuid not null,
    chunk_id            uuid not null,
    quote               text not null,
    start_char          integer not null check (start_char >= 0),
    end_char            integer not null check (end_char > start_char),
    created_at          timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, message_id) references conversations.messages on delete cascade,
    foreign key (organization_id, document_id, document_version_id)
        references knowledge.document_versions (organization_id, document_id, id) on delete cascade
);
create index citations_message on conversations.citations (organization_id, message_id);
create index citations_document on conversations.citations (organization_id, document_id);
comment on table conversations.citations is
    'What an answer rests on: a quote that was found at its offsets in that version. The chunk it came by may be gone by now.';

create table conversations.retrieval_logs (
    organization_id         uuid not null,
    id                      uuid not null default gen_random_uuid(),
    chatbot_id              uuid not null,
    session_id              uuid,
    message_id              uuid,
    model_config_version_id uuid not null,
    query                   text not null,
    query_embedding         vector not null,
    retrieved_chunk_ids     uuid[] not null,
    retrieved_document_ids  uuid[] not null,
    similarity_scores       double precision[] not null,
    lexical_scores          double precision[] not null,
    dense_scores            double precision[] not null,
    retrieval_threshold     double precision not null,
    retrieval_k             integer not null,
    reranker_used           boolean not null default false,
    reranked_document_ids   uuid[],
    elapsed_ms              double precision not null,
    created_at              timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete cascade,
    foreign key (organization_id, session_id) references conversations.sessions on delete cascade,
    foreign key (organization_id, message_id) references conversations.messages on delete cascade,
    foreign key (organization_id, model_config_version_id) references bots.model_config_versions on delete cascade
);
create index retrieval_logs_created_at on conversations.retrieval_logs (organization_id, created_at);
create index retrieval_logs_message on conversations.retrieval_logs (organization_id, message_id);
comment on table conversations.retrieval_logs is
    'Each retrieval that served an answer: what was asked for, what came back with which scores, under which configuration.';

create table conversations.message_feedback (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    message_id      uuid not null,
    user_id         uuid,
    feedback        text not null check (feedback in ('positive', 'negative')),
    reason          text,
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, message_id) references conversations.messages on delete cascade,
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create index message_feedback_message on conversations.message_feedback (organization_id, message_id);
comment on table conversations.message_feedback is 'Thumbs up or down on an answer, with a reason.';

create table conversations.usage (
    organization_id   uuid not null,
    id                uuid not null default gen_random_uuid(),
    chatbot_id        uuid,
    agent_id          uuid,
    user_id           uuid,
    message_id        uuid,
    model             text not null,
    prompt_tokens     integer not null default 0 check (prompt_tokens >= 0),
    completion_tokens integer not null default 0 check (completion_tokens >= 0),
    tokens_used       integer not null generated always as (prompt_tokens + completion_tokens) stored,
    cost              numeric(14, 6),
    response_time     double precision not null check (response_time >= 0),
    request_data      jsonb not null default '{}',
    created_at        timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, chatbot_id) references bots.chatbots on delete set null (chatbot_id),
    foreign key (organization_id, agent_id) references bots.agents on delete set null (agent_id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id),
    foreign key (organization_id, message_id) references conversations.messages on delete set null (message_id)
);
create index usage_user_created_at on conversations.usage (organization_id, user_id, created_at);
create index usage_agent_created_at on conversations.usage (organization_id, agent_id, created_at);
create index usage_created_at on conversations.usage (organization_id, created_at);
comment on table conversations.usage is 'What an answer took: tokens, cost where a price is known, and seconds.';

call identity.protect('conversations.sessions');
call identity.protect('conversations.messages');
call identity.protect('conversations.citations');
call identity.protect('conversations.retrieval_logs');
call identity.protect('conversations.message_feedback');
call identity.protect('conversations.usage');
grant insert, update on all tables in schema conversations to millrace_api;
