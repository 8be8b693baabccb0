-- Daily metrics: what the questions of past days came to, summed once, so that a year is asked about within a second.

set local role millrace_owner;

-- The sums. They are made by conversations.answers_of_day and its like (sql/views), for days that are over; views of
-- analytics read them, and the rows themselves for days that are not summed or have changed since. Counts and sums
-- alone, no words and no people: what is erased leaves them when its day is summed again, and the views at once.
create table conversations.daily_answers (
    organization_id   uuid not null references identity.organizations on delete cascade,
    id                uuid not null default gen_random_uuid(),
    day               date not null,
    chatbot_id        uuid,
    agent_id          uuid,
    configuration_id  uuid,
    model             text,
    source_id         uuid,
    language          text,
    answered          bigint not null,
    no_answer         bigint not null,
    failed            bigint not null,
    cancelled         bigint not null,
    canned            bigint not null,
    handed_over       bigint not null,
    turned_away       bigint not null,
    questions         bigint not null,
    searches          bigint not null,
    without_result    bigint not null,
    seconds_n         bigint not null,
    seconds_sum       double precision,
    seconds_squares   double precision,
    retrieval_n       bigint not null,
    retrieval_sum     double precision,
    retrieval_squares double precision,
    score_n           bigint not null,
    score_sum         double precision,
    score_squares     double precision,
    prompt_n          bigint not null,
    prompt_sum        bigint,
    prompt_squares    double precision,
    completion_sum    bigint,
    cost_n            bigint not null,
    cost_sum          numeric,
    cost_squares      double precision,
    seconds           bytea not null,
    answered_scores   bytea not null,
    unanswered_scores bytea not null,
    primary key (organization_id, id)
);
create index daily_answers_day on conversations.daily_answers (organization_id, day);
comment on table conversations.daily_answers is
    'What the questions of a day came to, by all that filters name: counts, sums and sums of squares of what is averaged, and, in four bytes each (float4, the high byte first), the seconds of each answer for medians, and the best scores of searches that found an answer or none. A question belongs to the source and language of the document that stood first.';

create table conversations.daily_thumbs (
    organization_id  uuid not null references identity.organizations on delete cascade,
    id               uuid not null default gen_random_uuid(),
    day              date not null,
    chatbot_id       uuid,
    agent_id         uuid,
    configuration_id uuid,
    model            text,
    source_id        uuid,
    language         text,
    given            bigint not null,
    positive         bigint not null,
    with_reason      bigint not null,
    primary key (organization_id, id)
);
create index daily_thumbs_day on conversations.daily_thumbs (organization_id, day);
comment on table conversations.daily_thumbs is
    'Thumbs for the answers to the questions of a day, whenever given, in the same parts as daily_answers.';

create table conversations.daily_latencies (
    organization_id      uuid not null references identity.organizations on delete cascade,
    id                   uuid not null default gen_random_uuid(),
    day                  date not null,
    chatbot_id           uuid,
    stage                text not null check (stage in ('understanding', 'retrieval', 'answering', 'whole')),
    answers              bigint not null,
    mean_seconds         double precision,
    median_seconds       double precision,
    seconds_of_95_in_100 double precision,
    slowest_seconds      double precision,
    primary key (organization_id, id)
);
create index daily_latencies_day on conversations.daily_latencies (organization_id, day);
comment on table conversations.daily_latencies is 'How long the answers of a day took, stage by stage.';

create table conversations.daily_scores (
    organization_id  uuid not null references identity.organizations on delete cascade,
    id               uuid not null default gen_random_uuid(),
    day              date not null,
    chatbot_id       uuid not null,
    configuration_id uuid not null,
    retrievals       bigint not null,
    without_result   bigint not null,
    mean_found       double precision,
    scores           bigint not null,
    score_sum        double precision,
    score_squares    double precision,
    deviation        double precision,
    tenth            double precision,
    quarter          double precision,
    median           double precision,
    three_quarters   double precision,
    nine_tenths      double precision,
    primary key (organization_id, id)
);
create index daily_scores_day on conversations.daily_scores (organization_id, day);
comment on table conversations.daily_scores is
    'How sure the searches of a day were: the distribution of the best score, by chatbot and configuration.';

create table conversations.daily_usage (
    organization_id   uuid not null references identity.organizations on delete cascade,
    id                uuid not null default gen_random_uuid(),
    day               date not null,
    chatbot_id        uuid,
    agent_id          uuid,
    model             text not null,
    api_key_id        text,
    door              text,
    requests          bigint not null,
    prompt_tokens     bigint not null,
    completion_tokens bigint not null,
    tokens            bigint not null,
    cost              numeric,
    unpriced_requests bigint not null,
    unpriced_tokens   bigint not null,
    response_seconds  double precision not null,
    primary key (organization_id, id)
);
create index daily_usage_day on conversations.daily_usage (organization_id, day);
comment on table conversations.daily_usage is
    'What was asked of models on a day, by chatbot, agent, model and the key or door that it came by.';

create table conversations.daily_citations (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    day             date not null,
    source_id       uuid,
    document_id     uuid,
    answers         bigint not null,
    citations       bigint not null,
    first_cited_at  timestamptz not null,
    last_cited_at   timestamptz not null,
    primary key (organization_id, id)
);
create index daily_citations_day on conversations.daily_citations (organization_id, day);
comment on table conversations.daily_citations is
    'How often answers of a day cite each document, and (without a document) each source: an answer that cites two of its documents counts once.';

create table conversations.daily_opinions (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    day             date not null,
    document_id     uuid not null,
    liked           bigint not null,
    disliked        bigint not null,
    primary key (organization_id, id)
);
create index daily_opinions_day on conversations.daily_opinions (organization_id, day);
comment on table conversations.daily_opinions is
    'Thumbs that were given on a day, by the documents that the answers cite.';

create table conversations.summed_days (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    day             date not null,
    summed_at       timestamptz not null default clock_timestamp(),
    primary key (organization_id, id),
    unique (organization_id, day)
);
comment on table conversations.summed_days is 'Days of UTC that have been summed. All others are read from the rows.';

comment on schema analytics is
    'What analysts ask: views, stable in name and meaning, and the functions that sum a day for them. Days are those of UTC; null means not defined, never 0.';

-- Only ever added to by those who change something, so that nobody waits: whoever sums a day takes away what he sees.
create table conversations.changed_days (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    day             date not null,
    sums            text not null check (sums in ('answers', 'thumbs', 'scores', 'usage', 'citations', 'opinions')),
    changed_at      timestamptz not null default clock_timestamp(),
    primary key (organization_id, id)
);
create index changed_days_day on conversations.changed_days (organization_id, sums, day);
comment on table conversations.changed_days is
    'Which sums of which past days are no longer true: a late thumb, an erasure, a conversation that is kept no longer. Those are read from the rows until the day is summed again.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'daily_answers', 'daily_thumbs', 'daily_latencies', 'daily_scores', 'daily_usage', 'daily_citations',
        'daily_opinions', 'summed_days', 'changed_days'
    ] loop
        execute format('call identity.protect(%L)', 'conversations.' || name);
        execute format('grant select on conversations.%I to millrace_analyst', name);
        execute format(
            'create policy analyst on conversations.%I as restrictive for select to millrace_analyst '
            'using (organization_id = (select identity.organization_of_analyst()))', name);
    end loop;
end
$$;
grant insert on conversations.changed_days to millrace_api;

-- By which key or door something was asked, for those who may not read all that is kept of the request.
alter table conversations.usage
    add column api_key_id text generated always as (request_data ->> 'api_key_id') stored,
    add column door text generated always as (request_data ->> 'door') stored;
grant select (api_key_id, door) on conversations.usage to millrace_analyst;

-- A policy lets an index find days by the time itself, whose comparison tells nothing, and not by a function of it.
drop index conversations.interactions_day, conversations.usage_day, conversations.retrieval_logs_day;
create index interactions_question_at on conversations.interactions (organization_id, question_at);
create index citations_created_at on conversations.citations (organization_id, created_at);
create index message_feedback_created_at on conversations.message_feedback (organization_id, created_at);
create index retrieval_logs_best_document on conversations.retrieval_logs (organization_id, best_document_id);

create function conversations.note_change(of_organization uuid, at timestamptz, variadic what text[]) returns void
    language plpgsql as $$
declare
    on_day constant date := (at at time zone 'UTC')::date;
begin
    -- The day that goes on is not summed yet. Nearly always it is that, and every answer asks: so it is asked apart.
    if on_day is null or on_day >= (clock_timestamp() at time zone 'UTC')::date then
        return;
    end if;
    -- One note for each day is enough in a transaction; and where the organization itself goes, nobody will sum.
    insert into conversations.changed_days (organization_id, day, sums)
    select o.id, on_day, each.sums
    from identity.organizations o, unnest(what) each (sums)
    where o.id = of_organization
      and not exists (
          select from conversations.changed_days c
          where c.organization_id = of_organization and c.sums = each.sums and c.day = on_day
            and c.xmin = pg_current_xact_id()::xid);
end
$$;
comment on function conversations.note_change(uuid, timestamptz, text[]) is
    'Note that these sums of a past day are no longer true; of no day, as the old row of an insertion has, nothing.';

create function conversations.note_change_of_answer(of_organization uuid, answer uuid, variadic what text[])
    returns void
    language plpgsql as $$
begin
    if answer is not null then
        perform conversations.note_change(of_organization, i.question_at, variadic what)
        from conversations.interactions i
        where i.organization_id = of_organization and i.answer_id = answer;
    end if;
end
$$;
comment on function conversations.note_change_of_answer(uuid, uuid, text[]) is
    'Note that these sums of the day of an answer''s question are no longer true; of no answer, nothing.';

create function conversations.interaction_changes() returns trigger
    language plpgsql as $$
begin
    perform conversations.note_change(old.organization_id, old.question_at, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.question_at, 'answers', 'thumbs');
    return null;
end
$$;
comment on function conversations.interaction_changes() is 'Notes the day of a question that comes late, changes or goes.';
create trigger note_change after insert or delete or update of session_id, agent_id, answer_id, results, question_at,
    detailed_question_at, answer_at on conversations.interactions
    for each row execute function conversations.interaction_changes();

create function conversations.retrieval_log_changes() returns trigger
    language plpgsql as $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'scores');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'scores');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'answers', 'thumbs');
    return null;
end
$$;
comment on function conversations.retrieval_log_changes() is 'Notes the days of a retrieval that comes late, changes or goes.';
create trigger note_change after insert or delete or update on conversations.retrieval_logs
    for each row execute function conversations.retrieval_log_changes();

create function conversations.usage_changes() returns trigger
    language plpgsql as $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'usage');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'usage');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'answers', 'thumbs');
    return null;
end
$$;
comment on function conversations.usage_changes() is 'Notes the days of what was used, where that comes late, changes or goes.';
create trigger note_change after insert or delete or update of chatbot_id, agent_id, message_id, model, prompt_tokens,
    completion_tokens, cost, response_time, request_data, created_at on conversations.usage
    for each row execute function conversations.usage_changes();

create function conversations.thumb_changes() returns trigger
    language plpgsql as $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'opinions');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'opinions');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'thumbs');
    return null;
end
$$;
comment on function conversations.thumb_changes() is 'Notes the days of a thumb, and of the question whose answer gets, changes or loses it.';
create trigger note_change after insert or delete or update on conversations.message_feedback
    for each row execute function conversations.thumb_changes();

create function conversations.citation_changes() returns trigger
    language plpgsql as $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'citations');
    perform conversations.note_change(new.organization_id, new.created_at, 'citations');
    return null;
end
$$;
comment on function conversations.citation_changes() is 'Notes the day of a citation that comes late, changes or goes.';
create trigger note_change after insert or delete or update of document_id, message_id, created_at
    on conversations.citations
    for each row execute function conversations.citation_changes();

create function conversations.document_changes() returns trigger
    language plpgsql as $$
declare
    asked_at timestamptz;
    cited_at timestamptz;
begin
    for cited_at in
        select distinct on ((c.created_at at time zone 'UTC')::date) c.created_at
        from conversations.citations c
        where c.organization_id = old.organization_id and c.document_id = old.id
    loop
        perform conversations.note_change(old.organization_id, cited_at, 'citations');
    end loop;
    for asked_at in
        select distinct on ((i.question_at at time zone 'UTC')::date) i.question_at
        from conversations.retrieval_logs l
        join conversations.interactions i on i.organization_id = l.organization_id and i.answer_id = l.message_id
        where l.organization_id = old.organization_id and l.best_document_id = old.id
    loop
        perform conversations.note_change(old.organization_id, asked_at, 'answers', 'thumbs');
    end loop;
    return null;
end
$$;
comment on function conversations.document_changes() is
    'Notes the days whose questions belong to the source and language of a document that is purged, moves or changes them.';
create trigger note_change_of_language after update of language, data_source_id on knowledge.documents
    for each row when (old.language is distinct from new.language or old.data_source_id <> new.data_source_id)
    execute function conversations.document_changes();
create trigger note_purge after delete on knowledge.documents
    for each row execute function conversations.document_changes();
