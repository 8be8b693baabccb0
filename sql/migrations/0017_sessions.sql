-- Sessions over several requests, agents of all kinds, and what each question came to.

set local role millrace_owner;

-- A session that waits for a person says since when and why.
alter table conversations.sessions
    add column handed_over_at timestamptz,
    add column handed_over_because text,
    add check ((handed_over_at is null) = (handed_over_because is null));
create index sessions_handed_over on conversations.sessions (organization_id, handed_over_at)
    where handed_over_at is not null;

-- A citation is read back as it was answered, whatever became of its document's title and source since.
alter table conversations.citations
    add column position integer not null default 0 check (position >= 0),
    add column title text not null default '',
    add column section_title text,
    add column page integer,
    add column version_number integer,
    add column source_name text not null default '',
    add column location text not null default '',
    add column address text,
    add column as_of timestamptz,
    add column run_id text;
create or replace function conversations.blank_purged_quotes() returns trigger
    language plpgsql as $$
begin
    if new.document_version_id is null and old.document_version_id is not null then
        new.quote := '';
        new.title := '';
        new.section_title := null;
        new.location := '';
        new.address := null;
        new.purged_at := clock_timestamp();
    end if;
    return new;
end
$$;
comment on function conversations.blank_purged_quotes() is
    'Takes the quote, and what names its place, out of a citation whose version is deleted, whatever deleted it.';

alter table conversations.message_feedback
    add column updated_at timestamptz not null default now(),
    add unique nulls not distinct (organization_id, message_id, user_id);
create trigger touch_updated_at before update on conversations.message_feedback
    for each row execute function identity.touch_updated_at();
comment on table conversations.message_feedback is
    'Thumbs up or down on an answer, with a reason; one of each user, who may change it.';

create table conversations.interactions (
    organization_id      uuid not null,
    id                   uuid not null default gen_random_uuid(),
    session_id           uuid not null,
    agent_id             uuid,
    question_id          uuid not null,
    answer_id            uuid not null,
    asker_id             uuid,
    question_digest      bytea not null check (length(question_digest) = 32),
    arguments            jsonb not null default '{}' check (jsonb_typeof(arguments) = 'object'),
    results              jsonb not null default '{}' check (jsonb_typeof(results) = 'object'),
    detailed_question    text,
    timezone             text not null default 'UTC',
    appreciation         integer check (appreciation between 0 and 100),
    question_at          timestamptz not null,
    detailed_question_at timestamptz,
    answer_at            timestamptz,
    processing_error     text,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, answer_id),
    foreign key (organization_id, session_id) references conversations.sessions on delete cascade,
    foreign key (organization_id, agent_id) references bots.agents on delete set null (agent_id),
    foreign key (organization_id, question_id) references conversations.messages on delete cascade,
    foreign key (organization_id, answer_id) references conversations.messages on delete cascade,
    check ((detailed_question is null) = (detailed_question_at is null))
);
create index interactions_session on conversations.interactions (organization_id, session_id, question_at);
create index interactions_asker on conversations.interactions (organization_id, asker_id, question_at);
comment on table conversations.interactions is
    'A question and its answer: which agent took it and why, what was asked for besides, what came of it, and how much it was appreciated (0 to 100). asker_id is a name for whoever asks, made of the key and of what the client calls its user; the digest tells the same question again without its words.';
call identity.protect('conversations.interactions');
grant insert, update on conversations.interactions to millrace_api;

create table conversations.background_tasks (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    session_id      uuid not null,
    agent_id        uuid not null,
    status          text not null default 'waiting' check (status in ('waiting', 'done', 'failed')),
    attempts        integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz not null default now(),
    failure         text,
    done_at         timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, session_id) references conversations.sessions on delete cascade,
    foreign key (organization_id, agent_id) references bots.agents on delete cascade
);
create unique index background_tasks_waiting on conversations.background_tasks (organization_id, session_id, agent_id)
    where status = 'waiting';
create index background_tasks_due on conversations.background_tasks (organization_id, next_attempt_at)
    where status = 'waiting';
create index background_tasks_session on conversations.background_tasks (organization_id, session_id);
comment on table conversations.background_tasks is
    'What a background agent is to do after an answer, written with it. Whoever takes a task puts its next attempt off; what a killed worker left is taken again then.';
call identity.protect('conversations.background_tasks');
grant insert, update on conversations.background_tasks to millrace_api;
create policy directory on conversations.background_tasks for select to millrace_directory using (true);
grant select on conversations.background_tasks to millrace_directory;

create table bots.canned_answers (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    agent_id        uuid not null,
    question        text not null check (length(question) between 1 and 1000),
    answer          text not null check (length(answer) between 1 and 20000),
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, agent_id, question),
    foreign key (organization_id, agent_id) references bots.agents on delete cascade
);
comment on table bots.canned_answers is 'Questions that a pre-canned agent knows, each with the text that it answers.';
call identity.protect('bots.canned_answers');

alter table bots.agents
    add column fallback_models text[] not null default '{}';
alter table bots.chatbots
    add column dispatching text not null default 'keywords' check (dispatching in ('keywords', 'model'));

-- An answer that hands over to a person tells people of it, in its own transaction.
grant insert, update on identity.notifications to millrace_api;
grant insert on identity.notification_deliveries to millrace_api;
