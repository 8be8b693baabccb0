-- Generated from the migrations and views by 'make schema'; a test fails when it is stale. Read it, edit those.

-- Name: analytics; Type: SCHEMA; Schema: -; Owner: millrace_owner

CREATE SCHEMA analytics;

ALTER SCHEMA analytics OWNER TO millrace_owner;

-- Name: SCHEMA analytics; Type: COMMENT; Schema: -; Owner: millrace_owner

COMMENT ON SCHEMA analytics IS 'What analysts ask: views, stable in name and meaning, and the functions that sum a day for them. Days are those of UTC; null means not defined, never 0.';

-- Name: bots; Type: SCHEMA; Schema: -; Owner: millrace_owner

CREATE SCHEMA bots;

ALTER SCHEMA bots OWNER TO millrace_owner;

-- Name: SCHEMA bots; Type: COMMENT; Schema: -; Owner: millrace_owner

COMMENT ON SCHEMA bots IS 'Who answers: chatbots, agents, their configurations and how well they retrieve.';

-- Name: conversations; Type: SCHEMA; Schema: -; Owner: millrace_owner

CREATE SCHEMA conversations;

ALTER SCHEMA conversations OWNER TO millrace_owner;

-- Name: SCHEMA conversations; Type: COMMENT; Schema: -; Owner: millrace_owner

COMMENT ON SCHEMA conversations IS 'What was asked and answered, from what, and at what cost.';

-- Name: identity; Type: SCHEMA; Schema: -; Owner: millrace_owner

CREATE SCHEMA identity;

ALTER SCHEMA identity OWNER TO millrace_owner;

-- Name: SCHEMA identity; Type: COMMENT; Schema: -; Owner: millrace_owner

COMMENT ON SCHEMA identity IS 'Who: organizations, users, memberships, keys and settings.';

-- Name: knowledge; Type: SCHEMA; Schema: -; Owner: millrace_owner

CREATE SCHEMA knowledge;

ALTER SCHEMA knowledge OWNER TO millrace_owner;

-- Name: SCHEMA knowledge; Type: COMMENT; Schema: -; Owner: millrace_owner

COMMENT ON SCHEMA knowledge IS 'What is known: sources, documents, versions, chunks and vectors.';

-- Name: vector; Type: EXTENSION; Schema: -; Owner: -

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

-- Name: EXTENSION vector; Type: COMMENT; Schema: -; Owner: 

COMMENT ON EXTENSION vector IS 'vector data type and ivfflat and hnsw access methods';

-- Name: daily_answers; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_answers (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    chatbot_id uuid,
    agent_id uuid,
    configuration_id uuid,
    model text,
    source_id uuid,
    language text,
    answered bigint NOT NULL,
    no_answer bigint NOT NULL,
    failed bigint NOT NULL,
    cancelled bigint NOT NULL,
    canned bigint NOT NULL,
    handed_over bigint NOT NULL,
    turned_away bigint NOT NULL,
    questions bigint NOT NULL,
    searches bigint NOT NULL,
    without_result bigint NOT NULL,
    seconds_n bigint NOT NULL,
    seconds_sum double precision,
    seconds_squares double precision,
    retrieval_n bigint NOT NULL,
    retrieval_sum double precision,
    retrieval_squares double precision,
    score_n bigint NOT NULL,
    score_sum double precision,
    score_squares double precision,
    prompt_n bigint NOT NULL,
    prompt_sum bigint,
    prompt_squares double precision,
    completion_sum bigint,
    cost_n bigint NOT NULL,
    cost_sum numeric,
    cost_squares double precision,
    seconds bytea NOT NULL,
    answered_scores bytea NOT NULL,
    unanswered_scores bytea NOT NULL
);

ALTER TABLE ONLY conversations.daily_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_answers OWNER TO millrace_owner;

-- Name: TABLE daily_answers; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_answers IS 'What the questions of a day came to, by all that filters name: counts, sums and sums of squares of what is averaged, and, in four bytes each (float4, the high byte first), the seconds of each answer for medians, and the best scores of searches that found an answer or none. A question belongs to the source and language of the document that stood first.';

-- Name: answers_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.answers_of_day(of_day date) RETURNS SETOF conversations.daily_answers
    LANGUAGE sql STABLE ROWS 100 PARALLEL SAFE
    AS $$
        select a.organization_id, gen_random_uuid(), of_day, a.chatbot_id, a.agent_id, a.configuration_id, a.model,
               a.source_id, a.language,
               count(*) filter (where a.outcome = 'answered'), count(*) filter (where a.outcome = 'no_answer'),
               count(*) filter (where a.outcome = 'failed'), count(*) filter (where a.outcome = 'cancelled'),
               count(*) filter (where a.outcome = 'canned'), count(*) filter (where a.outcome = 'handed_over'),
               count(*) filter (where a.outcome = 'turned_away'), count(*),
               count(a.found), count(*) filter (where a.found = 0),
               count(a.seconds), sum(a.seconds), sum(a.seconds * a.seconds),
               count(a.retrieval_seconds), sum(a.retrieval_seconds), sum(a.retrieval_seconds * a.retrieval_seconds),
               count(a.best_score), sum(a.best_score), sum(a.best_score * a.best_score),
               count(a.prompt_tokens), sum(a.prompt_tokens), sum(a.prompt_tokens::double precision * a.prompt_tokens),
               sum(a.completion_tokens),
               count(a.cost), sum(a.cost), sum(a.cost::double precision * a.cost::double precision),
               coalesce(string_agg(float4send(a.seconds::real), ''::bytea), ''::bytea),
               coalesce(string_agg(float4send(a.best_score::real), ''::bytea)
                   filter (where a.outcome = 'answered'), ''::bytea),
               coalesce(string_agg(float4send(a.best_score::real), ''::bytea)
                   filter (where a.outcome = 'no_answer'), ''::bytea)
        from analytics.answers a
        where a.organization_id = identity.current_organization()
          and a.asked_at >= of_day::timestamp at time zone 'UTC'
          and a.asked_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by a.organization_id, a.chatbot_id, a.agent_id, a.configuration_id, a.model, a.source_id, a.language
    $$;

ALTER FUNCTION analytics.answers_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION answers_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.answers_of_day(of_day date) IS 'What the questions of a day came to, from the rows.';

-- Name: daily_citations; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_citations (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    source_id uuid,
    document_id uuid,
    answers bigint NOT NULL,
    citations bigint NOT NULL,
    first_cited_at timestamp with time zone NOT NULL,
    last_cited_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY conversations.daily_citations FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_citations OWNER TO millrace_owner;

-- Name: TABLE daily_citations; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_citations IS 'How often answers of a day cite each document, and (without a document) each source: an answer that cites two of its documents counts once.';

-- Name: citations_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.citations_of_day(of_day date) RETURNS SETOF conversations.daily_citations
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        select c.organization_id, gen_random_uuid(), of_day, d.data_source_id, c.document_id, count(distinct c.message_id),
               count(*), min(c.created_at), max(c.created_at)
        from conversations.citations c
        left join knowledge.documents d on d.organization_id = c.organization_id and d.id = c.document_id
        where c.organization_id = identity.current_organization()
          and c.created_at >= of_day::timestamp at time zone 'UTC'
          and c.created_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by grouping sets ((c.organization_id, d.data_source_id, c.document_id),
            (c.organization_id, d.data_source_id))
    $$;

ALTER FUNCTION analytics.citations_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION citations_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.citations_of_day(of_day date) IS 'How often answers of a day cite each document, and each source as a whole, from the rows.';

-- Name: is_wanted(text, text, integer, text, text, text, text[], text, text, integer, text, text, text, text); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.is_wanted(chatbot text, agent text, configuration integer, model text, source text, language text, tags text[], of_chatbot text, of_agent text, of_configuration integer, of_model text, of_source text, of_language text, of_tag text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((of_chatbot IS NULL) OR (chatbot = of_chatbot)) AND ((of_agent IS NULL) OR (agent = of_agent)) AND ((of_configuration IS NULL) OR (configuration = of_configuration)) AND ((of_model IS NULL) OR (model = of_model)) AND ((of_source IS NULL) OR (source = of_source)) AND ((of_language IS NULL) OR (language = of_language)) AND ((of_tag IS NULL) OR (of_tag = ANY (tags))));

ALTER FUNCTION analytics.is_wanted(chatbot text, agent text, configuration integer, model text, source text, language text, tags text[], of_chatbot text, of_agent text, of_configuration integer, of_model text, of_source text, of_language text, of_tag text) OWNER TO millrace_owner;

-- Name: FUNCTION is_wanted(chatbot text, agent text, configuration integer, model text, source text, language text, tags text[], of_chatbot text, of_agent text, of_configuration integer, of_model text, of_source text, of_language text, of_tag text); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.is_wanted(chatbot text, agent text, configuration integer, model text, source text, language text, tags text[], of_chatbot text, of_agent text, of_configuration integer, of_model text, of_source text, of_language text, of_tag text) IS 'Whether a row of these names is among those of a filter; a null of the filter asks for nothing.';

-- Name: daily_latencies; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_latencies (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    chatbot_id uuid,
    stage text NOT NULL,
    answers bigint NOT NULL,
    mean_seconds double precision,
    median_seconds double precision,
    seconds_of_95_in_100 double precision,
    slowest_seconds double precision,
    CONSTRAINT daily_latencies_stage_check CHECK ((stage = ANY (ARRAY['understanding'::text, 'retrieval'::text, 'answering'::text, 'whole'::text])))
);

ALTER TABLE ONLY conversations.daily_latencies FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_latencies OWNER TO millrace_owner;

-- Name: TABLE daily_latencies; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_latencies IS 'How long the answers of a day took, stage by stage.';

-- Name: latencies_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.latencies_of_day(of_day date) RETURNS SETOF conversations.daily_latencies
    LANGUAGE sql STABLE ROWS 10 PARALLEL SAFE
    AS $$
        select a.organization_id, gen_random_uuid(), of_day, a.chatbot_id, s.stage, count(s.seconds), avg(s.seconds),
               percentile_cont(0.5) within group (order by s.seconds),
               percentile_cont(0.95) within group (order by s.seconds), max(s.seconds)
        from analytics.answers a
        cross join lateral (values
            ('understanding', a.understanding_seconds),
            ('retrieval', a.retrieval_seconds),
            ('answering', a.seconds - coalesce(a.understanding_seconds, 0) - coalesce(a.retrieval_seconds, 0)),
            ('whole', a.seconds)) s (stage, seconds)
        where a.organization_id = identity.current_organization()
          and a.asked_at >= of_day::timestamp at time zone 'UTC'
          and a.asked_at < (of_day + 1)::timestamp at time zone 'UTC'
          and s.seconds is not null
        group by a.organization_id, a.chatbot_id, s.stage
    $$;

ALTER FUNCTION analytics.latencies_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION latencies_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.latencies_of_day(of_day date) IS 'How long the answers of a day took, stage by stage, from the rows.';

-- Name: daily_opinions; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_opinions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    document_id uuid NOT NULL,
    liked bigint NOT NULL,
    disliked bigint NOT NULL
);

ALTER TABLE ONLY conversations.daily_opinions FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_opinions OWNER TO millrace_owner;

-- Name: TABLE daily_opinions; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_opinions IS 'Thumbs that were given on a day, by the documents that the answers cite.';

-- Name: opinions_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.opinions_of_day(of_day date) RETURNS SETOF conversations.daily_opinions
    LANGUAGE sql STABLE ROWS 300 PARALLEL SAFE
    AS $$
        select f.organization_id, gen_random_uuid(), of_day, c.document_id,
               count(distinct f.id) filter (where f.feedback = 'positive'),
               count(distinct f.id) filter (where f.feedback = 'negative')
        from conversations.message_feedback f
        join conversations.citations c on c.organization_id = f.organization_id and c.message_id = f.message_id
        where f.organization_id = identity.current_organization()
          and f.created_at >= of_day::timestamp at time zone 'UTC'
          and f.created_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by f.organization_id, c.document_id
    $$;

ALTER FUNCTION analytics.opinions_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION opinions_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.opinions_of_day(of_day date) IS 'Thumbs that were given on a day, by the documents that the answers cite, from the rows.';

-- Name: daily_scores; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_scores (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    chatbot_id uuid NOT NULL,
    configuration_id uuid NOT NULL,
    retrievals bigint NOT NULL,
    without_result bigint NOT NULL,
    mean_found double precision,
    scores bigint NOT NULL,
    score_sum double precision,
    score_squares double precision,
    deviation double precision,
    tenth double precision,
    quarter double precision,
    median double precision,
    three_quarters double precision,
    nine_tenths double precision
);

ALTER TABLE ONLY conversations.daily_scores FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_scores OWNER TO millrace_owner;

-- Name: TABLE daily_scores; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_scores IS 'How sure the searches of a day were: the distribution of the best score, by chatbot and configuration.';

-- Name: scores_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.scores_of_day(of_day date) RETURNS SETOF conversations.daily_scores
    LANGUAGE sql STABLE ROWS 10 PARALLEL SAFE
    AS $$
        select l.organization_id, gen_random_uuid(), of_day, l.chatbot_id, l.model_config_version_id,
               count(*), count(*) filter (where l.found = 0), avg(l.found)::double precision,
               count(l.best_score), sum(l.best_score), sum(l.best_score * l.best_score), stddev_samp(l.best_score),
               percentile_cont(0.1) within group (order by l.best_score),
               percentile_cont(0.25) within group (order by l.best_score),
               percentile_cont(0.5) within group (order by l.best_score),
               percentile_cont(0.75) within group (order by l.best_score),
               percentile_cont(0.9) within group (order by l.best_score)
        from conversations.retrieval_logs l
        where l.organization_id = identity.current_organization()
          and l.created_at >= of_day::timestamp at time zone 'UTC'
          and l.created_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by l.organization_id, l.chatbot_id, l.model_config_version_id
    $$;

ALTER FUNCTION analytics.scores_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION scores_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.scores_of_day(of_day date) IS 'How sure the searches of a day were, from the rows.';

-- Name: daily_thumbs; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_thumbs (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    chatbot_id uuid,
    agent_id uuid,
    configuration_id uuid,
    model text,
    source_id uuid,
    language text,
    given bigint NOT NULL,
    positive bigint NOT NULL,
    with_reason bigint NOT NULL
);

ALTER TABLE ONLY conversations.daily_thumbs FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_thumbs OWNER TO millrace_owner;

-- Name: TABLE daily_thumbs; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_thumbs IS 'Thumbs for the answers to the questions of a day, whenever given, in the same parts as daily_answers.';

-- Name: thumbs_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.thumbs_of_day(of_day date) RETURNS SETOF conversations.daily_thumbs
    LANGUAGE sql STABLE ROWS 100 PARALLEL SAFE
    AS $$
        select a.organization_id, gen_random_uuid(), of_day, a.chatbot_id, a.agent_id, a.configuration_id, a.model,
               a.source_id, a.language,
               count(*), count(*) filter (where a.feedback = 'positive'), count(*) filter (where a.reason <> '')
        from analytics.answers_feedback a
        where a.organization_id = identity.current_organization()
          and a.asked_at >= of_day::timestamp at time zone 'UTC'
          and a.asked_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by a.organization_id, a.chatbot_id, a.agent_id, a.configuration_id, a.model, a.source_id, a.language
    $$;

ALTER FUNCTION analytics.thumbs_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION thumbs_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.thumbs_of_day(of_day date) IS 'The thumbs for the answers to a day''s questions, from the rows.';

-- Name: unsummed_days(text); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.unsummed_days(of_sums text) RETURNS TABLE(day date)
    LANGUAGE plpgsql STABLE ROWS 3 PARALLEL SAFE
    AS $$
declare
    own constant uuid := identity.current_organization();
    first timestamptz;
    last timestamptz;
begin
    if of_sums in ('answers', 'thumbs') then
        select min(question_at), max(question_at) into first, last
        from conversations.interactions where organization_id = own;
    elsif of_sums = 'scores' then
        select min(created_at), max(created_at) into first, last
        from conversations.retrieval_logs where organization_id = own;
    elsif of_sums = 'citations' then
        select min(created_at), max(created_at) into first, last
        from conversations.citations where organization_id = own;
    elsif of_sums = 'opinions' then
        select min(created_at), max(created_at) into first, last
        from conversations.message_feedback where organization_id = own;
    else
        select min(created_at), max(created_at) into first, last from conversations.usage where organization_id = own;
    end if;
    return query
        select g.of_day::date from generate_series(
            date_trunc('day', first at time zone 'UTC'), last at time zone 'UTC', interval '1 day') g (of_day)
        where not exists (
            select from conversations.summed_days s where s.organization_id = own and s.day = g.of_day::date)
        union
        select c.day from conversations.changed_days c where c.organization_id = own and c.sums = of_sums;
end
$$;

ALTER FUNCTION analytics.unsummed_days(of_sums text) OWNER TO millrace_owner;

-- Name: FUNCTION unsummed_days(of_sums text); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.unsummed_days(of_sums text) IS 'The days whose answers, thumbs, scores, usage, citations or opinions are read from the rows: those that are not summed, or have changed since.';

-- Name: daily_usage; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.daily_usage (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    chatbot_id uuid,
    agent_id uuid,
    model text NOT NULL,
    api_key_id text,
    door text,
    requests bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    tokens bigint NOT NULL,
    cost numeric,
    unpriced_requests bigint NOT NULL,
    unpriced_tokens bigint NOT NULL,
    response_seconds double precision NOT NULL
);

ALTER TABLE ONLY conversations.daily_usage FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.daily_usage OWNER TO millrace_owner;

-- Name: TABLE daily_usage; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.daily_usage IS 'What was asked of models on a day, by chatbot, agent, model and the key or door that it came by.';

-- Name: usage_of_day(date); Type: FUNCTION; Schema: analytics; Owner: millrace_owner

CREATE FUNCTION analytics.usage_of_day(of_day date) RETURNS SETOF conversations.daily_usage
    LANGUAGE sql STABLE ROWS 100 PARALLEL SAFE
    AS $$
        select u.organization_id, gen_random_uuid(), of_day, u.chatbot_id, u.agent_id, u.model,
               u.api_key_id, u.door, count(*), sum(u.prompt_tokens),
               sum(u.completion_tokens), sum(u.tokens_used), sum(u.cost), count(*) filter (where u.cost is null),
               coalesce(sum(u.tokens_used) filter (where u.cost is null), 0), sum(u.response_time)
        from conversations.usage u
        where u.organization_id = identity.current_organization()
          and u.created_at >= of_day::timestamp at time zone 'UTC'
          and u.created_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by u.organization_id, u.chatbot_id, u.agent_id, u.model, u.api_key_id, u.door
    $$;

ALTER FUNCTION analytics.usage_of_day(of_day date) OWNER TO millrace_owner;

-- Name: FUNCTION usage_of_day(of_day date); Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON FUNCTION analytics.usage_of_day(of_day date) IS 'What was asked of models on a day, from the rows.';

-- Name: keep_configurations_frozen(); Type: FUNCTION; Schema: bots; Owner: millrace_owner

CREATE FUNCTION bots.keep_configurations_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION bots.keep_configurations_frozen() OWNER TO millrace_owner;

-- Name: FUNCTION keep_configurations_frozen(); Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON FUNCTION bots.keep_configurations_frozen() IS 'The life of a configuration: which state follows which, and that nothing else of it changes once it is no draft.';

-- Name: waiting_configurations(); Type: FUNCTION; Schema: bots; Owner: millrace_directory

CREATE FUNCTION bots.waiting_configurations() RETURNS TABLE(id uuid, organization_slug text, model_config_version_id uuid, job text, minutes integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select r.id, o.slug, r.model_config_version_id, r.job,
            (extract(epoch from clock_timestamp() - r.created_at) / 60)::integer
        from bots.configuration_requests r
        join identity.organizations o on o.id = r.organization_id
        where r.begun_at is null
        order by r.created_at
    $$;

ALTER FUNCTION bots.waiting_configurations() OWNER TO millrace_directory;

-- Name: FUNCTION waiting_configurations(); Type: COMMENT; Schema: bots; Owner: millrace_directory

COMMENT ON FUNCTION bots.waiting_configurations() IS 'The configurations that somebody asked to build or measure and that no run has begun with, and for how long.';

-- Name: blank_purged_quotes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.blank_purged_quotes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION conversations.blank_purged_quotes() OWNER TO millrace_owner;

-- Name: FUNCTION blank_purged_quotes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.blank_purged_quotes() IS 'Takes the quote, and what names its place, out of a citation whose version is deleted, whatever deleted it.';

-- Name: citation_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.citation_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'citations');
    perform conversations.note_change(new.organization_id, new.created_at, 'citations');
    return null;
end
$$;

ALTER FUNCTION conversations.citation_changes() OWNER TO millrace_owner;

-- Name: FUNCTION citation_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.citation_changes() IS 'Notes the day of a citation that comes late, changes or goes.';

-- Name: document_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.document_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION conversations.document_changes() OWNER TO millrace_owner;

-- Name: FUNCTION document_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.document_changes() IS 'Notes the days whose questions belong to the source and language of a document that is purged, moves or changes them.';

-- Name: forget_telling_words(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.forget_telling_words() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION conversations.forget_telling_words() OWNER TO millrace_owner;

-- Name: FUNCTION forget_telling_words(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.forget_telling_words() IS 'Takes the words away from a cluster that a question has left, and the cluster with its last question.';

-- Name: interaction_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.interaction_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform conversations.note_change(old.organization_id, old.question_at, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.question_at, 'answers', 'thumbs');
    return null;
end
$$;

ALTER FUNCTION conversations.interaction_changes() OWNER TO millrace_owner;

-- Name: FUNCTION interaction_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.interaction_changes() IS 'Notes the day of a question that comes late, changes or goes.';

-- Name: note_change(uuid, timestamp with time zone, text[]); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.note_change(of_organization uuid, at timestamp with time zone, VARIADIC what text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

ALTER FUNCTION conversations.note_change(of_organization uuid, at timestamp with time zone, VARIADIC what text[]) OWNER TO millrace_owner;

-- Name: FUNCTION note_change(of_organization uuid, at timestamp with time zone, VARIADIC what text[]); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.note_change(of_organization uuid, at timestamp with time zone, VARIADIC what text[]) IS 'Note that these sums of a past day are no longer true; of no day, as the old row of an insertion has, nothing.';

-- Name: note_change_of_answer(uuid, uuid, text[]); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.note_change_of_answer(of_organization uuid, answer uuid, VARIADIC what text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
    if answer is not null then
        perform conversations.note_change(of_organization, i.question_at, variadic what)
        from conversations.interactions i
        where i.organization_id = of_organization and i.answer_id = answer;
    end if;
end
$$;

ALTER FUNCTION conversations.note_change_of_answer(of_organization uuid, answer uuid, VARIADIC what text[]) OWNER TO millrace_owner;

-- Name: FUNCTION note_change_of_answer(of_organization uuid, answer uuid, VARIADIC what text[]); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.note_change_of_answer(of_organization uuid, answer uuid, VARIADIC what text[]) IS 'Note that these sums of the day of an answer''s question are no longer true; of no answer, nothing.';

-- Name: organizations_with_tasks(); Type: FUNCTION; Schema: conversations; Owner: millrace_directory

CREATE FUNCTION conversations.organizations_with_tasks() RETURNS TABLE(organization_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select distinct t.organization_id from conversations.background_tasks t
        where t.status = 'waiting' and t.next_attempt_at <= clock_timestamp()
    $$;

ALTER FUNCTION conversations.organizations_with_tasks() OWNER TO millrace_directory;

-- Name: FUNCTION organizations_with_tasks(); Type: COMMENT; Schema: conversations; Owner: millrace_directory

COMMENT ON FUNCTION conversations.organizations_with_tasks() IS 'The organizations with work of background agents that is due.';

-- Name: retrieval_log_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.retrieval_log_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'scores');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'scores');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'answers', 'thumbs');
    return null;
end
$$;

ALTER FUNCTION conversations.retrieval_log_changes() OWNER TO millrace_owner;

-- Name: FUNCTION retrieval_log_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.retrieval_log_changes() IS 'Notes the days of a retrieval that comes late, changes or goes.';

-- Name: thumb_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.thumb_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'opinions');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'opinions');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'thumbs');
    return null;
end
$$;

ALTER FUNCTION conversations.thumb_changes() OWNER TO millrace_owner;

-- Name: FUNCTION thumb_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.thumb_changes() IS 'Notes the days of a thumb, and of the question whose answer gets, changes or loses it.';

-- Name: usage_changes(); Type: FUNCTION; Schema: conversations; Owner: millrace_owner

CREATE FUNCTION conversations.usage_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform conversations.note_change(old.organization_id, old.created_at, 'usage');
    perform conversations.note_change_of_answer(old.organization_id, old.message_id, 'answers', 'thumbs');
    perform conversations.note_change(new.organization_id, new.created_at, 'usage');
    perform conversations.note_change_of_answer(new.organization_id, new.message_id, 'answers', 'thumbs');
    return null;
end
$$;

ALTER FUNCTION conversations.usage_changes() OWNER TO millrace_owner;

-- Name: FUNCTION usage_changes(); Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON FUNCTION conversations.usage_changes() IS 'Notes the days of what was used, where that comes late, changes or goes.';

-- Name: browser_session_holder(uuid); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.browser_session_holder(session_id uuid) RETURNS TABLE(organization_id uuid, id uuid, user_id uuid, name text, digest bytea, role text, rate_limit_per_hour integer, rate_limit_per_day integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select s.organization_id, s.id, s.user_id, u.username, s.digest, m.role, m.rate_limit_per_hour,
            m.rate_limit_per_day
        from identity.browser_sessions s
        join identity.users u on u.organization_id = s.organization_id and u.id = s.user_id
        join identity.memberships m on m.organization_id = s.organization_id and m.user_id = s.user_id
        where s.id = session_id and s.ended_at is null and s.expires_at > clock_timestamp() and u.is_active
    $$;

ALTER FUNCTION identity.browser_session_holder(session_id uuid) OWNER TO millrace_directory;

-- Name: FUNCTION browser_session_holder(session_id uuid); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.browser_session_holder(session_id uuid) IS 'The person, role, limits and digest of a browser that is signed in now; no row for any other.';

-- Name: current_organization(); Type: FUNCTION; Schema: identity; Owner: millrace_owner

CREATE FUNCTION identity.current_organization() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('millrace.organization_id'::text, true), ''::text))::uuid;

ALTER FUNCTION identity.current_organization() OWNER TO millrace_owner;

-- Name: FUNCTION current_organization(); Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON FUNCTION identity.current_organization() IS 'The organization of this transaction, or null. A pooled connection leaves an empty string behind: that is null too.';

-- Name: forget_audit_entries(uuid, uuid[], timestamp with time zone); Type: FUNCTION; Schema: identity; Owner: millrace_owner

CREATE FUNCTION identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        delete from identity.audit_log a
        where a.organization_id = whose and a.id = any (ids)
          and a.at <= coalesce(as_of, clock_timestamp()) - make_interval(days => coalesce(
              (select r.audit_days from identity.retention_settings r where r.organization_id = whose), 365))
    $$;

ALTER FUNCTION identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone) OWNER TO millrace_owner;

-- Name: FUNCTION forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone); Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON FUNCTION identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone) IS 'Take away entries of the audit log that the rule of the organization no longer keeps; pipelines only.';

-- Name: key_holder(uuid); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.key_holder(key_id uuid) RETURNS TABLE(organization_id uuid, id uuid, user_id uuid, name text, digest bytea, scopes text[], rate_limit_per_hour integer, rate_limit_per_day integer)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select k.organization_id, k.id, k.user_id, k.name, k.digest, k.scopes, k.rate_limit_per_hour,
            k.rate_limit_per_day
        from identity.api_keys k
        where k.id = key_id
          and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > clock_timestamp())
          and (k.user_id is null or exists (
              select from identity.users u
              where u.organization_id = k.organization_id and u.id = k.user_id and u.is_active))
    $$;

ALTER FUNCTION identity.key_holder(key_id uuid) OWNER TO millrace_directory;

-- Name: FUNCTION key_holder(key_id uuid); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.key_holder(key_id uuid) IS 'The organization, digest, scopes and limits of a key that is valid now; no row for any other.';

-- Name: organization_directory(); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.organization_directory() RETURNS TABLE(id uuid, slug text, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$ select o.id, o.slug, o.name from identity.organizations o order by o.slug $$;

ALTER FUNCTION identity.organization_directory() OWNER TO millrace_directory;

-- Name: FUNCTION organization_directory(); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.organization_directory() IS 'All organizations; pipelines only.';

-- Name: organization_of_analyst(); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.organization_of_analyst() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $_$
        select l.organization_id from identity.analyst_logins l
        where l.id = substring(session_user from '^millrace_analyst_([0-9a-f]{32})$')::uuid
    $_$;

ALTER FUNCTION identity.organization_of_analyst() OWNER TO millrace_directory;

-- Name: FUNCTION organization_of_analyst(); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.organization_of_analyst() IS 'The organization that whoever logged in as an analyst is bound to; null for everybody else.';

-- Name: organizations_to_notify(); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.organizations_to_notify() RETURNS TABLE(organization_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select distinct d.organization_id from identity.notification_deliveries d
        where d.status = 'waiting' and d.next_attempt_at <= clock_timestamp()
    $$;

ALTER FUNCTION identity.organizations_to_notify() OWNER TO millrace_directory;

-- Name: FUNCTION organizations_to_notify(); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.organizations_to_notify() IS 'The organizations with deliveries that are due; pipelines only.';

-- Name: protect(regclass, name); Type: PROCEDURE; Schema: identity; Owner: millrace_owner

CREATE PROCEDURE identity.protect(IN target regclass, IN organization_column name DEFAULT 'organization_id'::name)
    LANGUAGE plpgsql
    AS $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy tenant on %s using (%I = identity.current_organization()) '
        'with check (%I = identity.current_organization())',
        target, organization_column, organization_column);
    execute format('grant select, insert, update, delete on %s to millrace_pipeline', target);
    execute format('grant select on %s to millrace_api', target);
    if exists (select from pg_attribute where attrelid = target and attname = 'updated_at' and not attisdropped) then
        execute format('create trigger touch_updated_at before update on %s '
                       'for each row execute function identity.touch_updated_at()', target);
    end if;
end
$$;

ALTER PROCEDURE identity.protect(IN target regclass, IN organization_column name) OWNER TO millrace_owner;

-- Name: PROCEDURE protect(IN target regclass, IN organization_column name); Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON PROCEDURE identity.protect(IN target regclass, IN organization_column name) IS 'Make a table a tenant table: row-level security (forced), its policy, the grants and the clock of updated_at.';

-- Name: sealing_key(bytea); Type: FUNCTION; Schema: identity; Owner: millrace_owner

CREATE FUNCTION identity.sealing_key(sealed bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((length(sealed) > 4) AND (substr(sealed, 1, 3) = '\x6d7231'::bytea)) THEN encode(substr(sealed, 5, get_byte(sealed, 3)), 'escape'::text) ELSE NULL::text END;

ALTER FUNCTION identity.sealing_key(sealed bytea) OWNER TO millrace_owner;

-- Name: FUNCTION sealing_key(sealed bytea); Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON FUNCTION identity.sealing_key(sealed bytea) IS 'The id of the key that wraps a sealed secret, which is no secret itself; null for what is none.';

-- Name: sign_in_link_holder(uuid); Type: FUNCTION; Schema: identity; Owner: millrace_directory

CREATE FUNCTION identity.sign_in_link_holder(link_id uuid) RETURNS TABLE(organization_id uuid, id uuid, user_id uuid, digest bytea)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select l.organization_id, l.id, l.user_id, l.digest
        from identity.sign_in_links l
        join identity.users u on u.organization_id = l.organization_id and u.id = l.user_id
        where l.id = link_id and l.used_at is null and l.expires_at > clock_timestamp() and u.is_active
    $$;

ALTER FUNCTION identity.sign_in_link_holder(link_id uuid) OWNER TO millrace_directory;

-- Name: FUNCTION sign_in_link_holder(link_id uuid); Type: COMMENT; Schema: identity; Owner: millrace_directory

COMMENT ON FUNCTION identity.sign_in_link_holder(link_id uuid) IS 'The person and digest of a link that works now; no row for any other.';

-- Name: touch_updated_at(); Type: FUNCTION; Schema: identity; Owner: millrace_owner

CREATE FUNCTION identity.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.updated_at := now();
    return new;
end
$$;

ALTER FUNCTION identity.touch_updated_at() OWNER TO millrace_owner;

-- Name: FUNCTION touch_updated_at(); Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON FUNCTION identity.touch_updated_at() IS 'The clock of updated_at; identity.protect puts it on a table.';

-- Name: documents; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.documents (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    data_source_id uuid NOT NULL,
    file_type_id uuid,
    title text NOT NULL,
    original_filename text NOT NULL,
    file_path text NOT NULL COLLATE pg_catalog."C",
    file_size bigint NOT NULL,
    modified_ns bigint,
    mime_type text,
    language text,
    status text DEFAULT 'pending'::text NOT NULL,
    processing_log jsonb DEFAULT '[]'::jsonb NOT NULL,
    source_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    current_version_id uuid,
    expires_at timestamp with time zone,
    soft_deleted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    revision text,
    address text,
    source_title text,
    parent_id uuid,
    soft_deleted_reason text,
    unpacked_checksum text,
    CONSTRAINT documents_file_size_check CHECK ((file_size >= 0)),
    CONSTRAINT documents_processing_log_check CHECK ((jsonb_typeof(processing_log) = 'array'::text)),
    CONSTRAINT documents_soft_deleted_reason_check CHECK ((soft_deleted_reason = ANY (ARRAY['vanished'::text, 'expired'::text, 'removed'::text]))),
    CONSTRAINT documents_source_metadata_check CHECK ((jsonb_typeof(source_metadata) = 'object'::text)),
    CONSTRAINT documents_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'ready'::text, 'failed'::text])))
);

ALTER TABLE ONLY knowledge.documents FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.documents OWNER TO millrace_owner;

-- Name: TABLE documents; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.documents IS 'One item of a source. Readers see current_version_id; a newer version waits beside it until its chunks and vectors are whole.';

-- Name: COLUMN documents.revision; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.revision IS 'The source''s own word for the state of the item: an etag, a version, a hash. Of a member: the bytes of its container.';

-- Name: COLUMN documents.address; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.address IS 'Where a person finds the item.';

-- Name: COLUMN documents.source_title; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.source_title IS 'What the source calls the item; its title where the text names none.';

-- Name: COLUMN documents.parent_id; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.parent_id IS 'The archive or mailbox that the item is a member of.';

-- Name: COLUMN documents.soft_deleted_reason; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.soft_deleted_reason IS 'vanished: its source lists it no more; expired: its time was over; removed: its source was.';

-- Name: COLUMN documents.unpacked_checksum; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.documents.unpacked_checksum IS 'Of a container: the bytes whose members are documents now. Each of these has it as its revision.';

-- Name: date_of(knowledge.documents); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.date_of(document knowledge.documents) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        select coalesce(
            timestamptz '1970-01-01 00:00:00+00' + document.modified_ns / 1000 * interval '1 microsecond',
            (select v.created_at from knowledge.document_versions v
             where v.organization_id = document.organization_id and v.id = document.current_version_id))
    $$;

ALTER FUNCTION knowledge.date_of(document knowledge.documents) OWNER TO millrace_owner;

-- Name: FUNCTION date_of(document knowledge.documents); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.date_of(document knowledge.documents) IS 'When its source changed a document; where that is not known, when its content arrived.';

-- Name: dense_search(public.vector, uuid, text, uuid[], uuid[], integer, integer, integer, double precision); Type: FUNCTION; Schema: knowledge; Owner: millrace_search

CREATE FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision DEFAULT NULL::double precision) RETURNS TABLE(id uuid, distance double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER COST 10000 ROWS 200
    SET search_path TO 'pg_catalog', 'public'
    SET jit TO 'off'
    SET work_mem TO '16MB'
    SET max_parallel_workers_per_gather TO '0'
    SET enable_mergejoin TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_indexscan TO 'on'
    SET enable_bitmapscan TO 'on'
    SET enable_sort TO 'on'
    AS $_$
declare
    organization constant uuid := identity.current_organization();
    dimensions constant integer := vector_dims(question);
    visible constant text := 'c.organization_id = $2 and c.recipe = $3 and c.is_active '
        'and ($4 is null or c.data_source_id = any ($4)) and '
        -- Of many documents a hash is made; written plainly the planner would look at each, three times.
        || case when documents is null then '$5 is null'
                when cardinality(documents) <= 1000 then 'c.document_id = any ($5)'
                else '(c.document_id in (select unnest($5))) is true' end;
    gathering constant text := 'select array(select c.content_hash from knowledge.chunks c where ' || visible || ' limit $1)';
    is_whole constant boolean := sources is null and documents is null;
    indexed double precision;
    total bigint;
    few integer;
    walking text;
    wide integer;
    walked integer;
    passed record;
    is_low boolean;
    contents bytea[];
    ids uuid[];
    distances double precision[];
begin
    if organization is null or model is null or question is null or (breadth > 0 and floor >= 1) then
        return;
    end if;
    if breadth > 0 then
        select c.reltuples into indexed
        from pg_class c
        join pg_index i on i.indexrelid = c.oid
        where c.relnamespace = 'knowledge'::regnamespace and c.relname = 'dense_' || replace(model::text, '-', '')
          and i.indisvalid;
    end if;
    if indexed > 0 then
        -- Comparing `few` costs about what it costs to find `enough` of them along the index: a step there is sixteen
        -- times a comparison, and enough * indexed / few steps are needed.
        few := sqrt(16 * enough * indexed);
        walking := format(
            'select e.distance, c.id from ('
            '    select e.content_hash, e.embedding <=> $1 as distance from knowledge.embeddings e'
            '    where e.organization_id = $2 and e.embedding_model_id = %L'
            '    order by e.embedding::halfvec(%s) <=> $1::halfvec(%s)) e '
            'left join lateral ('
            '    select c.id from knowledge.chunks c where c.content_hash = e.content_hash and ' || visible || ') c on true',
            model, dimensions, dimensions);
    end if;
    for turn in case when floor is null then 2 else 1 end .. case when indexed > 0 then 2 else 0 end loop
        if turn = 1 then
            wide := least(breadth, 100);
        else
            if is_whole then
                select sum(s.chunk_count) into total
                from knowledge.text_statistics s where s.organization_id = organization and s.recipe = wanted_recipe;
            end if;
            if total > few is not true then
                execute gathering into contents using few + 1, organization, wanted_recipe, sources, documents;
                exit when cardinality(contents) <= few;
            end if;
            -- Ten times as many ask for twice the breadth and more to be as sure of what is nearest. So it is where some
            -- are passed over, since less of what is met remains.
            wide := least(1000, breadth * case when is_whole then greatest(1, 1 + 1.5 * log(indexed / 100000)) else 2.5 end);
        end if;
        perform set_config('hnsw.ef_search', wide::text, true),
                set_config('hnsw.iterative_scan', case turn when 1 then 'off' else 'relaxed_order' end, true),
                set_config('hnsw.scan_mem_multiplier', '4', true),
                set_config('hnsw.max_scan_tuples', greatest(few / 4, 4 * wide)::text, true),
                set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
        ids := '{}';
        distances := '{}';
        walked := 0;
        for passed in execute walking using question, organization, wanted_recipe, sources, documents
        loop
            walked := walked + 1;
            is_low := passed.distance >= 1 - floor;
            if passed.id is not null and is_low is not true then
                ids := ids || passed.id;
                distances := distances || passed.distance;
            end if;
            exit when is_low or cardinality(ids) >= at_most or (turn = 2 and walked >= wide and cardinality(ids) >= enough);
        end loop;
        if is_low or (turn = 2 and cardinality(ids) >= enough) then
            return query
                select f.id, f.distance from unnest(ids, distances) f (id, distance) order by f.distance, f.id limit at_most;
            return;
        end if;
        contents := null;
        perform set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true);
    end loop;
    if contents is null then
        execute gathering into contents using null::integer, organization, wanted_recipe, sources, documents;
    end if;
    -- Found in the order of their hashes and read in the order in which they lie, many take half the time of looking each
    -- up. The memory is for where they lie: if pages alone were noted, each vector there would be looked for in the array.
    if cardinality(contents) > 500 then
        perform set_config('work_mem', greatest(16384, cardinality(contents) / 8)::text, true),
                set_config('enable_indexscan', 'off', true);
    end if;
    return query execute
        'with nearest as materialized ('
        '    select e.content_hash, (e.embedding <=> $1) + 0 as distance from knowledge.embeddings e'
        '    where e.organization_id = $2 and e.embedding_model_id = $7 and e.content_hash = any ($8)'
        '    order by distance, e.content_hash limit $6) '
        'select c.id, n.distance from nearest n join knowledge.chunks c on c.content_hash = n.content_hash '
        'where ' || visible || ' order by n.distance, c.id limit $6'
        using question, organization, wanted_recipe, sources, documents, at_most, model, contents;
end
$_$;

ALTER FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision) OWNER TO millrace_search;

-- Name: FUNCTION dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision); Type: COMMENT; Schema: knowledge; Owner: millrace_search

COMMENT ON FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision) IS 'The chunks of this transaction''s organization that are nearest by cosine, nearest first: exactly at a breadth of 0 or where few can be seen, else along the model''s index.';

-- Name: instant_said(text); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.instant_said(said text) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    AS $_$
    begin
        -- without a zone UTC is meant
        if said ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[-+][0-9]{2}(:?[0-9]{2})?)?)?$' then
            return said::timestamptz;
        end if;
        return null;
    exception when datetime_field_overflow or invalid_datetime_format or invalid_time_zone_displacement_value then
        return null;
    end
    $_$;

ALTER FUNCTION knowledge.instant_said(said text) OWNER TO millrace_owner;

-- Name: FUNCTION instant_said(said text); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.instant_said(said text) IS 'The instant that a field says in ISO 8601, UTC where it names no zone; null where it says none.';

-- Name: is_such_instant(timestamp with time zone, text, timestamp with time zone[]); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.is_such_instant(said timestamp with time zone, test text, wanted timestamp with time zone[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'lt' then said < wanted[1]
            when 'lte' then said <= wanted[1]
            when 'gt' then said > wanted[1]
            when 'gte' then said >= wanted[1]
        end, false)
    $$;

ALTER FUNCTION knowledge.is_such_instant(said timestamp with time zone, test text, wanted timestamp with time zone[]) OWNER TO millrace_owner;

-- Name: FUNCTION is_such_instant(said timestamp with time zone, test text, wanted timestamp with time zone[]); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.is_such_instant(said timestamp with time zone, test text, wanted timestamp with time zone[]) IS 'Whether an instant is such.';

-- Name: is_such_number(numeric, text, numeric[]); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.is_such_number(said numeric, test text, wanted numeric[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'lt' then said < wanted[1]
            when 'lte' then said <= wanted[1]
            when 'gt' then said > wanted[1]
            when 'gte' then said >= wanted[1]
        end, false)
    $$;

ALTER FUNCTION knowledge.is_such_number(said numeric, test text, wanted numeric[]) OWNER TO millrace_owner;

-- Name: FUNCTION is_such_number(said numeric, test text, wanted numeric[]); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.is_such_number(said numeric, test text, wanted numeric[]) IS 'Whether a number is such.';

-- Name: is_such_text(text, text, text[]); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.is_such_text(said text, test text, wanted text[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        select coalesce(case test
            when 'in' then said = any (wanted)
            when 'contains' then position(lower(wanted[1]) in lower(said)) > 0
            when 'lt' then said collate "C" < wanted[1]
            when 'lte' then said collate "C" <= wanted[1]
            when 'gt' then said collate "C" > wanted[1]
            when 'gte' then said collate "C" >= wanted[1]
        end, false)
    $$;

ALTER FUNCTION knowledge.is_such_text(said text, test text, wanted text[]) OWNER TO millrace_owner;

-- Name: FUNCTION is_such_text(said text, test text, wanted text[]); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.is_such_text(said text, test text, wanted text[]) IS 'Whether a field says such words; upper and lower case are one for contains alone.';

-- Name: keep_held_documents(); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.keep_held_documents() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    hold text;
begin
    select h.name into hold from knowledge.legal_holds h
    where h.organization_id = old.organization_id and h.released_at is null
      and (h.document_id = old.id or h.data_source_id = old.data_source_id)
    order by h.created_at limit 1;
    if hold is not null then
        raise exception 'document % is on legal hold (%)', old.id, hold using errcode = 'integrity_constraint_violation';
    end if;
    return old;
end
$$;

ALTER FUNCTION knowledge.keep_held_documents() OWNER TO millrace_owner;

-- Name: FUNCTION keep_held_documents(); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.keep_held_documents() IS 'Refuses to delete a document for good while a legal hold names it or its source, whoever asks and by whatever cascade.';

-- Name: keep_receipts(); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.keep_receipts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    -- only the end of a whole organization, which cascades, takes its receipts
    if pg_trigger_depth() = 1 then
        raise exception 'receipts of erasures are never changed and never deleted'
            using errcode = 'insufficient_privilege';
    end if;
    return null;
end
$$;

ALTER FUNCTION knowledge.keep_receipts() OWNER TO millrace_owner;

-- Name: FUNCTION keep_receipts(); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.keep_receipts() IS 'Refuses to change or delete receipts, for the tables'' owner too.';

-- Name: keep_versions_immutable(); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.keep_versions_immutable() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.checksum <> old.checksum or new.document_id <> old.document_id or new.number <> old.number
       or (old.text is not null and new.text is distinct from old.text) then
        raise exception 'version % of document % is immutable: make a new version', old.number, old.document_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

ALTER FUNCTION knowledge.keep_versions_immutable() OWNER TO millrace_owner;

-- Name: FUNCTION keep_versions_immutable(); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.keep_versions_immutable() IS 'Refuses to change what a version says: its bytes, its place, and its text once that is known.';

-- Name: lexeme_count(tsvector); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.lexeme_count(lexemes tsvector) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT (COALESCE(sum(cardinality(t.positions)), (0)::bigint))::integer AS "coalesce" FROM unnest(lexeme_count.lexemes) t(lexeme, positions, weights));

ALTER FUNCTION knowledge.lexeme_count(lexemes tsvector) OWNER TO millrace_owner;

-- Name: FUNCTION lexeme_count(lexemes tsvector); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.lexeme_count(lexemes tsvector) IS 'The length of a text in lexemes, repetitions counted.';

-- Name: lexical_search(tsquery, public.sparsevec, text, uuid[], uuid[], integer, tsquery); Type: FUNCTION; Schema: knowledge; Owner: millrace_search

CREATE FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery DEFAULT NULL::tsquery) RETURNS TABLE(id uuid, content_hash bytea, score double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
        select c.id, c.content_hash, -(c.weights <#> term_weights) as score
        from (
            select c.id, c.content_hash, c.weights, c.lexemes
            from knowledge.chunks c
            where c.organization_id = identity.current_organization()
              and c.is_active
              and c.recipe = wanted_recipe
              and (c.lexemes || array_to_tsvector(array[c.organization_id::text, c.data_source_id::text])) @@ (
                      select candidates && string_agg(quote_literal(owner), ' | ')::tsquery
                      from unnest(case when cardinality(sources) <= 20 then sources
                                   else array[identity.current_organization()] end::text[]) owner)
              and (sources is null or c.data_source_id = any (sources))
              and (documents is null or c.document_id in (select unnest(documents)))
            limit 20000
        ) c
        where phrases is null or c.lexemes @@ phrases
        order by c.weights <#> term_weights, c.id
        limit at_most
    $$;

ALTER FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery) OWNER TO millrace_search;

-- Name: FUNCTION lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery); Type: COMMENT; Schema: knowledge; Owner: millrace_search

COMMENT ON FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery) IS 'The chunks of this transaction''s organization that hold one of the candidates'' lexemes, best BM25 first.';

-- Name: lexical_weights(tsvector, integer, double precision); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision) RETURNS public.sparsevec
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        select ('{' || coalesce(string_agg(dimension || ':' || weight, ',' order by dimension), '') || '}/1000000000')::public.sparsevec
        from (
            select 1 + (pg_catalog.hashtextextended(t.lexeme, 0) & 9223372036854775807) % 1000000000 as dimension,
                   sum(n * 1.75::double precision / (n + length.penalty))::real as weight
            from (select 0.75::double precision * (0.25::double precision
                      + 0.75::double precision * lexeme_count / average_length) as penalty offset 0) length,
                 unnest(lexemes) t, coalesce(cardinality(t.positions), 1) n
            group by 1
        ) terms
    $$;

ALTER FUNCTION knowledge.lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision) OWNER TO millrace_owner;

-- Name: FUNCTION lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision) IS 'BM25 term weights tf(k1+1) / (tf + k1(1-b + b length/average)), k1 = 0.75, b = 0.75 (Robertson and Zaragoza 2009), at the hash of each lexeme.';

-- Name: matching_documents(uuid[], jsonb, uuid[]); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.matching_documents(sources uuid[], wanted jsonb, candidates uuid[] DEFAULT NULL::uuid[]) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog'
    SET plan_cache_mode TO 'force_custom_plan'
    AS $$
    declare
        kind constant text := wanted ->> 'is';
        names constant text[] := array(
            select jsonb_array_elements_text(case when jsonb_typeof(wanted -> 'values') = 'array' then wanted -> 'values' end));
        part jsonb;
        found uuid[] := candidates;
    begin
        if kind = 'all' then
            for part in select jsonb_array_elements(wanted -> 'parts') loop
                found := knowledge.matching_documents(sources, part, found);
                exit when cardinality(found) = 0;
            end loop;
            return found;
        elsif kind = 'any' then
            return array(
                select distinct unnest(knowledge.matching_documents(sources, p, candidates))
                from jsonb_array_elements(wanted -> 'parts') p);
        elsif kind is null or kind not in
                ('none', 'source', 'tag', 'file_type', 'language', 'path', 'since', 'before', 'text', 'number', 'date', 'exists') then
            raise exception 'there is no condition % in a filter of documents', kind using errcode = 'invalid_parameter_value';
        end if;
        if kind = 'none' then
            found := knowledge.matching_documents(sources, wanted -> 'part', candidates);
        end if;
        return array(
            select d.id
            from knowledge.documents d
            where d.organization_id = identity.current_organization()
              and d.soft_deleted_at is null and d.current_version_id is not null
              and (sources is null or d.data_source_id = any (sources))
              and (candidates is null or d.id = any (candidates))
              and case kind
                  when 'none' then d.id <> all (found)
                  when 'source' then d.data_source_id in (
                      select s.id from knowledge.data_sources s
                      where s.organization_id = identity.current_organization() and s.deleted_at is null
                        and (s.name = any (names) or s.id::text = any (names)))
                  when 'tag' then d.data_source_id in (
                      select b.data_source_id
                      from knowledge.tags t
                      join knowledge.data_source_tags b on b.organization_id = t.organization_id and b.tag_id = t.id
                      where t.organization_id = identity.current_organization() and t.deleted_at is null
                        and (t.name = any (names) or t.id::text = any (names)))
                  when 'file_type' then d.file_type_id in (
                      select f.id from knowledge.file_types f
                      where f.organization_id = identity.current_organization()
                        and (f.name = any (names) or f.id::text = any (names) or f.extensions && names))
                  when 'language' then d.language = any (names)
                  when 'path' then d.file_path ~ (wanted ->> 'expression')
                  when 'since' then coalesce(timestamptz '1970-01-01 00:00:00+00' + d.modified_ns / 1000 * interval '1 microsecond',
                                        knowledge.date_of(d)) >= (wanted ->> 'value')::timestamptz
                  when 'before' then coalesce(timestamptz '1970-01-01 00:00:00+00' + d.modified_ns / 1000 * interval '1 microsecond',
                                        knowledge.date_of(d)) < (wanted ->> 'value')::timestamptz
                  when 'exists' then d.source_metadata ->> (wanted ->> 'field') is not null
                  when 'text' then knowledge.is_such_text(
                      d.source_metadata ->> (wanted ->> 'field'), wanted ->> 'test', names)
                  when 'number' then knowledge.is_such_number(
                      knowledge.number_said(d.source_metadata ->> (wanted ->> 'field')), wanted ->> 'test', names::numeric[])
                  when 'date' then knowledge.is_such_instant(
                      knowledge.instant_said(d.source_metadata ->> (wanted ->> 'field')), wanted ->> 'test', names::timestamptz[])
                  end);
    end
    $$;

ALTER FUNCTION knowledge.matching_documents(sources uuid[], wanted jsonb, candidates uuid[]) OWNER TO millrace_owner;

-- Name: FUNCTION matching_documents(sources uuid[], wanted jsonb, candidates uuid[]); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.matching_documents(sources uuid[], wanted jsonb, candidates uuid[]) IS 'The documents of these sources (null: of all) that readers see and that a filter lets through, of the candidates alone where there are any.';

-- Name: number_said(text); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.number_said(said text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
        select case when said ~ '^\s*[-+]?([0-9]{1,40}([.][0-9]{0,40})?|[.][0-9]{1,40})([eE][-+]?[0-9]{1,2})?\s*$'
                    then said::numeric end
    $_$;

ALTER FUNCTION knowledge.number_said(said text) OWNER TO millrace_owner;

-- Name: FUNCTION number_said(said text); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.number_said(said text) IS 'The number that a field says, null where it says none.';

-- Name: refresh_planner_statistics(); Type: FUNCTION; Schema: knowledge; Owner: millrace_owner

CREATE FUNCTION knowledge.refresh_planner_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
begin
    if not exists (
        select from pg_class c join pg_stat_all_tables s on s.relid = c.oid
        where c.oid in ('knowledge.chunks'::regclass, 'knowledge.embeddings'::regclass,
                        'knowledge.documents'::regclass, 'knowledge.lexeme_frequencies'::regclass)
          and (c.reltuples < 0 or s.n_mod_since_analyze > 0.1 * c.reltuples))
    then
        return;
    end if;
    analyze knowledge.chunks (id, organization_id, recipe, data_source_id, document_id, document_version_id, content_hash, is_active);
    analyze knowledge.embeddings (organization_id, embedding_model_id, content_hash);
    analyze knowledge.documents (id, organization_id, data_source_id, status, current_version_id);
    analyze knowledge.lexeme_frequencies;
end
$$;

ALTER FUNCTION knowledge.refresh_planner_statistics() OWNER TO millrace_owner;

-- Name: FUNCTION refresh_planner_statistics(); Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON FUNCTION knowledge.refresh_planner_statistics() IS 'Analyze what syncs change; pipelines only.';

-- Name: source_directory(); Type: FUNCTION; Schema: knowledge; Owner: millrace_directory

CREATE FUNCTION knowledge.source_directory() RETURNS TABLE(organization_id uuid, organization_slug text, id uuid, name text, status text, auto_sync boolean, sync_frequency integer, cron text, time_zone text, created_at timestamp with time zone, last_sync timestamp with time zone, leased_until timestamp with time zone, leased_to text, is_asked_for boolean, took_s double precision)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
        select s.organization_id, o.slug, s.id, s.name, s.status, s.auto_sync, s.sync_frequency, s.cron, s.time_zone,
            s.created_at, s.last_sync, l.expires_at, l.holder,
            exists (select from knowledge.training_jobs j
                    where j.organization_id = s.organization_id and j.data_source_id = s.id and j.status = 'queued'),
            (select extract(epoch from j.completed_at - j.started_at)::double precision
             from knowledge.training_jobs j
             where j.organization_id = s.organization_id and j.data_source_id = s.id
               and j.status in ('completed', 'failed') and j.started_at is not null
             order by j.created_at desc limit 1)
        from knowledge.data_sources s
        join identity.organizations o on o.id = s.organization_id
        left join knowledge.leases l
            on l.organization_id = s.organization_id and l.data_source_id = s.id and l.holder is not null
        where s.deleted_at is null
        order by o.slug, s.name
    $$;

ALTER FUNCTION knowledge.source_directory() OWNER TO millrace_directory;

-- Name: FUNCTION source_directory(); Type: COMMENT; Schema: knowledge; Owner: millrace_directory

COMMENT ON FUNCTION knowledge.source_directory() IS 'The sources of all organizations and how their syncs stand, without their configuration; pipelines only.';

-- Name: data_source_tags; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.data_source_tags (
    organization_id uuid NOT NULL,
    data_source_id uuid NOT NULL,
    tag_id uuid NOT NULL
);

ALTER TABLE ONLY knowledge.data_source_tags FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.data_source_tags OWNER TO millrace_owner;

-- Name: TABLE data_source_tags; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.data_source_tags IS 'Which tags a source bears.';

-- Name: data_sources; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.data_sources (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    source_type text NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    config jsonb DEFAULT '{}'::jsonb NOT NULL,
    credentials bytea,
    auto_sync boolean DEFAULT true NOT NULL,
    sync_frequency integer DEFAULT 3600 NOT NULL,
    last_sync timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    cron text,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    deletion_share double precision DEFAULT 0.3 NOT NULL,
    deletion_floor integer DEFAULT 20 NOT NULL,
    retention_days integer,
    CONSTRAINT data_sources_config_check CHECK ((jsonb_typeof(config) = 'object'::text)),
    CONSTRAINT data_sources_deletion_floor_check CHECK ((deletion_floor >= 0)),
    CONSTRAINT data_sources_deletion_share_check CHECK (((deletion_share >= (0)::double precision) AND (deletion_share <= (1)::double precision))),
    CONSTRAINT data_sources_name_check CHECK (((name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'::text) AND (name !~~ '%..%'::text))),
    CONSTRAINT data_sources_retention_days_check CHECK ((retention_days > 0)),
    CONSTRAINT data_sources_source_type_check CHECK ((source_type = ANY (ARRAY['file'::text, 'web'::text, 'database'::text, 'api'::text, 'upload'::text]))),
    CONSTRAINT data_sources_status_check CHECK ((status = ANY (ARRAY['active'::text, 'inactive'::text, 'error'::text]))),
    CONSTRAINT data_sources_sync_frequency_check CHECK ((sync_frequency >= 10))
);

ALTER TABLE ONLY knowledge.data_sources FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.data_sources OWNER TO millrace_owner;

-- Name: TABLE data_sources; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.data_sources IS 'Where documents come from. It is synced by its cron (in its time zone) where it has one, else every sync_frequency seconds. A sync that would delete more than deletion_share of its documents, and at least deletion_floor, waits for approval. credentials are encrypted; a name stands once in an organization.';

-- Name: COLUMN data_sources.retention_days; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.data_sources.retention_days IS 'A document goes this many days after its content last changed; null: as its owner says, or else the organization.';

-- Name: tags; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.tags (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT tags_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY knowledge.tags FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.tags OWNER TO millrace_owner;

-- Name: TABLE tags; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.tags IS 'Labels that group sources and say which sources an agent reads.';

-- Name: all_sources; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.all_sources WITH (security_invoker='true') AS
 SELECT o.organization_id,
    o.id AS source_id,
    o.name AS source,
    COALESCE(t.tags, '{}'::text[]) AS tags,
    (o.deleted_at IS NOT NULL) AS is_deleted
   FROM (knowledge.data_sources o
     LEFT JOIN LATERAL ( SELECT array_agg(t_1.name ORDER BY t_1.name) AS tags
           FROM (knowledge.data_source_tags b
             JOIN knowledge.tags t_1 ON (((t_1.organization_id = b.organization_id) AND (t_1.id = b.tag_id))))
          WHERE ((b.organization_id = o.organization_id) AND (b.data_source_id = o.id) AND (t_1.deleted_at IS NULL))) t ON (true));

ALTER VIEW analytics.all_sources OWNER TO millrace_owner;

-- Name: VIEW all_sources; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.all_sources IS 'One row for each source, with its tags; the views that tell of sources name them from here.
Example: how many sources bear each tag:
select tag, count(*) from analytics.all_sources, unnest(tags) tag where not is_deleted group by 1 order by 2 desc;';

-- Name: COLUMN all_sources.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.all_sources.organization_id IS 'Whose it is.';

-- Name: COLUMN all_sources.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.all_sources.source_id IS 'The source.';

-- Name: COLUMN all_sources.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.all_sources.source IS 'The name that it has now.';

-- Name: COLUMN all_sources.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.all_sources.tags IS 'The names of its tags, in their order; empty where it has none.';

-- Name: COLUMN all_sources.is_deleted; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.all_sources.is_deleted IS 'Whether it is gone, and only past questions tell of it.';

-- Name: agents; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.agents (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid NOT NULL,
    user_id uuid,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    type text DEFAULT 'user-facing'::text NOT NULL,
    model_provider text,
    model_name text,
    model_parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    conversation_mode text DEFAULT 'multi-turn'::text NOT NULL,
    context_window integer DEFAULT 8000 NOT NULL,
    memory_retention_days integer,
    system_prompt text DEFAULT ''::text NOT NULL,
    user_prompt_template text DEFAULT ''::text NOT NULL,
    temperature double precision,
    max_tokens integer,
    top_p double precision,
    frequency_penalty double precision,
    presence_penalty double precision,
    bias double precision,
    stickness double precision,
    default_message text DEFAULT 'I could not find an answer in the documents.'::text NOT NULL,
    use_all_sources boolean DEFAULT true NOT NULL,
    max_documents integer,
    similarity_threshold double precision,
    rate_limit_per_hour integer,
    rate_limit_per_day integer,
    domain_keywords text[] DEFAULT '{}'::text[] NOT NULL,
    expertise_areas text[] DEFAULT '{}'::text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    fallback_models text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT agents_context_window_check CHECK ((context_window > 0)),
    CONSTRAINT agents_conversation_mode_check CHECK ((conversation_mode = ANY (ARRAY['single-turn'::text, 'multi-turn'::text]))),
    CONSTRAINT agents_frequency_penalty_check CHECK (((frequency_penalty >= ('-2'::integer)::double precision) AND (frequency_penalty <= (2)::double precision))),
    CONSTRAINT agents_max_documents_check CHECK ((max_documents > 0)),
    CONSTRAINT agents_max_tokens_check CHECK ((max_tokens > 0)),
    CONSTRAINT agents_memory_retention_days_check CHECK ((memory_retention_days > 0)),
    CONSTRAINT agents_model_parameters_check CHECK ((jsonb_typeof(model_parameters) = 'object'::text)),
    CONSTRAINT agents_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT agents_presence_penalty_check CHECK (((presence_penalty >= ('-2'::integer)::double precision) AND (presence_penalty <= (2)::double precision))),
    CONSTRAINT agents_rate_limit_per_day_check CHECK ((rate_limit_per_day > 0)),
    CONSTRAINT agents_rate_limit_per_hour_check CHECK ((rate_limit_per_hour > 0)),
    CONSTRAINT agents_similarity_threshold_check CHECK (((similarity_threshold >= ('-1'::integer)::double precision) AND (similarity_threshold <= (1)::double precision))),
    CONSTRAINT agents_temperature_check CHECK (((temperature >= (0)::double precision) AND (temperature <= (2)::double precision))),
    CONSTRAINT agents_top_p_check CHECK (((top_p > (0)::double precision) AND (top_p <= (1)::double precision))),
    CONSTRAINT agents_type_check CHECK ((type = ANY (ARRAY['user-facing'::text, 'background'::text, 'human-escalation'::text, 'pre-canned'::text, 'spam-defense'::text])))
);

ALTER TABLE ONLY bots.agents FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.agents OWNER TO millrace_owner;

-- Name: TABLE agents; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.agents IS 'The parts of a chatbot that take a question: how each speaks, from what, and within which limits.';

-- Name: chatbots; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.chatbots (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    visibility text DEFAULT 'private'::text NOT NULL,
    system_prompt text DEFAULT ''::text NOT NULL,
    show_citations boolean DEFAULT true NOT NULL,
    temperature double precision DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    dispatching text DEFAULT 'keywords'::text NOT NULL,
    CONSTRAINT chatbots_dispatching_check CHECK ((dispatching = ANY (ARRAY['keywords'::text, 'model'::text]))),
    CONSTRAINT chatbots_name_check CHECK ((name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'::text)),
    CONSTRAINT chatbots_temperature_check CHECK (((temperature >= (0)::double precision) AND (temperature <= (2)::double precision))),
    CONSTRAINT chatbots_visibility_check CHECK ((visibility = ANY (ARRAY['public'::text, 'private'::text])))
);

ALTER TABLE ONLY bots.chatbots FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.chatbots OWNER TO millrace_owner;

-- Name: TABLE chatbots; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.chatbots IS 'What a client of the API calls a model: its name is the model''s id.';

-- Name: model_config_versions; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.model_config_versions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid NOT NULL,
    number integer NOT NULL,
    embedding_model text NOT NULL,
    llm_model text NOT NULL,
    reranker_model text,
    retrieval_k integer DEFAULT 8 NOT NULL,
    similarity_threshold double precision DEFAULT 0 NOT NULL,
    lexical_weight double precision DEFAULT 0.7 NOT NULL,
    chunk_size integer NOT NULL,
    chunk_overlap integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    system_prompt text,
    description text DEFAULT ''::text NOT NULL,
    created_by text,
    built_at timestamp with time zone,
    build_problem text,
    evaluated_at timestamp with time zone,
    activated_at timestamp with time zone,
    activated_by text,
    forced_reason text,
    retired_at timestamp with time zone,
    kept_until timestamp with time zone,
    active boolean GENERATED ALWAYS AS ((status = 'active'::text)) STORED,
    off_topic_threshold double precision DEFAULT 0 NOT NULL,
    query_understanding text DEFAULT 'none'::text NOT NULL,
    max_per_document integer,
    embedding_model_version text,
    CONSTRAINT model_config_versions_check CHECK (((chunk_overlap >= 0) AND (chunk_overlap < chunk_size))),
    CONSTRAINT model_config_versions_chunk_size_check CHECK (((chunk_size >= 100) AND (chunk_size <= 20000))),
    CONSTRAINT model_config_versions_embedding_model_version_check CHECK ((embedding_model_version <> ''::text)),
    CONSTRAINT model_config_versions_forced_reason_check CHECK ((forced_reason <> ''::text)),
    CONSTRAINT model_config_versions_lexical_weight_check CHECK (((lexical_weight >= (0)::double precision) AND (lexical_weight <= (1)::double precision))),
    CONSTRAINT model_config_versions_max_per_document_check CHECK (((max_per_document >= 1) AND (max_per_document <= 200))),
    CONSTRAINT model_config_versions_number_check CHECK ((number > 0)),
    CONSTRAINT model_config_versions_off_topic_threshold_check CHECK (((off_topic_threshold >= (0)::double precision) AND (off_topic_threshold <= (1)::double precision))),
    CONSTRAINT model_config_versions_query_understanding_check CHECK ((query_understanding = ANY (ARRAY['none'::text, 'standalone'::text, 'subquestions'::text]))),
    CONSTRAINT model_config_versions_retrieval_k_check CHECK (((retrieval_k >= 1) AND (retrieval_k <= 200))),
    CONSTRAINT model_config_versions_similarity_threshold_check CHECK (((similarity_threshold >= ('-1'::integer)::double precision) AND (similarity_threshold <= (1)::double precision))),
    CONSTRAINT model_config_versions_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'building'::text, 'evaluated'::text, 'active'::text, 'retired'::text])))
);

ALTER TABLE ONLY bots.model_config_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.model_config_versions OWNER TO millrace_owner;

-- Name: TABLE model_config_versions; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.model_config_versions IS 'Recipes of a chatbot: which models, how texts are cut, how many passages, how scores are weighed, in which words the model is instructed. Frozen from the moment that they are built. One is active; what comes after it is made ready beside it, and what was before it stays ready until kept_until.';

-- Name: COLUMN model_config_versions.system_prompt; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.system_prompt IS 'The instructions of the chatbot as they were when the version was built; null: as the chatbot has them.';

-- Name: COLUMN model_config_versions.build_problem; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.build_problem IS 'Why its passages and vectors are not all there, in words.';

-- Name: COLUMN model_config_versions.forced_reason; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.forced_reason IS 'Why it was activated although the checks refused it; by whom stands in activated_by.';

-- Name: COLUMN model_config_versions.off_topic_threshold; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.off_topic_threshold IS 'A share of the most that BM25 can give for a question: where no passage reaches it, the question is off topic, and nothing is found. 0: never.';

-- Name: COLUMN model_config_versions.query_understanding; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.query_understanding IS 'What a question becomes before it is searched for: nothing else; a question that stands without what was said before; or several.';

-- Name: COLUMN model_config_versions.max_per_document; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.max_per_document IS 'So many passages of one document may be offered; null: any number.';

-- Name: COLUMN model_config_versions.embedding_model_version; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.model_config_versions.embedding_model_version IS 'Of the model that its vectors are made by: null until the first of them; never changed then.';

-- Name: interactions; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.interactions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    agent_id uuid,
    question_id uuid NOT NULL,
    answer_id uuid NOT NULL,
    asker_id uuid,
    question_digest bytea NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    results jsonb DEFAULT '{}'::jsonb NOT NULL,
    detailed_question text,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    appreciation integer,
    question_at timestamp with time zone NOT NULL,
    detailed_question_at timestamp with time zone,
    answer_at timestamp with time zone,
    processing_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT interactions_appreciation_check CHECK (((appreciation >= 0) AND (appreciation <= 100))),
    CONSTRAINT interactions_arguments_check CHECK ((jsonb_typeof(arguments) = 'object'::text)),
    CONSTRAINT interactions_check CHECK (((detailed_question IS NULL) = (detailed_question_at IS NULL))),
    CONSTRAINT interactions_question_digest_check CHECK ((length(question_digest) = 32)),
    CONSTRAINT interactions_results_check CHECK ((jsonb_typeof(results) = 'object'::text))
);

ALTER TABLE ONLY conversations.interactions FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.interactions OWNER TO millrace_owner;

-- Name: TABLE interactions; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.interactions IS 'A question and its answer: which agent took it and why, what was asked for besides, what came of it, and how much it was appreciated (0 to 100). asker_id is a name for whoever asks, made of the key and of what the client calls its user; the digest tells the same question again without its words.';

-- Name: retrieval_logs; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.retrieval_logs (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid NOT NULL,
    session_id uuid,
    message_id uuid,
    model_config_version_id uuid NOT NULL,
    query text NOT NULL,
    query_embedding public.vector,
    retrieved_chunk_ids uuid[] NOT NULL,
    retrieved_document_ids uuid[] NOT NULL,
    similarity_scores double precision[] NOT NULL,
    lexical_scores double precision[] NOT NULL,
    dense_scores double precision[] NOT NULL,
    retrieval_threshold double precision NOT NULL,
    retrieval_k integer NOT NULL,
    reranker_used boolean DEFAULT false NOT NULL,
    reranked_document_ids uuid[],
    elapsed_ms double precision NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    detailed_question text,
    sub_questions text[] DEFAULT '{}'::text[] NOT NULL,
    filter jsonb,
    found integer GENERATED ALWAYS AS (cardinality(retrieved_chunk_ids)) STORED NOT NULL,
    best_score double precision GENERATED ALWAYS AS (similarity_scores[1]) STORED,
    best_document_id uuid GENERATED ALWAYS AS (COALESCE(reranked_document_ids[1], retrieved_document_ids[1])) STORED,
    degraded text,
    reranked_chunk_ids uuid[],
    reranker_scores double precision[],
    CONSTRAINT retrieval_logs_degraded_check CHECK (((length(degraded) >= 1) AND (length(degraded) <= 1000))),
    CONSTRAINT retrieval_logs_filter_check CHECK ((jsonb_typeof(filter) = 'object'::text)),
    CONSTRAINT retrieval_logs_query_embedding_check CHECK (((query_embedding IS NOT NULL) OR (degraded IS NOT NULL)))
);

ALTER TABLE ONLY conversations.retrieval_logs FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.retrieval_logs OWNER TO millrace_owner;

-- Name: TABLE retrieval_logs; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.retrieval_logs IS 'Each retrieval that served an answer: what was asked for, what came back with which scores, under which configuration.';

-- Name: COLUMN retrieval_logs.best_document_id; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.retrieval_logs.best_document_id IS 'The document of the passage that stood first in the end; what was asked is counted to its source.';

-- Name: COLUMN retrieval_logs.degraded; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.retrieval_logs.degraded IS 'Why the question was looked for by its words alone, where its embedding model did not answer; there is no query_embedding then.';

-- Name: COLUMN retrieval_logs.reranked_chunk_ids; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.retrieval_logs.reranked_chunk_ids IS 'The passages that were offered, as a reranker ordered them; null without one, and in logs of before it was kept.';

-- Name: COLUMN retrieval_logs.reranker_scores; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.retrieval_logs.reranker_scores IS 'The reranker''s scores of those passages, on a scale of its own.';

-- Name: sessions; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.sessions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid NOT NULL,
    agent_id uuid,
    user_id uuid,
    title text DEFAULT ''::text NOT NULL,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    related_type text,
    related_id uuid,
    session_start timestamp with time zone DEFAULT now() NOT NULL,
    session_end timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    handed_over_at timestamp with time zone,
    handed_over_because text,
    CONSTRAINT sessions_check CHECK (((handed_over_at IS NULL) = (handed_over_because IS NULL))),
    CONSTRAINT sessions_context_check CHECK ((jsonb_typeof(context) = 'object'::text)),
    CONSTRAINT sessions_status_check CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'error'::text])))
);

ALTER TABLE ONLY conversations.sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.sessions OWNER TO millrace_owner;

-- Name: TABLE sessions; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.sessions IS 'A conversation with a chatbot.';

-- Name: usage; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.usage (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid,
    agent_id uuid,
    user_id uuid,
    message_id uuid,
    model text NOT NULL,
    prompt_tokens integer DEFAULT 0 NOT NULL,
    completion_tokens integer DEFAULT 0 NOT NULL,
    tokens_used integer GENERATED ALWAYS AS ((prompt_tokens + completion_tokens)) STORED NOT NULL,
    cost numeric(14,6),
    response_time double precision NOT NULL,
    request_data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    api_key_id text GENERATED ALWAYS AS ((request_data ->> 'api_key_id'::text)) STORED,
    door text GENERATED ALWAYS AS ((request_data ->> 'door'::text)) STORED,
    CONSTRAINT usage_completion_tokens_check CHECK ((completion_tokens >= 0)),
    CONSTRAINT usage_prompt_tokens_check CHECK ((prompt_tokens >= 0)),
    CONSTRAINT usage_response_time_check CHECK ((response_time >= (0)::double precision))
);

ALTER TABLE ONLY conversations.usage FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.usage OWNER TO millrace_owner;

-- Name: TABLE usage; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.usage IS 'What an answer took: tokens, cost where a price is known, and seconds.';

-- Name: answers; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.answers WITH (security_invoker='true') AS
 SELECT i.organization_id,
    i.answer_id,
    i.session_id,
    i.question_at AS asked_at,
    ((i.question_at AT TIME ZONE 'UTC'::text))::date AS day,
    s.chatbot_id,
    c.name AS chatbot,
    i.agent_id,
    a.name AS agent,
    l.model_config_version_id AS configuration_id,
    m.number AS configuration,
    u.model,
    (i.results ->> 'outcome'::text) AS outcome,
    (EXTRACT(epoch FROM (i.answer_at - i.question_at)))::double precision AS seconds,
    (EXTRACT(epoch FROM (i.detailed_question_at - i.question_at)))::double precision AS understanding_seconds,
    (l.elapsed_ms / (1000)::double precision) AS retrieval_seconds,
    l.found,
    l.best_score,
    l.best_document_id,
    d.data_source_id AS source_id,
    o.source,
    d.language,
    u.prompt_tokens,
    u.completion_tokens,
    u.cost,
    o.tags
   FROM ((((((((conversations.interactions i
     LEFT JOIN conversations.sessions s ON (((s.organization_id = i.organization_id) AND (s.id = i.session_id))))
     LEFT JOIN bots.chatbots c ON (((c.organization_id = i.organization_id) AND (c.id = s.chatbot_id))))
     LEFT JOIN bots.agents a ON (((a.organization_id = i.organization_id) AND (a.id = i.agent_id))))
     LEFT JOIN conversations.retrieval_logs l ON (((l.organization_id = i.organization_id) AND (l.message_id = i.answer_id))))
     LEFT JOIN bots.model_config_versions m ON (((m.organization_id = i.organization_id) AND (m.id = l.model_config_version_id))))
     LEFT JOIN knowledge.documents d ON (((d.organization_id = i.organization_id) AND (d.id = l.best_document_id))))
     LEFT JOIN analytics.all_sources o ON (((o.organization_id = i.organization_id) AND (o.source_id = d.data_source_id))))
     LEFT JOIN conversations.usage u ON (((u.organization_id = i.organization_id) AND (u.message_id = i.answer_id))));

ALTER VIEW analytics.answers OWNER TO millrace_owner;

-- Name: VIEW answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.answers IS 'One row for each question that was answered, failed, or was turned away.
Example: the share of questions that found no answer, by chatbot, in the last 30 days:
select chatbot, avg((outcome = ''no_answer'')::int) from analytics.answers
where day >= current_date - 30 and outcome not in (''turned_away'', ''cancelled'') group by chatbot;';

-- Name: COLUMN answers.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.organization_id IS 'Whose it is.';

-- Name: COLUMN answers.answer_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.answer_id IS 'The message that answered.';

-- Name: COLUMN answers.session_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.session_id IS 'The conversation; it is counted also when it was deleted.';

-- Name: COLUMN answers.asked_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.asked_at IS 'When the question came.';

-- Name: COLUMN answers.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.day IS 'The day of UTC on which it came.';

-- Name: COLUMN answers.chatbot_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.chatbot_id IS 'Which chatbot was asked.';

-- Name: COLUMN answers.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.chatbot IS 'The name that it has now.';

-- Name: COLUMN answers.agent_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.agent_id IS 'Which agent took the question; null where the agent is gone.';

-- Name: COLUMN answers.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.agent IS 'The name that it has now.';

-- Name: COLUMN answers.configuration_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.configuration_id IS 'Which configuration retrieved; null where nothing was searched for, or its log is erased or no longer kept.';

-- Name: COLUMN answers.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.configuration IS 'Its number among those of its chatbot.';

-- Name: COLUMN answers.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.model IS 'Who spoke, such as extractive or the name of a model.';

-- Name: COLUMN answers.outcome; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.outcome IS 'answered, no_answer, failed, cancelled (the asker left), canned, handed_over (to a person) or turned_away.';

-- Name: COLUMN answers.seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.seconds IS 'From the question to the last word.';

-- Name: COLUMN answers.understanding_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.understanding_seconds IS 'From the question until a model had put it into other words; null where none was asked to.';

-- Name: COLUMN answers.retrieval_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.retrieval_seconds IS 'What the search took, with the reranker; null where nothing was searched for.';

-- Name: COLUMN answers.found; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.found IS 'How many passages were found; null where nothing was searched for.';

-- Name: COLUMN answers.best_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.best_score IS 'The score of the passage that was found first; null where none was.';

-- Name: COLUMN answers.best_document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.best_document_id IS 'The document of the passage that stood first in the end.';

-- Name: COLUMN answers.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.source_id IS 'The source of that document: to which a question is counted, answered or not. Null where nothing was found, or the document is purged.';

-- Name: COLUMN answers.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.source IS 'The name that it has now.';

-- Name: COLUMN answers.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.language IS 'The language of that document.';

-- Name: COLUMN answers.prompt_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.prompt_tokens IS 'What the model read.';

-- Name: COLUMN answers.completion_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.completion_tokens IS 'What it spoke.';

-- Name: COLUMN answers.cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.cost IS 'In the currency of the prices; 0 where the model is free, null where it has no price.';

-- Name: COLUMN answers.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers.tags IS 'The tags of the source; null where there is none.';

-- Name: message_feedback; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.message_feedback (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    message_id uuid NOT NULL,
    user_id uuid,
    feedback text NOT NULL,
    reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT message_feedback_feedback_check CHECK ((feedback = ANY (ARRAY['positive'::text, 'negative'::text])))
);

ALTER TABLE ONLY conversations.message_feedback FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.message_feedback OWNER TO millrace_owner;

-- Name: TABLE message_feedback; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.message_feedback IS 'Thumbs up or down on an answer, with a reason; one of each user, who may change it.';

-- Name: answers_feedback; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.answers_feedback WITH (security_invoker='true') AS
 SELECT f.organization_id,
    f.id AS feedback_id,
    f.feedback,
    f.reason,
    f.updated_at AS given_at,
    a.answer_id,
    a.asked_at,
    a.day,
    a.chatbot_id,
    a.chatbot,
    a.agent_id,
    a.agent,
    a.configuration_id,
    a.configuration,
    a.model,
    a.outcome,
    a.source_id,
    a.source,
    a.language,
    a.tags
   FROM (conversations.message_feedback f
     JOIN analytics.answers a ON (((a.organization_id = f.organization_id) AND (a.answer_id = f.message_id))));

ALTER VIEW analytics.answers_feedback OWNER TO millrace_owner;

-- Name: VIEW answers_feedback; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.answers_feedback IS 'One row for each thumb up or down; a person has one for an answer. It counts on the day of its question.
Example: reasons of this month, the commonest first:
select reason, count(*) from analytics.answers_feedback
where feedback = ''negative'' and day >= date_trunc(''month'', now()) group by 1 order by 2 desc;';

-- Name: COLUMN answers_feedback.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.organization_id IS 'Whose it is.';

-- Name: COLUMN answers_feedback.feedback_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.feedback_id IS 'The thumb.';

-- Name: COLUMN answers_feedback.feedback; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.feedback IS 'positive or negative.';

-- Name: COLUMN answers_feedback.reason; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.reason IS 'What was said with it.';

-- Name: COLUMN answers_feedback.given_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.given_at IS 'When it was given, or changed.';

-- Name: COLUMN answers_feedback.answer_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.answer_id IS 'The answer.';

-- Name: COLUMN answers_feedback.asked_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.asked_at IS 'When its question came.';

-- Name: COLUMN answers_feedback.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.day IS 'The day of UTC of the question, not of the thumb.';

-- Name: COLUMN answers_feedback.chatbot_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.chatbot_id IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.chatbot IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.agent_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.agent_id IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.agent IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.configuration_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.configuration_id IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.configuration IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.model IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.outcome; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.outcome IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.source_id IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.source IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.language IS 'As in analytics.answers.';

-- Name: COLUMN answers_feedback.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.answers_feedback.tags IS 'The tags of the source; null where there is none.';

-- Name: daily_citations; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_citations WITH (security_invoker='true') AS
 SELECT t.organization_id,
    t.day,
    t.source_id,
    t.document_id,
    t.answers,
    t.citations,
    t.first_cited_at,
    t.last_cited_at
   FROM conversations.daily_citations t
  WHERE (NOT (EXISTS ( SELECT
           FROM analytics.unsummed_days('citations'::text) d(day)
          WHERE (d.day = t.day))))
UNION ALL
 SELECT l.organization_id,
    d.day,
    l.source_id,
    l.document_id,
    l.answers,
    l.citations,
    l.first_cited_at,
    l.last_cited_at
   FROM (analytics.unsummed_days('citations'::text) d(day)
     CROSS JOIN LATERAL analytics.citations_of_day(d.day) l(organization_id, id, day, source_id, document_id, answers, citations, first_cited_at, last_cited_at));

ALTER VIEW analytics.daily_citations OWNER TO millrace_owner;

-- Name: VIEW daily_citations; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_citations IS 'How often answers of a day cite each document; rows without a document are of a source as a whole.
Example: what the answers of the last 30 days rest on most:
select document_id, sum(answers) from analytics.daily_citations
where day >= current_date - 30 and document_id is not null group by 1 order by 2 desc limit 20;';

-- Name: COLUMN daily_citations.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_citations.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.day IS 'The day of UTC.';

-- Name: COLUMN daily_citations.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.source_id IS 'The source of the document; null where that is purged.';

-- Name: COLUMN daily_citations.document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.document_id IS 'The document; null in the row of a whole source.';

-- Name: COLUMN daily_citations.answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.answers IS 'Answers that cite it.';

-- Name: COLUMN daily_citations.citations; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.citations IS 'Quotes of it in answers.';

-- Name: COLUMN daily_citations.first_cited_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.first_cited_at IS 'The first of the day.';

-- Name: COLUMN daily_citations.last_cited_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_citations.last_cited_at IS 'The last of the day.';

-- Name: daily_opinions; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_opinions WITH (security_invoker='true') AS
 SELECT t.organization_id,
    t.day,
    t.document_id,
    t.liked,
    t.disliked
   FROM conversations.daily_opinions t
  WHERE (NOT (EXISTS ( SELECT
           FROM analytics.unsummed_days('opinions'::text) d(day)
          WHERE (d.day = t.day))))
UNION ALL
 SELECT l.organization_id,
    d.day,
    l.document_id,
    l.liked,
    l.disliked
   FROM (analytics.unsummed_days('opinions'::text) d(day)
     CROSS JOIN LATERAL analytics.opinions_of_day(d.day) l(organization_id, id, day, document_id, liked, disliked));

ALTER VIEW analytics.daily_opinions OWNER TO millrace_owner;

-- Name: VIEW daily_opinions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_opinions IS 'Thumbs by the day on which they were given, and by the documents that the answers cite.
Example: what was disliked last week:
select document_id, sum(disliked) from analytics.daily_opinions
where day >= current_date - 7 group by 1 order by 2 desc limit 20;';

-- Name: COLUMN daily_opinions.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_opinions.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_opinions.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_opinions.day IS 'The day of UTC.';

-- Name: COLUMN daily_opinions.document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_opinions.document_id IS 'The document that the answer cites.';

-- Name: COLUMN daily_opinions.liked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_opinions.liked IS 'Thumbs up.';

-- Name: COLUMN daily_opinions.disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_opinions.disliked IS 'Thumbs down.';

-- Name: cited_documents; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.cited_documents WITH (security_invoker='true') AS
 WITH citations AS (
         SELECT daily_citations.organization_id,
            daily_citations.document_id,
            (sum(daily_citations.citations))::bigint AS citations,
            (sum(daily_citations.answers))::bigint AS answers,
            min(daily_citations.first_cited_at) AS first_cited_at,
            max(daily_citations.last_cited_at) AS last_cited_at
           FROM analytics.daily_citations
          WHERE (daily_citations.document_id IS NOT NULL)
          GROUP BY daily_citations.organization_id, daily_citations.document_id
        ), opinions AS (
         SELECT daily_opinions.organization_id,
            daily_opinions.document_id,
            (sum(daily_opinions.liked))::bigint AS liked,
            (sum(daily_opinions.disliked))::bigint AS disliked
           FROM analytics.daily_opinions
          GROUP BY daily_opinions.organization_id, daily_opinions.document_id
        )
 SELECT c.organization_id,
    c.document_id,
    o.source,
    d.file_path AS path,
    d.title,
    d.language,
    (d.soft_deleted_at IS NOT NULL) AS is_deleted,
    c.answers,
    c.citations,
    c.first_cited_at,
    c.last_cited_at,
    COALESCE(p.liked, (0)::bigint) AS liked,
    COALESCE(p.disliked, (0)::bigint) AS disliked,
    o.tags
   FROM (((citations c
     LEFT JOIN opinions p ON (((p.organization_id = c.organization_id) AND (p.document_id = c.document_id))))
     JOIN knowledge.documents d ON (((d.organization_id = c.organization_id) AND (d.id = c.document_id))))
     JOIN analytics.all_sources o ON (((o.organization_id = d.organization_id) AND (o.source_id = d.data_source_id))));

ALTER VIEW analytics.cited_documents OWNER TO millrace_owner;

-- Name: VIEW cited_documents; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.cited_documents IS 'One row for each document that was ever cited.
Example: what the answers rest on most:
select source, path, answers from analytics.cited_documents order by answers desc limit 20;';

-- Name: COLUMN cited_documents.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.organization_id IS 'Whose it is.';

-- Name: COLUMN cited_documents.document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.document_id IS 'The document.';

-- Name: COLUMN cited_documents.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.source IS 'The source''s name.';

-- Name: COLUMN cited_documents.path; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.path IS 'Where it lies in its source.';

-- Name: COLUMN cited_documents.title; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.title IS 'Its title.';

-- Name: COLUMN cited_documents.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.language IS 'Its language.';

-- Name: COLUMN cited_documents.is_deleted; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.is_deleted IS 'Whether it is not served any more.';

-- Name: COLUMN cited_documents.answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.answers IS 'Answers that cite it.';

-- Name: COLUMN cited_documents.citations; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.citations IS 'Quotes of it in answers.';

-- Name: COLUMN cited_documents.first_cited_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.first_cited_at IS 'Since when.';

-- Name: COLUMN cited_documents.last_cited_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.last_cited_at IS 'Until when.';

-- Name: COLUMN cited_documents.liked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.liked IS 'Thumbs up for these answers.';

-- Name: COLUMN cited_documents.disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.disliked IS 'Thumbs down for these answers.';

-- Name: COLUMN cited_documents.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.cited_documents.tags IS 'The tags of the source, in their order.';

-- Name: clustered_questions; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.clustered_questions (
    organization_id uuid NOT NULL,
    retrieval_log_id uuid NOT NULL,
    answer_id uuid NOT NULL,
    question_cluster_id uuid,
    likeness double precision,
    day date NOT NULL,
    chatbot_id uuid NOT NULL,
    agent_id uuid,
    configuration_id uuid NOT NULL,
    model text,
    source_id uuid,
    language text,
    is_unanswered boolean NOT NULL,
    is_disliked boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY conversations.clustered_questions FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.clustered_questions OWNER TO millrace_owner;

-- Name: TABLE clustered_questions; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.clustered_questions IS 'A question that found nothing, was not answered, or whose answer was disliked, and the cluster that it lies in; null where no other is like it. Its words are those of its retrieval alone, with which it goes. likeness: its cosine to the middle of the cluster.';

-- Name: clustered_questions; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.clustered_questions WITH (security_invoker='true') AS
 SELECT q.organization_id,
    q.question_cluster_id AS cluster_id,
    q.day,
    l.created_at AS asked_at,
    c.name AS chatbot,
    a.name AS agent,
    m.number AS configuration,
    q.model,
    q.source_id,
    o.source,
    q.language,
        CASE
            WHEN (s.deleted_at IS NULL) THEN l.query
            ELSE NULL::text
        END AS question,
        CASE
            WHEN (s.deleted_at IS NULL) THEN l.detailed_question
            ELSE NULL::text
        END AS understood_as,
    q.is_unanswered,
    q.is_disliked,
    q.likeness,
    l.best_score,
    q.answer_id,
    o.tags
   FROM ((((((conversations.clustered_questions q
     LEFT JOIN conversations.retrieval_logs l ON (((l.organization_id = q.organization_id) AND (l.id = q.retrieval_log_id))))
     LEFT JOIN conversations.sessions s ON (((s.organization_id = l.organization_id) AND (s.id = l.session_id))))
     LEFT JOIN bots.chatbots c ON (((c.organization_id = q.organization_id) AND (c.id = q.chatbot_id))))
     LEFT JOIN bots.agents a ON (((a.organization_id = q.organization_id) AND (a.id = q.agent_id))))
     LEFT JOIN bots.model_config_versions m ON (((m.organization_id = q.organization_id) AND (m.id = q.configuration_id))))
     LEFT JOIN analytics.all_sources o ON (((o.organization_id = q.organization_id) AND (o.source_id = q.source_id))));

ALTER VIEW analytics.clustered_questions OWNER TO millrace_owner;

-- Name: VIEW clustered_questions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.clustered_questions IS 'One row for each question that found nothing, was not answered, or whose answer was disliked, as the asset question_clusters last gathered them.
Example: how many of last month''s lie in a cluster:
select count(cluster_id), count(*) from analytics.clustered_questions where day >= current_date - 30;';

-- Name: COLUMN clustered_questions.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.organization_id IS 'Whose it is.';

-- Name: COLUMN clustered_questions.cluster_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.cluster_id IS 'The cluster, as in analytics.question_clusters; null where no other question is like it.';

-- Name: COLUMN clustered_questions.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.day IS 'The day of UTC on which it came.';

-- Name: COLUMN clustered_questions.asked_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.asked_at IS 'When it came.';

-- Name: COLUMN clustered_questions.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN clustered_questions.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.agent IS 'The agent''s name.';

-- Name: COLUMN clustered_questions.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.configuration IS 'The configuration''s number.';

-- Name: COLUMN clustered_questions.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.model IS 'Who spoke.';

-- Name: COLUMN clustered_questions.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.source_id IS 'The source of the passage that was found first; null where none was.';

-- Name: COLUMN clustered_questions.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.source IS 'Its name.';

-- Name: COLUMN clustered_questions.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.language IS 'Of that passage''s document.';

-- Name: COLUMN clustered_questions.question; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.question IS 'As it was asked; null where its conversation was deleted.';

-- Name: COLUMN clustered_questions.understood_as; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.understood_as IS 'As a model put it for the search; null where none was asked to.';

-- Name: COLUMN clustered_questions.is_unanswered; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.is_unanswered IS 'Whether nothing was found, or the documents did not say.';

-- Name: COLUMN clustered_questions.is_disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.is_disliked IS 'Whether somebody gave its answer a thumb down.';

-- Name: COLUMN clustered_questions.likeness; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.likeness IS 'Its cosine to the middle of its cluster.';

-- Name: COLUMN clustered_questions.best_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.best_score IS 'The score of the passage that was found first; null for none.';

-- Name: COLUMN clustered_questions.answer_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.answer_id IS 'The message that answered.';

-- Name: COLUMN clustered_questions.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.clustered_questions.tags IS 'The tags of the source, in their order.';

-- Name: daily_metrics; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_metrics WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.day,
    s.chatbot_id,
    c.name AS chatbot,
    s.agent_id,
    a.name AS agent,
    s.configuration_id,
    m.number AS configuration,
    s.model,
    s.source_id,
    o.source,
    s.language,
    s.questions,
    s.answered,
    s.no_answer,
    s.failed,
    s.cancelled,
    s.canned,
    s.handed_over,
    s.turned_away,
    s.searches,
    s.without_result,
    s.seconds_n,
    s.seconds_sum,
    s.seconds_squares,
    s.retrieval_n,
    s.retrieval_sum,
    s.retrieval_squares,
    s.score_n,
    s.score_sum,
    s.score_squares,
    s.prompt_n,
    s.prompt_sum,
    s.prompt_squares,
    s.completion_sum,
    s.cost_n,
    s.cost_sum,
    s.cost_squares,
    s.seconds,
    s.answered_scores,
    s.unanswered_scores,
    o.tags
   FROM ((((( SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.agent_id,
            t.configuration_id,
            t.model,
            t.source_id,
            t.language,
            t.questions,
            t.answered,
            t.no_answer,
            t.failed,
            t.cancelled,
            t.canned,
            t.handed_over,
            t.turned_away,
            t.searches,
            t.without_result,
            t.seconds_n,
            t.seconds_sum,
            t.seconds_squares,
            t.retrieval_n,
            t.retrieval_sum,
            t.retrieval_squares,
            t.score_n,
            t.score_sum,
            t.score_squares,
            t.prompt_n,
            t.prompt_sum,
            t.prompt_squares,
            t.completion_sum,
            t.cost_n,
            t.cost_sum,
            t.cost_squares,
            t.seconds,
            t.answered_scores,
            t.unanswered_scores
           FROM conversations.daily_answers t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('answers'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.agent_id,
            l.configuration_id,
            l.model,
            l.source_id,
            l.language,
            l.questions,
            l.answered,
            l.no_answer,
            l.failed,
            l.cancelled,
            l.canned,
            l.handed_over,
            l.turned_away,
            l.searches,
            l.without_result,
            l.seconds_n,
            l.seconds_sum,
            l.seconds_squares,
            l.retrieval_n,
            l.retrieval_sum,
            l.retrieval_squares,
            l.score_n,
            l.score_sum,
            l.score_squares,
            l.prompt_n,
            l.prompt_sum,
            l.prompt_squares,
            l.completion_sum,
            l.cost_n,
            l.cost_sum,
            l.cost_squares,
            l.seconds,
            l.answered_scores,
            l.unanswered_scores
           FROM (analytics.unsummed_days('answers'::text) d(day)
             CROSS JOIN LATERAL analytics.answers_of_day(d.day) l(organization_id, id, day, chatbot_id, agent_id, configuration_id, model, source_id, language, answered, no_answer, failed, cancelled, canned, handed_over, turned_away, questions, searches, without_result, seconds_n, seconds_sum, seconds_squares, retrieval_n, retrieval_sum, retrieval_squares, score_n, score_sum, score_squares, prompt_n, prompt_sum, prompt_squares, completion_sum, cost_n, cost_sum, cost_squares, seconds, answered_scores, unanswered_scores))) s
     LEFT JOIN bots.chatbots c ON (((c.organization_id = s.organization_id) AND (c.id = s.chatbot_id))))
     LEFT JOIN bots.agents a ON (((a.organization_id = s.organization_id) AND (a.id = s.agent_id))))
     LEFT JOIN bots.model_config_versions m ON (((m.organization_id = s.organization_id) AND (m.id = s.configuration_id))))
     LEFT JOIN analytics.all_sources o ON (((o.organization_id = s.organization_id) AND (o.source_id = s.source_id))));

ALTER VIEW analytics.daily_metrics OWNER TO millrace_owner;

-- Name: VIEW daily_metrics; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_metrics IS 'Counts and sums, by day, chatbot, agent, configuration, model, source and language; a mean is a sum by its n.
Example: the share of questions without an answer and the mean seconds of each month, by source:
select date_trunc(''month'', day) as month, source, sum(no_answer)::float / nullif(sum(questions - turned_away - cancelled), 0),
    sum(seconds_sum) / nullif(sum(seconds_n), 0) from analytics.daily_metrics group by 1, 2 order by 1, 2;';

-- Name: COLUMN daily_metrics.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_metrics.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN daily_metrics.chatbot_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.chatbot_id IS 'Which chatbot was asked.';

-- Name: COLUMN daily_metrics.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.chatbot IS 'The name that it has now.';

-- Name: COLUMN daily_metrics.agent_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.agent_id IS 'Which agent took them; null where the agent is gone.';

-- Name: COLUMN daily_metrics.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.agent IS 'The name that it has now.';

-- Name: COLUMN daily_metrics.configuration_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.configuration_id IS 'Which configuration retrieved; null where nothing was searched for.';

-- Name: COLUMN daily_metrics.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.configuration IS 'Its number among those of its chatbot.';

-- Name: COLUMN daily_metrics.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.model IS 'Who spoke.';

-- Name: COLUMN daily_metrics.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.source_id IS 'The source of the document that stood first, to which a question is counted.';

-- Name: COLUMN daily_metrics.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.source IS 'The name that it has now.';

-- Name: COLUMN daily_metrics.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.language IS 'The language of that document.';

-- Name: COLUMN daily_metrics.questions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.questions IS 'All of them.';

-- Name: COLUMN daily_metrics.answered; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.answered IS 'Answered from the documents.';

-- Name: COLUMN daily_metrics.no_answer; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.no_answer IS 'The documents did not say.';

-- Name: COLUMN daily_metrics.failed; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.failed IS 'Something broke off.';

-- Name: COLUMN daily_metrics.cancelled; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.cancelled IS 'The asker left before the end.';

-- Name: COLUMN daily_metrics.canned; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.canned IS 'Answered with a prepared text.';

-- Name: COLUMN daily_metrics.handed_over; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.handed_over IS 'Left to a person.';

-- Name: COLUMN daily_metrics.turned_away; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.turned_away IS 'Not taken: spam or abuse.';

-- Name: COLUMN daily_metrics.searches; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.searches IS 'Those that were searched for.';

-- Name: COLUMN daily_metrics.without_result; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.without_result IS 'Those whose search found no passage.';

-- Name: COLUMN daily_metrics.seconds_n; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.seconds_n IS 'Answers that ended.';

-- Name: COLUMN daily_metrics.seconds_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.seconds_sum IS 'Seconds from the question to the last word, summed; null where there are none, as in all sums.';

-- Name: COLUMN daily_metrics.seconds_squares; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.seconds_squares IS 'Their squares, summed.';

-- Name: COLUMN daily_metrics.retrieval_n; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.retrieval_n IS 'Searches.';

-- Name: COLUMN daily_metrics.retrieval_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.retrieval_sum IS 'Seconds of search, summed.';

-- Name: COLUMN daily_metrics.retrieval_squares; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.retrieval_squares IS 'Their squares, summed.';

-- Name: COLUMN daily_metrics.score_n; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.score_n IS 'Searches that found something.';

-- Name: COLUMN daily_metrics.score_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.score_sum IS 'Their best scores, summed.';

-- Name: COLUMN daily_metrics.score_squares; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.score_squares IS 'Their squares, summed.';

-- Name: COLUMN daily_metrics.prompt_n; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.prompt_n IS 'Answers whose tokens are known.';

-- Name: COLUMN daily_metrics.prompt_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.prompt_sum IS 'Tokens read, summed.';

-- Name: COLUMN daily_metrics.prompt_squares; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.prompt_squares IS 'Their squares, summed.';

-- Name: COLUMN daily_metrics.completion_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.completion_sum IS 'Tokens spoken, summed.';

-- Name: COLUMN daily_metrics.cost_n; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.cost_n IS 'Answers with a price, or free.';

-- Name: COLUMN daily_metrics.cost_sum; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.cost_sum IS 'Cost, summed.';

-- Name: COLUMN daily_metrics.cost_squares; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.cost_squares IS 'Their squares, summed.';

-- Name: COLUMN daily_metrics.seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.seconds IS 'The seconds of each answer, four bytes each (float4, the high byte first): medians are made of them.';

-- Name: COLUMN daily_metrics.answered_scores; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.answered_scores IS 'The best scores of searches that found an answer, in the same way.';

-- Name: COLUMN daily_metrics.unanswered_scores; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.unanswered_scores IS 'The best scores of searches that found passages, but no answer.';

-- Name: COLUMN daily_metrics.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_metrics.tags IS 'The tags of the source, in their order.';

-- Name: daily_answers; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_answers WITH (security_invoker='true') AS
 SELECT organization_id,
    day,
    chatbot,
    agent,
    configuration,
    model,
    (sum(questions))::bigint AS questions,
    (sum(answered))::bigint AS answered,
    (sum(no_answer))::bigint AS no_answer,
    (sum(failed))::bigint AS failed,
    (sum(cancelled))::bigint AS cancelled,
    (sum(canned))::bigint AS canned,
    (sum(handed_over))::bigint AS handed_over,
    (sum(turned_away))::bigint AS turned_away,
    (sum(seconds_sum) / (NULLIF(sum(seconds_n), (0)::numeric))::double precision) AS mean_seconds
   FROM analytics.daily_metrics
  GROUP BY organization_id, day, chatbot, agent, configuration, model;

ALTER VIEW analytics.daily_answers OWNER TO millrace_owner;

-- Name: VIEW daily_answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_answers IS 'Outcomes, by day, chatbot, agent, configuration and model.
Example: the share of questions without an answer, by week:
select date_trunc(''week'', day) as week, sum(no_answer)::float / nullif(sum(questions - turned_away - cancelled), 0)
from analytics.daily_answers group by 1 order by 1;';

-- Name: COLUMN daily_answers.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_answers.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN daily_answers.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN daily_answers.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.agent IS 'The agent''s name.';

-- Name: COLUMN daily_answers.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.configuration IS 'The number of the configuration that retrieved; null where nothing was searched for.';

-- Name: COLUMN daily_answers.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.model IS 'Who spoke.';

-- Name: COLUMN daily_answers.questions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.questions IS 'All of them.';

-- Name: COLUMN daily_answers.answered; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.answered IS 'Answered from the documents.';

-- Name: COLUMN daily_answers.no_answer; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.no_answer IS 'The documents did not say.';

-- Name: COLUMN daily_answers.failed; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.failed IS 'Something broke off.';

-- Name: COLUMN daily_answers.cancelled; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.cancelled IS 'The asker left before the end.';

-- Name: COLUMN daily_answers.canned; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.canned IS 'Answered with a prepared text.';

-- Name: COLUMN daily_answers.handed_over; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.handed_over IS 'Left to a person.';

-- Name: COLUMN daily_answers.turned_away; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.turned_away IS 'Not taken: spam or abuse.';

-- Name: COLUMN daily_answers.mean_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_answers.mean_seconds IS 'From the question to the last word, on average.';

-- Name: expenses; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.expenses (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    model text NOT NULL,
    tokens bigint NOT NULL,
    cost numeric(14,6),
    is_settled boolean NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT expenses_cost_check CHECK ((cost >= (0)::numeric)),
    CONSTRAINT expenses_kind_check CHECK ((kind = ANY (ARRAY['embedding'::text, 'answer'::text, 'questions'::text]))),
    CONSTRAINT expenses_model_check CHECK (((length(model) >= 1) AND (length(model) <= 200))),
    CONSTRAINT expenses_tokens_check CHECK ((tokens >= 0))
);

ALTER TABLE ONLY identity.expenses FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.expenses OWNER TO millrace_owner;

-- Name: TABLE expenses; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.expenses IS 'What models were asked for money: a row for each batch of passages and each answer. Not settled: reserved before the model was asked, and its work is not stored, or never was. No cost: the model has no price.';

-- Name: daily_expenses; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_expenses WITH (security_invoker='true') AS
 SELECT organization_id,
    ((created_at AT TIME ZONE 'UTC'::text))::date AS day,
    kind,
    model,
    (sum(tokens))::bigint AS tokens,
    sum(cost) AS cost,
    (COALESCE(sum(tokens) FILTER (WHERE (cost IS NULL)), (0)::numeric))::bigint AS unpriced_tokens,
    COALESCE(sum(cost) FILTER (WHERE (NOT is_settled)), (0)::numeric) AS reserved
   FROM identity.expenses e
  GROUP BY organization_id, (((created_at AT TIME ZONE 'UTC'::text))::date), kind, model;

ALTER VIEW analytics.daily_expenses OWNER TO millrace_owner;

-- Name: VIEW daily_expenses; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_expenses IS 'What models were asked money for, by day, what for, and model: this is what budgets count. Months that ended 400 days ago stand on their first day.
Example: what is spent beside answers:
select kind, sum(cost) from analytics.daily_expenses where kind <> ''answer'' and day >= current_date - 30 group by kind;';

-- Name: COLUMN daily_expenses.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_expenses.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.day IS 'The day of UTC.';

-- Name: COLUMN daily_expenses.kind; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.kind IS 'answer, embedding (of documents), or questions (that are generated for question sets).';

-- Name: COLUMN daily_expenses.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.model IS 'The model that was asked.';

-- Name: COLUMN daily_expenses.tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.tokens IS 'What it read and spoke.';

-- Name: COLUMN daily_expenses.cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.cost IS 'In the currency of the prices; null where the model has no price.';

-- Name: COLUMN daily_expenses.unpriced_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.unpriced_tokens IS 'Tokens of models without a price.';

-- Name: COLUMN daily_expenses.reserved; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_expenses.reserved IS 'The part of the cost that was set aside for work which is under way, or was lost.';

-- Name: daily_thumbs; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_thumbs WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.day,
    s.chatbot_id,
    c.name AS chatbot,
    s.agent_id,
    a.name AS agent,
    s.configuration_id,
    m.number AS configuration,
    s.model,
    s.source_id,
    o.source,
    s.language,
    s.given,
    s.positive,
    s.with_reason,
    o.tags
   FROM ((((( SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.agent_id,
            t.configuration_id,
            t.model,
            t.source_id,
            t.language,
            t.given,
            t.positive,
            t.with_reason
           FROM conversations.daily_thumbs t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('thumbs'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.agent_id,
            l.configuration_id,
            l.model,
            l.source_id,
            l.language,
            l.given,
            l.positive,
            l.with_reason
           FROM (analytics.unsummed_days('thumbs'::text) d(day)
             CROSS JOIN LATERAL analytics.thumbs_of_day(d.day) l(organization_id, id, day, chatbot_id, agent_id, configuration_id, model, source_id, language, given, positive, with_reason))) s
     LEFT JOIN bots.chatbots c ON (((c.organization_id = s.organization_id) AND (c.id = s.chatbot_id))))
     LEFT JOIN bots.agents a ON (((a.organization_id = s.organization_id) AND (a.id = s.agent_id))))
     LEFT JOIN bots.model_config_versions m ON (((m.organization_id = s.organization_id) AND (m.id = s.configuration_id))))
     LEFT JOIN analytics.all_sources o ON (((o.organization_id = s.organization_id) AND (o.source_id = s.source_id))));

ALTER VIEW analytics.daily_thumbs OWNER TO millrace_owner;

-- Name: VIEW daily_thumbs; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_thumbs IS 'Thumbs, whenever given, by the day of the question, chatbot, agent, configuration, model, source and language.
Example: what share of thumbs is up, by source and month:
select date_trunc(''month'', day) as month, source, sum(positive)::float / nullif(sum(given), 0)
from analytics.daily_thumbs group by 1, 2 order by 1, 2;';

-- Name: COLUMN daily_thumbs.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_thumbs.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN daily_thumbs.chatbot_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.chatbot_id IS 'Which chatbot was asked.';

-- Name: COLUMN daily_thumbs.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.chatbot IS 'The name that it has now.';

-- Name: COLUMN daily_thumbs.agent_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.agent_id IS 'Which agent took them; null where the agent is gone.';

-- Name: COLUMN daily_thumbs.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.agent IS 'The name that it has now.';

-- Name: COLUMN daily_thumbs.configuration_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.configuration_id IS 'Which configuration retrieved; null where nothing was searched for.';

-- Name: COLUMN daily_thumbs.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.configuration IS 'Its number among those of its chatbot.';

-- Name: COLUMN daily_thumbs.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.model IS 'Who spoke.';

-- Name: COLUMN daily_thumbs.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.source_id IS 'The source of the document that stood first, to which a question is counted.';

-- Name: COLUMN daily_thumbs.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.source IS 'The name that it has now.';

-- Name: COLUMN daily_thumbs.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.language IS 'The language of that document.';

-- Name: COLUMN daily_thumbs.given; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.given IS 'Thumbs.';

-- Name: COLUMN daily_thumbs.positive; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.positive IS 'Thumbs up.';

-- Name: COLUMN daily_thumbs.with_reason; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.with_reason IS 'Thumbs with words.';

-- Name: COLUMN daily_thumbs.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_thumbs.tags IS 'The tags of the source, in their order.';

-- Name: daily_feedback; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_feedback WITH (security_invoker='true') AS
 SELECT organization_id,
    day,
    chatbot,
    agent,
    configuration,
    model,
    (sum(given))::bigint AS given,
    (sum(positive))::bigint AS positive,
    (sum((given - positive)))::bigint AS negative,
    (sum(with_reason))::bigint AS with_reason
   FROM analytics.daily_thumbs
  GROUP BY organization_id, day, chatbot, agent, configuration, model;

ALTER VIEW analytics.daily_feedback OWNER TO millrace_owner;

-- Name: VIEW daily_feedback; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_feedback IS 'Thumbs by the day of the question, chatbot, agent, configuration and model.
Example: the share of positive ones by configuration; undefined where nobody said anything:
select chatbot, configuration, sum(given) as n, sum(positive)::float / nullif(sum(given), 0) as liked
from analytics.daily_feedback group by 1, 2 order by 1, 2;';

-- Name: COLUMN daily_feedback.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_feedback.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN daily_feedback.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN daily_feedback.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.agent IS 'The agent''s name.';

-- Name: COLUMN daily_feedback.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.configuration IS 'The number of the configuration that retrieved; null where nothing was searched for.';

-- Name: COLUMN daily_feedback.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.model IS 'Who spoke.';

-- Name: COLUMN daily_feedback.given; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.given IS 'Thumbs.';

-- Name: COLUMN daily_feedback.positive; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.positive IS 'Thumbs up.';

-- Name: COLUMN daily_feedback.negative; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.negative IS 'Thumbs down.';

-- Name: COLUMN daily_feedback.with_reason; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_feedback.with_reason IS 'Thumbs with words.';

-- Name: api_keys; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.api_keys (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] DEFAULT '{chat}'::text[] NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    rate_limit_per_hour integer,
    rate_limit_per_day integer,
    CONSTRAINT api_keys_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT api_keys_rate_limit_per_day_check CHECK (((rate_limit_per_day >= 1) AND (rate_limit_per_day <= 1000000))),
    CONSTRAINT api_keys_rate_limit_per_hour_check CHECK (((rate_limit_per_hour >= 1) AND (rate_limit_per_hour <= 1000000))),
    CONSTRAINT api_keys_scopes_check CHECK ((scopes <@ '{chat,search,manage,analyze,administer}'::text[]))
);

ALTER TABLE ONLY identity.api_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.api_keys OWNER TO millrace_owner;

-- Name: TABLE api_keys; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.api_keys IS 'Keys of the API. Only the SHA-256 of the secret part is kept: 256 random bits need no slow hash.';

-- Name: daily_key_usage; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_key_usage WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.day,
    c.name AS chatbot,
    a.name AS agent,
    s.model,
    COALESCE(k.name, s.door) AS key,
    (sum(s.requests))::bigint AS requests,
    (sum(s.prompt_tokens))::bigint AS prompt_tokens,
    (sum(s.completion_tokens))::bigint AS completion_tokens,
    (sum(s.tokens))::bigint AS tokens,
    sum(s.cost) AS cost,
    (sum(s.unpriced_requests))::bigint AS unpriced_requests,
    sum(s.response_seconds) AS response_seconds
   FROM (((( SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.agent_id,
            t.model,
            t.api_key_id,
            t.door,
            t.requests,
            t.prompt_tokens,
            t.completion_tokens,
            t.tokens,
            t.cost,
            t.unpriced_requests,
            t.response_seconds
           FROM conversations.daily_usage t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('usage'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.agent_id,
            l.model,
            l.api_key_id,
            l.door,
            l.requests,
            l.prompt_tokens,
            l.completion_tokens,
            l.tokens,
            l.cost,
            l.unpriced_requests,
            l.response_seconds
           FROM (analytics.unsummed_days('usage'::text) d(day)
             CROSS JOIN LATERAL analytics.usage_of_day(d.day) l(organization_id, id, day, chatbot_id, agent_id, model, api_key_id, door, requests, prompt_tokens, completion_tokens, tokens, cost, unpriced_requests, unpriced_tokens, response_seconds))) s
     LEFT JOIN bots.chatbots c ON (((c.organization_id = s.organization_id) AND (c.id = s.chatbot_id))))
     LEFT JOIN bots.agents a ON (((a.organization_id = s.organization_id) AND (a.id = s.agent_id))))
     LEFT JOIN identity.api_keys k ON (((k.organization_id = s.organization_id) AND ((k.id)::text = s.api_key_id))))
  GROUP BY s.organization_id, s.day, c.name, a.name, s.model, COALESCE(k.name, s.door);

ALTER VIEW analytics.daily_key_usage OWNER TO millrace_owner;

-- Name: VIEW daily_key_usage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_key_usage IS 'What was used, by day, chatbot, agent, model and the key that it was asked with.
Example: the dearest keys of the last 30 days:
select key, sum(cost) from analytics.daily_key_usage where day >= current_date - 30 group by 1 order by 2 desc nulls last;';

-- Name: COLUMN daily_key_usage.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_key_usage.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.day IS 'The day of UTC.';

-- Name: COLUMN daily_key_usage.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.chatbot IS 'The chatbot''s name; null for vectors that were asked for alone.';

-- Name: COLUMN daily_key_usage.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.agent IS 'The agent''s name.';

-- Name: COLUMN daily_key_usage.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.model IS 'The model that was asked.';

-- Name: COLUMN daily_key_usage.key; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.key IS 'The key''s name; the door, such as browser, where none was needed or the key is gone; null where neither is known.';

-- Name: COLUMN daily_key_usage.requests; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.requests IS 'How often a model was asked, or the extractive answerer.';

-- Name: COLUMN daily_key_usage.prompt_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.prompt_tokens IS 'What they read.';

-- Name: COLUMN daily_key_usage.completion_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.completion_tokens IS 'What they spoke.';

-- Name: COLUMN daily_key_usage.tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.tokens IS 'Both.';

-- Name: COLUMN daily_key_usage.cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.cost IS 'In the currency of the prices, of requests that have a price; null where none has.';

-- Name: COLUMN daily_key_usage.unpriced_requests; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.unpriced_requests IS 'Requests to models without a price.';

-- Name: COLUMN daily_key_usage.response_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_key_usage.response_seconds IS 'Their response times, summed.';

-- Name: daily_usage; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.daily_usage WITH (security_invoker='true') AS
 SELECT organization_id,
    day,
    chatbot,
    agent,
    model,
    (sum(requests))::bigint AS requests,
    (sum(prompt_tokens))::bigint AS prompt_tokens,
    (sum(completion_tokens))::bigint AS completion_tokens,
    (sum(tokens))::bigint AS tokens,
    sum(cost) AS cost,
    (sum(unpriced_requests))::bigint AS unpriced_requests,
    (sum(response_seconds) / (sum(requests))::double precision) AS mean_seconds
   FROM analytics.daily_key_usage
  GROUP BY organization_id, day, chatbot, agent, model;

ALTER VIEW analytics.daily_usage OWNER TO millrace_owner;

-- Name: VIEW daily_usage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.daily_usage IS 'What was used, by day, chatbot, agent and model: answers, and what was asked of models beside them.
Example: what each month cost, by model:
select date_trunc(''month'', day) as month, model, sum(cost) from analytics.daily_usage group by 1, 2 order by 1, 2;';

-- Name: COLUMN daily_usage.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.organization_id IS 'Whose it is.';

-- Name: COLUMN daily_usage.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.day IS 'The day of UTC.';

-- Name: COLUMN daily_usage.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.chatbot IS 'The chatbot''s name; null for vectors that were asked for alone.';

-- Name: COLUMN daily_usage.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.agent IS 'The agent''s name.';

-- Name: COLUMN daily_usage.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.model IS 'The model that was asked.';

-- Name: COLUMN daily_usage.requests; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.requests IS 'How often a model was asked, or the extractive answerer.';

-- Name: COLUMN daily_usage.prompt_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.prompt_tokens IS 'What they read.';

-- Name: COLUMN daily_usage.completion_tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.completion_tokens IS 'What they spoke.';

-- Name: COLUMN daily_usage.tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.tokens IS 'Both.';

-- Name: COLUMN daily_usage.cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.cost IS 'In the currency of the prices, of requests that have a price; null where none has.';

-- Name: COLUMN daily_usage.unpriced_requests; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.unpriced_requests IS 'Requests to models without a price.';

-- Name: COLUMN daily_usage.mean_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.daily_usage.mean_seconds IS 'The mean of their response times.';

-- Name: disliked_documents; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.disliked_documents WITH (security_invoker='true') AS
 SELECT organization_id,
    document_id,
    source,
    path,
    title,
    language,
    answers,
    liked,
    disliked,
    ((disliked)::double precision / ((liked + disliked))::double precision) AS disliked_share,
    tags
   FROM analytics.cited_documents
  WHERE ((disliked > 0) AND (NOT is_deleted));

ALTER VIEW analytics.disliked_documents OWNER TO millrace_owner;

-- Name: VIEW disliked_documents; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.disliked_documents IS 'One row for each served document that is cited by an answer with a thumb down: it may be wrong, or only near what was meant.
Example: the worst first, of those with opinions enough:
select path, disliked, disliked_share from analytics.disliked_documents
where liked + disliked >= 5 order by disliked_share desc;';

-- Name: COLUMN disliked_documents.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.organization_id IS 'Whose it is.';

-- Name: COLUMN disliked_documents.document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.document_id IS 'The document.';

-- Name: COLUMN disliked_documents.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.source IS 'The source''s name.';

-- Name: COLUMN disliked_documents.path; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.path IS 'Where it lies in its source.';

-- Name: COLUMN disliked_documents.title; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.title IS 'Its title.';

-- Name: COLUMN disliked_documents.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.language IS 'Its language.';

-- Name: COLUMN disliked_documents.answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.answers IS 'Answers that cite it.';

-- Name: COLUMN disliked_documents.liked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.liked IS 'Thumbs up for them.';

-- Name: COLUMN disliked_documents.disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.disliked IS 'Thumbs down for them.';

-- Name: COLUMN disliked_documents.disliked_share; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.disliked_share IS 'Of all thumbs for them.';

-- Name: COLUMN disliked_documents.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.disliked_documents.tags IS 'The tags of the source, in their order.';

-- Name: evaluation_runs; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_runs (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    evaluation_set_id uuid NOT NULL,
    model_config_version_id uuid NOT NULL,
    dagster_run_id text,
    queries integer NOT NULL,
    elapsed_ms double precision NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    split text DEFAULT 'report'::text NOT NULL,
    CONSTRAINT evaluation_runs_split_check CHECK ((split = ANY (ARRAY['tune'::text, 'report'::text])))
);

ALTER TABLE ONLY bots.evaluation_runs FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_runs OWNER TO millrace_owner;

-- Name: TABLE evaluation_runs; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_runs IS 'One measurement of a configuration on a set.';

-- Name: evaluation_scores; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_scores (
    organization_id uuid NOT NULL,
    evaluation_run_id uuid NOT NULL,
    slice text DEFAULT ''::text NOT NULL,
    metric text NOT NULL,
    queries integer NOT NULL,
    value double precision,
    low double precision,
    high double precision,
    CONSTRAINT evaluation_scores_queries_check CHECK ((queries >= 0))
);

ALTER TABLE ONLY bots.evaluation_scores FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_scores OWNER TO millrace_owner;

-- Name: TABLE evaluation_scores; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_scores IS 'A metric of a run with its 95 % interval and the number of questions; null where it is not defined, never zero instead.';

-- Name: evaluation_sets; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_sets (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    chatbot_id uuid NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY bots.evaluation_sets FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_sets OWNER TO millrace_owner;

-- Name: TABLE evaluation_sets; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_sets IS 'Questions with known right documents, by which a chatbot''s retrieval is measured.';

-- Name: evaluation_by_version; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.evaluation_by_version WITH (security_invoker='true') AS
 SELECT r.organization_id,
    c.name AS chatbot,
    m.number AS configuration,
    m.status,
    e.name AS evaluation_set,
    r.split,
    x.slice,
    x.metric,
    x.queries,
    x.value,
    x.low,
    x.high,
    r.created_at AS evaluated_at,
    (row_number() OVER (PARTITION BY r.organization_id, r.evaluation_set_id, r.model_config_version_id, r.split, x.slice, x.metric ORDER BY r.created_at DESC, r.id) = 1) AS is_latest
   FROM ((((bots.evaluation_runs r
     JOIN bots.evaluation_scores x ON (((x.organization_id = r.organization_id) AND (x.evaluation_run_id = r.id))))
     JOIN bots.evaluation_sets e ON (((e.organization_id = r.organization_id) AND (e.id = r.evaluation_set_id))))
     JOIN bots.model_config_versions m ON (((m.organization_id = r.organization_id) AND (m.id = r.model_config_version_id))))
     JOIN bots.chatbots c ON (((c.organization_id = r.organization_id) AND (c.id = m.chatbot_id))));

ALTER VIEW analytics.evaluation_by_version OWNER TO millrace_owner;

-- Name: VIEW evaluation_by_version; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.evaluation_by_version IS 'Scores of evaluations, with their 95 % intervals.
Example: the latest figure of each version:
select configuration, value, low, high, queries from analytics.evaluation_by_version
where chatbot = ''handbook'' and metric = ''ndcg_at_10'' and slice = '''' and is_latest order by configuration;';

-- Name: COLUMN evaluation_by_version.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.organization_id IS 'Whose it is.';

-- Name: COLUMN evaluation_by_version.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN evaluation_by_version.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.configuration IS 'The configuration''s number.';

-- Name: COLUMN evaluation_by_version.status; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.status IS 'draft, building, evaluated, active or retired.';

-- Name: COLUMN evaluation_by_version.evaluation_set; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.evaluation_set IS 'The set''s name.';

-- Name: COLUMN evaluation_by_version.split; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.split IS 'report measures; tune is for choosing values by.';

-- Name: COLUMN evaluation_by_version.slice; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.slice IS 'Such as a language; empty for all questions.';

-- Name: COLUMN evaluation_by_version.metric; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.metric IS 'Such as ndcg@10.';

-- Name: COLUMN evaluation_by_version.queries; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.queries IS 'Over so many questions.';

-- Name: COLUMN evaluation_by_version.value; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.value IS 'The mean; null where it is not defined.';

-- Name: COLUMN evaluation_by_version.low; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.low IS 'The lower end of its 95 % interval.';

-- Name: COLUMN evaluation_by_version.high; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.high IS 'The upper end.';

-- Name: COLUMN evaluation_by_version.evaluated_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.evaluated_at IS 'When it was measured.';

-- Name: COLUMN evaluation_by_version.is_latest; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.evaluation_by_version.is_latest IS 'Whether this set was not measured again since with this configuration.';

-- Name: sync_failures; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.sync_failures (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    document_id uuid,
    file_path text NOT NULL,
    stage text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    attempts integer DEFAULT 1 NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    state text DEFAULT 'retrying'::text NOT NULL,
    CONSTRAINT sync_failures_stage_check CHECK ((stage = ANY (ARRAY['listing'::text, 'fetching'::text, 'parsing'::text, 'chunking'::text, 'embedding'::text]))),
    CONSTRAINT sync_failures_state_check CHECK ((state = ANY (ARRAY['retrying'::text, 'parked'::text, 'ignored'::text])))
);

ALTER TABLE ONLY knowledge.sync_failures FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.sync_failures OWNER TO millrace_owner;

-- Name: TABLE sync_failures; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.sync_failures IS 'Items that could not be carried through, one row each while it lasts: stage, reason, attempts and when it is tried again.';

-- Name: COLUMN sync_failures.state; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.sync_failures.state IS 'retrying: tried again at next_attempt_at; parked: only when it changes or somebody asks; ignored: nobody minds.';

-- Name: failures_backlog; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.failures_backlog WITH (security_invoker='true') AS
 SELECT f.organization_id,
    o.source,
    f.stage,
    f.outcome,
    f.state,
    count(*) AS items,
    min(f.created_at) AS oldest,
    max(f.attempts) AS most_attempts,
    min(f.next_attempt_at) FILTER (WHERE (f.state = 'retrying'::text)) AS next_attempt_at,
    o.tags
   FROM (knowledge.sync_failures f
     JOIN analytics.all_sources o ON (((o.organization_id = f.organization_id) AND (o.source_id = f.data_source_id))))
  WHERE (NOT o.is_deleted)
  GROUP BY f.organization_id, o.source, o.tags, f.stage, f.outcome, f.state;

ALTER VIEW analytics.failures_backlog OWNER TO millrace_owner;

-- Name: VIEW failures_backlog; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.failures_backlog IS 'Items that fail, by source, stage, kind of failure and state.
Example: what waits for a person:
select source, outcome, items, oldest from analytics.failures_backlog where state = ''parked'' order by items desc;';

-- Name: COLUMN failures_backlog.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.organization_id IS 'Whose it is.';

-- Name: COLUMN failures_backlog.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.source IS 'The source''s name.';

-- Name: COLUMN failures_backlog.stage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.stage IS 'listing, fetching, parsing, chunking or embedding.';

-- Name: COLUMN failures_backlog.outcome; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.outcome IS 'What kind of failure.';

-- Name: COLUMN failures_backlog.state; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.state IS 'retrying (by itself), parked (until it changes or somebody asks) or ignored.';

-- Name: COLUMN failures_backlog.items; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.items IS 'How many.';

-- Name: COLUMN failures_backlog.oldest; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.oldest IS 'Since when the first of them fails.';

-- Name: COLUMN failures_backlog.most_attempts; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.most_attempts IS 'How often the most tried of them was tried.';

-- Name: COLUMN failures_backlog.next_attempt_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.next_attempt_at IS 'When the next is tried by itself.';

-- Name: COLUMN failures_backlog.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.failures_backlog.tags IS 'The tags of the source, in their order.';

-- Name: embedding_models; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.embedding_models (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    dimension integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT embedding_models_dimension_check CHECK (((dimension >= 1) AND (dimension <= 16000)))
);

ALTER TABLE ONLY knowledge.embedding_models FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.embedding_models OWNER TO millrace_owner;

-- Name: TABLE embedding_models; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.embedding_models IS 'The models whose vectors are kept: name, version and dimension.';

-- Name: index_recalls; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.index_recalls (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    embedding_model_id uuid NOT NULL,
    passages bigint NOT NULL,
    questions integer NOT NULL,
    recall double precision NOT NULL,
    low double precision NOT NULL,
    high double precision NOT NULL,
    short integer NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT index_recalls_check CHECK (((low <= recall) AND (recall <= high))),
    CONSTRAINT index_recalls_passages_check CHECK ((passages >= 0)),
    CONSTRAINT index_recalls_questions_check CHECK ((questions >= 0)),
    CONSTRAINT index_recalls_recall_check CHECK (((recall >= (0)::double precision) AND (recall <= (1)::double precision))),
    CONSTRAINT index_recalls_short_check CHECK ((short >= 0))
);

ALTER TABLE ONLY knowledge.index_recalls FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.index_recalls OWNER TO millrace_owner;

-- Name: TABLE index_recalls; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.index_recalls IS 'Each night, for a model with an index: the share of the ten nearest vectors that is found along it, with its 95 % interval (Wilson), in a scope of so many passages. Short: answers with fewer rows than the exact ones.';

-- Name: index_recall; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.index_recall WITH (security_invoker='true') AS
 SELECT r.organization_id,
    ((r.measured_at AT TIME ZONE 'UTC'::text))::date AS day,
    m.name AS model,
    r.passages,
    r.questions,
    r.recall,
    r.low,
    r.high,
    r.short,
    r.measured_at
   FROM (knowledge.index_recalls r
     JOIN knowledge.embedding_models m ON (((m.organization_id = r.organization_id) AND (m.id = r.embedding_model_id))));

ALTER VIEW analytics.index_recall OWNER TO millrace_owner;

-- Name: VIEW index_recall; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.index_recall IS 'Recall of vector indexes, as measured each night: in all sources, in the largest, and in one of middling size.
Example: the latest of each model and scope:
select distinct on (model, passages) model, passages, recall, low, high from analytics.index_recall
order by model, passages, measured_at desc;';

-- Name: COLUMN index_recall.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.organization_id IS 'Whose it is.';

-- Name: COLUMN index_recall.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.day IS 'The day of UTC on which it was measured.';

-- Name: COLUMN index_recall.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.model IS 'The embedding model whose vectors the index holds.';

-- Name: COLUMN index_recall.passages; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.passages IS 'How many passages were searched.';

-- Name: COLUMN index_recall.questions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.questions IS 'How many vectors were searched for.';

-- Name: COLUMN index_recall.recall; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.recall IS 'The share of the ten nearest that was found.';

-- Name: COLUMN index_recall.low; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.low IS 'The lower end of its 95 % interval (Wilson).';

-- Name: COLUMN index_recall.high; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.high IS 'The upper end.';

-- Name: COLUMN index_recall.short; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.short IS 'Answers that had fewer passages than the exact ones.';

-- Name: COLUMN index_recall.measured_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.index_recall.measured_at IS 'When it was measured.';

-- Name: latency_by_stage; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.latency_by_stage WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.day,
    c.name AS chatbot,
    s.stage,
    s.answers,
    s.mean_seconds,
    s.median_seconds,
    s.seconds_of_95_in_100,
    s.slowest_seconds
   FROM (( SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.stage,
            t.answers,
            t.mean_seconds,
            t.median_seconds,
            t.seconds_of_95_in_100,
            t.slowest_seconds
           FROM conversations.daily_latencies t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('answers'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.stage,
            l.answers,
            l.mean_seconds,
            l.median_seconds,
            l.seconds_of_95_in_100,
            l.slowest_seconds
           FROM (analytics.unsummed_days('answers'::text) d(day)
             CROSS JOIN LATERAL analytics.latencies_of_day(d.day) l(organization_id, id, day, chatbot_id, stage, answers, mean_seconds, median_seconds, seconds_of_95_in_100, slowest_seconds))) s
     LEFT JOIN bots.chatbots c ON (((c.organization_id = s.organization_id) AND (c.id = s.chatbot_id))));

ALTER VIEW analytics.latency_by_stage OWNER TO millrace_owner;

-- Name: VIEW latency_by_stage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.latency_by_stage IS 'Seconds by day, chatbot and stage: understanding (a model rewords the question), retrieval (search and reranker), answering (all the rest), whole.
Example: which stage made last week slow:
select stage, sum(mean_seconds * answers) / sum(answers) from analytics.latency_by_stage
where day >= current_date - 7 group by stage;';

-- Name: COLUMN latency_by_stage.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.organization_id IS 'Whose it is.';

-- Name: COLUMN latency_by_stage.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN latency_by_stage.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN latency_by_stage.stage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.stage IS 'understanding, retrieval, answering or whole.';

-- Name: COLUMN latency_by_stage.answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.answers IS 'Answers that had this stage.';

-- Name: COLUMN latency_by_stage.mean_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.mean_seconds IS 'On average.';

-- Name: COLUMN latency_by_stage.median_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.median_seconds IS 'Half took no longer.';

-- Name: COLUMN latency_by_stage.seconds_of_95_in_100; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.seconds_of_95_in_100 IS '95 of 100 took no longer.';

-- Name: COLUMN latency_by_stage.slowest_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.latency_by_stage.slowest_seconds IS 'The slowest.';

-- Name: model_prices; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.model_prices (
    organization_id uuid NOT NULL,
    model text NOT NULL,
    input numeric(14,6) NOT NULL,
    output numeric(14,6) DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    since date NOT NULL,
    CONSTRAINT model_prices_input_check CHECK ((input >= (0)::numeric)),
    CONSTRAINT model_prices_model_check CHECK (((length(model) >= 1) AND (length(model) <= 200))),
    CONSTRAINT model_prices_output_check CHECK ((output >= (0)::numeric))
);

ALTER TABLE ONLY identity.model_prices FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.model_prices OWNER TO millrace_owner;

-- Name: TABLE model_prices; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.model_prices IS 'What an organization pays for a million tokens that a model reads (input) and speaks (output), in the currency of its budget: on a day of UTC, the latest price whose since is not after it. What was paid by one is not reckoned anew.';

-- Name: COLUMN model_prices.since; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON COLUMN identity.model_prices.since IS 'The first day of UTC on which it holds; -infinity: from the beginning.';

-- Name: model_prices; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.model_prices WITH (security_invoker='true') AS
 SELECT organization_id,
    model,
    NULLIF(since, '-infinity'::date) AS since,
    lead(since) OVER (PARTITION BY organization_id, model ORDER BY p.since) AS until,
    input,
    output
   FROM identity.model_prices p;

ALTER VIEW analytics.model_prices OWNER TO millrace_owner;

-- Name: VIEW model_prices; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.model_prices IS 'What models cost, did and will: each price, and the days (of UTC) on which it holds. Whatever is asked of a model is paid by the price of its day, and never reckoned anew.
Example: what holds today:
select model, input, output from analytics.model_prices
where coalesce(since <= current_date, true) and coalesce(until > current_date, true);';

-- Name: COLUMN model_prices.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.organization_id IS 'Whose it is.';

-- Name: COLUMN model_prices.model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.model IS 'The model.';

-- Name: COLUMN model_prices.since; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.since IS 'The first day on which it holds; null: from the beginning.';

-- Name: COLUMN model_prices.until; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.until IS 'The first day on which it holds no more, since another one does; null where none follows.';

-- Name: COLUMN model_prices.input; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.input IS 'What a million tokens cost that it reads, in the currency of the budget.';

-- Name: COLUMN model_prices.output; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.model_prices.output IS 'What a million tokens cost that it speaks.';

-- Name: citations; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.citations (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    message_id uuid NOT NULL,
    citation_index integer NOT NULL,
    document_id uuid NOT NULL,
    document_version_id uuid,
    chunk_id uuid NOT NULL,
    quote text NOT NULL,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    purged_at timestamp with time zone,
    "position" integer DEFAULT 0 NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    section_title text,
    page integer,
    version_number integer,
    source_name text DEFAULT ''::text NOT NULL,
    location text DEFAULT ''::text NOT NULL,
    address text,
    as_of timestamp with time zone,
    run_id text,
    CONSTRAINT citations_check CHECK ((end_char > start_char)),
    CONSTRAINT citations_check1 CHECK (((document_version_id IS NULL) = (purged_at IS NOT NULL))),
    CONSTRAINT citations_check2 CHECK (((purged_at IS NULL) OR (quote = ''::text))),
    CONSTRAINT citations_citation_index_check CHECK ((citation_index > 0)),
    CONSTRAINT citations_position_check CHECK (("position" >= 0)),
    CONSTRAINT citations_start_char_check CHECK ((start_char >= 0))
);

ALTER TABLE ONLY conversations.citations FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.citations OWNER TO millrace_owner;

-- Name: TABLE citations; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.citations IS 'What an answer rests on: a quote that was found at its offsets in that version. The chunk it came by may be gone by now; when the version is purged the quote goes with it (purged_at).';

-- Name: never_cited_documents; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.never_cited_documents WITH (security_invoker='true') AS
 SELECT d.organization_id,
    d.id AS document_id,
    o.source,
    d.file_path AS path,
    d.title,
    d.language,
    d.created_at,
    (CURRENT_DATE - ((d.created_at AT TIME ZONE 'UTC'::text))::date) AS days,
    o.tags
   FROM (knowledge.documents d
     JOIN analytics.all_sources o ON (((o.organization_id = d.organization_id) AND (o.source_id = d.data_source_id))))
  WHERE ((d.status = 'ready'::text) AND (d.soft_deleted_at IS NULL) AND (NOT (EXISTS ( SELECT
           FROM conversations.citations c
          WHERE ((c.organization_id = d.organization_id) AND (c.document_id = d.id))))));

ALTER VIEW analytics.never_cited_documents OWNER TO millrace_owner;

-- Name: VIEW never_cited_documents; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.never_cited_documents IS 'One row for each document that can be found and was never cited. A young one may be cited yet: see days.
Example: how much of each source nobody ever needed in a year:
select source, count(*) from analytics.never_cited_documents where days > 365 group by source order by 2 desc;';

-- Name: COLUMN never_cited_documents.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.organization_id IS 'Whose it is.';

-- Name: COLUMN never_cited_documents.document_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.document_id IS 'The document.';

-- Name: COLUMN never_cited_documents.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.source IS 'The source''s name.';

-- Name: COLUMN never_cited_documents.path; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.path IS 'Where it lies in its source.';

-- Name: COLUMN never_cited_documents.title; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.title IS 'Its title.';

-- Name: COLUMN never_cited_documents.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.language IS 'Its language.';

-- Name: COLUMN never_cited_documents.created_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.created_at IS 'When it was first seen.';

-- Name: COLUMN never_cited_documents.days; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.days IS 'How many days it could have been cited.';

-- Name: COLUMN never_cited_documents.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.never_cited_documents.tags IS 'The tags of the source, in their order.';

-- Name: queries_without_result; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.queries_without_result WITH (security_invoker='true') AS
 SELECT a.organization_id,
    a.day,
    a.asked_at,
    a.chatbot,
    a.agent,
    a.configuration,
    l.query AS question,
    l.detailed_question AS understood_as,
    a.outcome,
    l.found,
    l.best_score,
    l.retrieval_threshold AS threshold,
    a.source,
    a.language,
    a.is_disliked,
    a.answer_id,
    a.session_id
   FROM (( SELECT b.organization_id,
            b.answer_id,
            b.session_id,
            b.asked_at,
            b.day,
            b.chatbot_id,
            b.chatbot,
            b.agent_id,
            b.agent,
            b.configuration_id,
            b.configuration,
            b.model,
            b.outcome,
            b.seconds,
            b.understanding_seconds,
            b.retrieval_seconds,
            b.found,
            b.best_score,
            b.best_document_id,
            b.source_id,
            b.source,
            b.language,
            b.prompt_tokens,
            b.completion_tokens,
            b.cost,
            b.tags,
            (EXISTS ( SELECT
                   FROM conversations.message_feedback f
                  WHERE ((f.organization_id = b.organization_id) AND (f.message_id = b.answer_id) AND (f.feedback = 'negative'::text)))) AS is_disliked
           FROM analytics.answers b) a
     JOIN conversations.retrieval_logs l ON (((l.organization_id = a.organization_id) AND (l.message_id = a.answer_id))))
  WHERE ((a.outcome = 'no_answer'::text) OR (a.found = 0) OR a.is_disliked);

ALTER VIEW analytics.queries_without_result OWNER TO millrace_owner;

-- Name: VIEW queries_without_result; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.queries_without_result IS 'Questions without a good result, one row each, with what was nearest. Erased questions are not here.
Example: what was asked in vain last week:
select question, best_score, source from analytics.queries_without_result
where day >= current_date - 7 order by best_score nulls first;';

-- Name: COLUMN queries_without_result.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.organization_id IS 'Whose it is.';

-- Name: COLUMN queries_without_result.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.day IS 'The day of UTC on which the questions came.';

-- Name: COLUMN queries_without_result.asked_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.asked_at IS 'When it came.';

-- Name: COLUMN queries_without_result.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN queries_without_result.agent; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.agent IS 'The agent''s name.';

-- Name: COLUMN queries_without_result.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.configuration IS 'The configuration''s number.';

-- Name: COLUMN queries_without_result.question; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.question IS 'As it was asked.';

-- Name: COLUMN queries_without_result.understood_as; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.understood_as IS 'As a model put it for the search; null where none was asked to.';

-- Name: COLUMN queries_without_result.outcome; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.outcome IS 'As in analytics.answers.';

-- Name: COLUMN queries_without_result.found; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.found IS 'How many passages were found.';

-- Name: COLUMN queries_without_result.best_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.best_score IS 'The score of the first; null for none.';

-- Name: COLUMN queries_without_result.threshold; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.threshold IS 'Below which no passage is offered.';

-- Name: COLUMN queries_without_result.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.source IS 'Where the nearest passage is from.';

-- Name: COLUMN queries_without_result.language; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.language IS 'Of the nearest passage''s document.';

-- Name: COLUMN queries_without_result.is_disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.is_disliked IS 'Whether somebody gave it a thumb down.';

-- Name: COLUMN queries_without_result.answer_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.answer_id IS 'The message that answered.';

-- Name: COLUMN queries_without_result.session_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.queries_without_result.session_id IS 'The conversation.';

-- Name: question_cluster_passages; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.question_cluster_passages (
    organization_id uuid NOT NULL,
    question_cluster_id uuid NOT NULL,
    place integer NOT NULL,
    document_id uuid NOT NULL,
    chunk_id uuid NOT NULL,
    score double precision NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT question_cluster_passages_place_check CHECK ((place > 0))
);

ALTER TABLE ONLY conversations.question_cluster_passages FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.question_cluster_passages OWNER TO millrace_owner;

-- Name: TABLE question_cluster_passages; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.question_cluster_passages IS 'The passages that are nearest to a cluster by cosine, from all sources of the organization; the chunk may be gone by now.';

-- Name: question_clusters; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.question_clusters (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    embedding_model text NOT NULL,
    words text[] DEFAULT '{}'::text[] NOT NULL,
    standing text DEFAULT 'unknown'::text NOT NULL,
    nearest_score double precision,
    low_score double precision,
    usual_score double precision,
    alike integer DEFAULT 0 NOT NULL,
    alike_answered integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT question_clusters_alike_check CHECK ((alike >= 0)),
    CONSTRAINT question_clusters_check CHECK (((alike_answered >= 0) AND (alike_answered <= alike))),
    CONSTRAINT question_clusters_embedding_model_check CHECK (((length(embedding_model) >= 1) AND (length(embedding_model) <= 200))),
    CONSTRAINT question_clusters_standing_check CHECK ((standing = ANY (ARRAY['missing'::text, 'unclear'::text, 'present'::text, 'unknown'::text])))
);

ALTER TABLE ONLY conversations.question_clusters FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.question_clusters OWNER TO millrace_owner;

-- Name: TABLE question_clusters; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.question_clusters IS 'Questions without a good answer that mean about the same, by the vectors that their searches were made with. words: the most telling ones; they are taken away when a question leaves, and chosen anew by the next run.';

-- Name: COLUMN question_clusters.nearest_score; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.question_clusters.nearest_score IS 'The median, over the questions nearest to the middle, of the cosine of the passage that is nearest at present.';

-- Name: COLUMN question_clusters.low_score; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.question_clusters.low_score IS 'What nine of ten answered questions reach with their nearest passage: below it, documents are missing.';

-- Name: COLUMN question_clusters.usual_score; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.question_clusters.usual_score IS 'What three of four answered questions reach with their nearest passage: from there on, documents are present.';

-- Name: COLUMN question_clusters.alike; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.question_clusters.alike IS 'How many of the 1,000 latest searches, whatever became of them, are as like its middle as its questions have to be.';

-- Name: COLUMN question_clusters.alike_answered; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.question_clusters.alike_answered IS 'How many of those have an answer that cites something; where half of them do, documents are present.';

-- Name: question_clusters; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.question_clusters WITH (security_invoker='true') AS
 SELECT k.organization_id,
    k.id AS cluster_id,
    NULLIF(array_to_string(k.words, ', '::text), ''::text) AS words,
    k.standing,
    q.questions,
    q.unanswered,
    q.disliked,
    q.first_day,
    q.last_day,
    k.nearest_score,
    k.low_score,
    k.usual_score,
    k.alike,
    k.alike_answered,
    p.sources,
    p.tags,
    k.embedding_model,
    k.updated_at AS made_at
   FROM ((conversations.question_clusters k
     JOIN LATERAL ( SELECT count(*) AS questions,
            count(*) FILTER (WHERE q_1.is_unanswered) AS unanswered,
            count(*) FILTER (WHERE q_1.is_disliked) AS disliked,
            min(q_1.day) AS first_day,
            max(q_1.day) AS last_day
           FROM conversations.clustered_questions q_1
          WHERE ((q_1.organization_id = k.organization_id) AND (q_1.question_cluster_id = k.id))) q ON (true))
     LEFT JOIN LATERAL ( SELECT array_agg(DISTINCT o.name) AS sources,
            array_agg(DISTINCT t.name) FILTER (WHERE (t.id IS NOT NULL)) AS tags
           FROM ((((conversations.question_cluster_passages p_1
             JOIN knowledge.documents d ON (((d.organization_id = p_1.organization_id) AND (d.id = p_1.document_id))))
             JOIN knowledge.data_sources o ON (((o.organization_id = d.organization_id) AND (o.id = d.data_source_id))))
             LEFT JOIN knowledge.data_source_tags b ON (((b.organization_id = o.organization_id) AND (b.data_source_id = o.id))))
             LEFT JOIN knowledge.tags t ON (((t.organization_id = b.organization_id) AND (t.id = b.tag_id) AND (t.deleted_at IS NULL))))
          WHERE ((p_1.organization_id = k.organization_id) AND (p_1.question_cluster_id = k.id))) p ON (true));

ALTER VIEW analytics.question_clusters OWNER TO millrace_owner;

-- Name: VIEW question_clusters; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.question_clusters IS 'One row for each cluster of questions without a good answer that mean about the same.
Example: what documents are missing for, the most asked first:
select words, questions, sources from analytics.question_clusters
where standing = ''missing'' order by questions desc;';

-- Name: COLUMN question_clusters.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.organization_id IS 'Whose it is.';

-- Name: COLUMN question_clusters.cluster_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.cluster_id IS 'The cluster; it keeps its id from night to night while most of its questions stay together.';

-- Name: COLUMN question_clusters.words; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.words IS 'Its most telling words; null from when a question of it was erased until the next run.';

-- Name: COLUMN question_clusters.standing; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.standing IS 'missing (the nearest passage is farther than for nine of ten answered questions), present (as near as for three of four, or half of the questions like it were answered), unclear (between), or unknown.';

-- Name: COLUMN question_clusters.questions; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.questions IS 'How many questions lie in it.';

-- Name: COLUMN question_clusters.unanswered; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.unanswered IS 'Those that found nothing, or that the documents did not answer.';

-- Name: COLUMN question_clusters.disliked; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.disliked IS 'Those whose answer was disliked.';

-- Name: COLUMN question_clusters.first_day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.first_day IS 'Since when they are asked, in UTC.';

-- Name: COLUMN question_clusters.last_day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.last_day IS 'Until when.';

-- Name: COLUMN question_clusters.nearest_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.nearest_score IS 'The cosine of the nearest passage: the median over its most typical questions; null where there is none.';

-- Name: COLUMN question_clusters.low_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.low_score IS 'What nine of ten answered questions reach; null where too few were answered.';

-- Name: COLUMN question_clusters.usual_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.usual_score IS 'What three of four answered questions reach.';

-- Name: COLUMN question_clusters.alike; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.alike IS 'How many of the 1,000 latest searches are like it, whatever became of them.';

-- Name: COLUMN question_clusters.alike_answered; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.alike_answered IS 'How many of those have an answer that cites something.';

-- Name: COLUMN question_clusters.sources; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.sources IS 'The sources of the nearest passages, so where its documents would belong.';

-- Name: COLUMN question_clusters.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.tags IS 'The tags of these sources.';

-- Name: COLUMN question_clusters.embedding_model; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.embedding_model IS 'The model whose vectors were compared.';

-- Name: COLUMN question_clusters.made_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.question_clusters.made_at IS 'When it was made or changed.';

-- Name: retrieval_scores; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.retrieval_scores WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.day,
    c.name AS chatbot,
    m.number AS configuration,
    s.retrievals,
    s.without_result,
    s.mean_found,
    (s.score_sum / (NULLIF(s.scores, 0))::double precision) AS mean_score,
    s.deviation,
    s.tenth,
    s.quarter,
    s.median,
    s.three_quarters,
    s.nine_tenths
   FROM ((( SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.configuration_id,
            t.retrievals,
            t.without_result,
            t.mean_found,
            t.scores,
            t.score_sum,
            t.deviation,
            t.tenth,
            t.quarter,
            t.median,
            t.three_quarters,
            t.nine_tenths
           FROM conversations.daily_scores t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('scores'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.configuration_id,
            l.retrievals,
            l.without_result,
            l.mean_found,
            l.scores,
            l.score_sum,
            l.deviation,
            l.tenth,
            l.quarter,
            l.median,
            l.three_quarters,
            l.nine_tenths
           FROM (analytics.unsummed_days('scores'::text) d(day)
             CROSS JOIN LATERAL analytics.scores_of_day(d.day) l(organization_id, id, day, chatbot_id, configuration_id, retrievals, without_result, mean_found, scores, score_sum, score_squares, deviation, tenth, quarter, median, three_quarters, nine_tenths))) s
     JOIN bots.chatbots c ON (((c.organization_id = s.organization_id) AND (c.id = s.chatbot_id))))
     JOIN bots.model_config_versions m ON (((m.organization_id = s.organization_id) AND (m.id = s.configuration_id))));

ALTER VIEW analytics.retrieval_scores OWNER TO millrace_owner;

-- Name: VIEW retrieval_scores; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.retrieval_scores IS 'Scores of the passage that was found first, by day, chatbot and configuration. Scores of other configurations are others'' scales.
Example: drift, each day against the four weeks before it (see also analytics.score_drift):
select day, mean_score - avg(mean_score) over (order by day range between interval ''28 days'' preceding and interval ''1 day'' preceding)
from analytics.retrieval_scores where chatbot = ''handbook'' and configuration = 1;';

-- Name: COLUMN retrieval_scores.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.organization_id IS 'Whose it is.';

-- Name: COLUMN retrieval_scores.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.day IS 'The day of UTC.';

-- Name: COLUMN retrieval_scores.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN retrieval_scores.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.configuration IS 'The configuration''s number.';

-- Name: COLUMN retrieval_scores.retrievals; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.retrievals IS 'Searches for answers.';

-- Name: COLUMN retrieval_scores.without_result; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.without_result IS 'Those that found no passage.';

-- Name: COLUMN retrieval_scores.mean_found; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.mean_found IS 'Passages that a search found, on average.';

-- Name: COLUMN retrieval_scores.mean_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.mean_score IS 'The mean of the best scores, of searches that found something; null where none did.';

-- Name: COLUMN retrieval_scores.deviation; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.deviation IS 'Their standard deviation; null for fewer than two.';

-- Name: COLUMN retrieval_scores.tenth; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.tenth IS 'A tenth of the best scores is not above it.';

-- Name: COLUMN retrieval_scores.quarter; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.quarter IS 'A quarter is not above it.';

-- Name: COLUMN retrieval_scores.median; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.median IS 'Half is not above it.';

-- Name: COLUMN retrieval_scores.three_quarters; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.three_quarters IS 'Three quarters are not above it.';

-- Name: COLUMN retrieval_scores.nine_tenths; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.retrieval_scores.nine_tenths IS 'Nine tenths are not above it.';

-- Name: score_drift; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.score_drift WITH (security_invoker='true') AS
 WITH by_day AS (
         SELECT t.organization_id,
            t.day,
            t.chatbot_id,
            t.configuration_id,
            t.scores,
            t.score_sum AS total,
            t.score_squares AS squares
           FROM conversations.daily_scores t
          WHERE (NOT (EXISTS ( SELECT
                   FROM analytics.unsummed_days('scores'::text) d(day)
                  WHERE (d.day = t.day))))
        UNION ALL
         SELECT l.organization_id,
            d.day,
            l.chatbot_id,
            l.configuration_id,
            l.scores,
            l.score_sum,
            l.score_squares
           FROM (analytics.unsummed_days('scores'::text) d(day)
             CROSS JOIN LATERAL analytics.scores_of_day(d.day) l(organization_id, id, day, chatbot_id, configuration_id, retrievals, without_result, mean_found, scores, score_sum, score_squares, deviation, tenth, quarter, median, three_quarters, nine_tenths))
        ), beside AS (
         SELECT by_day.organization_id,
            by_day.day,
            by_day.chatbot_id,
            by_day.configuration_id,
            by_day.scores,
            by_day.total,
            by_day.squares,
            sum(by_day.scores) OVER past AS past_scores,
            sum(by_day.total) OVER past AS past_total,
            sum(by_day.squares) OVER past AS past_squares
           FROM by_day
          WINDOW past AS (PARTITION BY by_day.organization_id, by_day.chatbot_id, by_day.configuration_id ORDER BY by_day.day RANGE BETWEEN '28 days'::interval PRECEDING AND '1 day'::interval PRECEDING)
        )
 SELECT b.organization_id,
    b.day,
    c.name AS chatbot,
    m.number AS configuration,
    b.scores,
    (b.total / (NULLIF(b.scores, 0))::double precision) AS mean_score,
    (b.past_scores)::bigint AS past_scores,
    (b.past_total / (NULLIF(b.past_scores, (0)::numeric))::double precision) AS past_mean_score,
    (((b.total / (NULLIF(b.scores, 0))::double precision) - (b.past_total / (NULLIF(b.past_scores, (0)::numeric))::double precision)) / NULLIF(sqrt(GREATEST((0)::double precision, ((b.past_squares / (NULLIF(b.past_scores, (0)::numeric))::double precision) - ((b.past_total / (NULLIF(b.past_scores, (0)::numeric))::double precision) ^ (2)::double precision)))), (0)::double precision)) AS drift
   FROM ((beside b
     JOIN bots.chatbots c ON (((c.organization_id = b.organization_id) AND (c.id = b.chatbot_id))))
     JOIN bots.model_config_versions m ON (((m.organization_id = b.organization_id) AND (m.id = b.configuration_id))));

ALTER VIEW analytics.score_drift OWNER TO millrace_owner;

-- Name: VIEW score_drift; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.score_drift IS 'Drift of the best score, by day, chatbot and configuration. A drift of -0.5: half a standard deviation lower than before.
Example: the days on which a chatbot''s search was least like itself:
select * from analytics.score_drift where scores >= 30 order by abs(drift) desc nulls last limit 10;';

-- Name: COLUMN score_drift.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.organization_id IS 'Whose it is.';

-- Name: COLUMN score_drift.day; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.day IS 'The day of UTC.';

-- Name: COLUMN score_drift.chatbot; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.chatbot IS 'The chatbot''s name.';

-- Name: COLUMN score_drift.configuration; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.configuration IS 'The configuration''s number.';

-- Name: COLUMN score_drift.scores; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.scores IS 'Searches of the day that found something.';

-- Name: COLUMN score_drift.mean_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.mean_score IS 'The mean of their best scores.';

-- Name: COLUMN score_drift.past_scores; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.past_scores IS 'Searches of the 28 days before; null where there were none.';

-- Name: COLUMN score_drift.past_mean_score; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.past_mean_score IS 'The mean of their best scores.';

-- Name: COLUMN score_drift.drift; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.score_drift.drift IS 'The difference in standard deviations of the 28 days before; null where there is nothing to compare with.';

-- Name: training_jobs; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.training_jobs (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    status text DEFAULT 'queued'::text NOT NULL,
    dagster_run_id text,
    listed integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    deleted integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    chunks integer DEFAULT 0 NOT NULL,
    embedded integer DEFAULT 0 NOT NULL,
    reused integer DEFAULT 0 NOT NULL,
    reason text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    stage text,
    stage_started_at timestamp with time zone,
    done integer DEFAULT 0 NOT NULL,
    total integer DEFAULT 0 NOT NULL,
    moved integer DEFAULT 0 NOT NULL,
    held integer DEFAULT 0 NOT NULL,
    tokens bigint DEFAULT 0 NOT NULL,
    cost numeric(14,6),
    CONSTRAINT training_jobs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cleanup_completed'::text])))
);

ALTER TABLE ONLY knowledge.training_jobs FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.training_jobs OWNER TO millrace_owner;

-- Name: TABLE training_jobs; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.training_jobs IS 'What a person sees of a sync: its state and what it did, counted from its items.';

-- Name: COLUMN training_jobs.done; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.training_jobs.done IS 'Of so many as total says, at the present stage; total grows while they are found.';

-- Name: COLUMN training_jobs.moved; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.training_jobs.moved IS 'Documents whose items have another path now.';

-- Name: COLUMN training_jobs.held; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.training_jobs.held IS 'Deletions that wait for approval.';

-- Name: COLUMN training_jobs.tokens; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.training_jobs.tokens IS 'What was given to embedding models, in their tokens or as estimated.';

-- Name: source_cost; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.source_cost WITH (security_invoker='true') AS
 SELECT o.organization_id,
    o.source_id,
    o.source,
    COALESCE(j.syncs, (0)::bigint) AS syncs,
    COALESCE(j.tokens, (0)::bigint) AS tokens,
    j.cost,
    COALESCE(c.answers, (0)::bigint) AS answers,
    COALESCE(c.citations, (0)::bigint) AS citations,
    (j.cost / (NULLIF(c.citations, 0))::numeric) AS cost_per_citation,
    o.tags
   FROM ((analytics.all_sources o
     LEFT JOIN ( SELECT training_jobs.organization_id,
            training_jobs.data_source_id,
            count(*) AS syncs,
            (sum(training_jobs.tokens))::bigint AS tokens,
            sum(training_jobs.cost) AS cost
           FROM knowledge.training_jobs
          GROUP BY training_jobs.organization_id, training_jobs.data_source_id) j ON (((j.organization_id = o.organization_id) AND (j.data_source_id = o.source_id))))
     LEFT JOIN ( SELECT daily_citations.organization_id,
            daily_citations.source_id AS data_source_id,
            (sum(daily_citations.answers))::bigint AS answers,
            (sum(daily_citations.citations))::bigint AS citations
           FROM analytics.daily_citations
          WHERE (daily_citations.document_id IS NULL)
          GROUP BY daily_citations.organization_id, daily_citations.source_id) c ON (((c.organization_id = o.organization_id) AND (c.data_source_id = o.source_id))))
  WHERE (NOT o.is_deleted);

ALTER VIEW analytics.source_cost OWNER TO millrace_owner;

-- Name: VIEW source_cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.source_cost IS 'One row for each source: what its vectors cost as far as its syncs are kept, and how often answers cite it.
Example: what is paid for and not used:
select source, cost, citations from analytics.source_cost where citations = 0 order by cost desc nulls last;';

-- Name: COLUMN source_cost.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.organization_id IS 'Whose it is.';

-- Name: COLUMN source_cost.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.source_id IS 'The source.';

-- Name: COLUMN source_cost.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.source IS 'Its name.';

-- Name: COLUMN source_cost.syncs; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.syncs IS 'Syncs that are remembered.';

-- Name: COLUMN source_cost.tokens; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.tokens IS 'What they gave to embedding models.';

-- Name: COLUMN source_cost.cost; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.cost IS 'What that cost, where there was a price; null where there was none.';

-- Name: COLUMN source_cost.answers; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.answers IS 'Answers that cite it.';

-- Name: COLUMN source_cost.citations; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.citations IS 'Quotes of it in answers.';

-- Name: COLUMN source_cost.cost_per_citation; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.cost_per_citation IS 'Null where nothing cites it, or nothing is known to have been paid.';

-- Name: COLUMN source_cost.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_cost.tags IS 'The tags of the source, in their order.';

-- Name: source_coverage; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.source_coverage WITH (security_invoker='true') AS
 SELECT o.organization_id,
    o.source_id,
    o.source,
    count(d.id) AS documents,
    count(d.id) FILTER (WHERE (d.status = 'ready'::text)) AS ready,
    count(d.id) FILTER (WHERE (d.status = 'pending'::text)) AS pending,
    count(d.id) FILTER (WHERE (d.status = 'failed'::text)) AS failed,
    count(c.document_id) AS cited,
    ((count(d.id) FILTER (WHERE (d.status = 'ready'::text)))::double precision / (NULLIF(count(d.id), 0))::double precision) AS ready_share,
    ((count(c.document_id))::double precision / (NULLIF(count(d.id), 0))::double precision) AS cited_share,
    o.tags
   FROM ((analytics.all_sources o
     LEFT JOIN knowledge.documents d ON (((d.organization_id = o.organization_id) AND (d.data_source_id = o.source_id) AND (d.soft_deleted_at IS NULL))))
     LEFT JOIN ( SELECT citations.organization_id,
            citations.document_id
           FROM conversations.citations
          GROUP BY citations.organization_id, citations.document_id) c ON (((c.organization_id = d.organization_id) AND (c.document_id = d.id))))
  WHERE (NOT o.is_deleted)
  GROUP BY o.organization_id, o.source_id, o.source, o.tags;

ALTER VIEW analytics.source_coverage OWNER TO millrace_owner;

-- Name: VIEW source_coverage; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.source_coverage IS 'One row for each source, with its documents that are not deleted.
Example: select source, documents, ready_share, cited_share from analytics.source_coverage order by ready_share;';

-- Name: COLUMN source_coverage.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.organization_id IS 'Whose it is.';

-- Name: COLUMN source_coverage.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.source_id IS 'The source.';

-- Name: COLUMN source_coverage.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.source IS 'Its name.';

-- Name: COLUMN source_coverage.documents; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.documents IS 'Known and not deleted.';

-- Name: COLUMN source_coverage.ready; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.ready IS 'Can be found.';

-- Name: COLUMN source_coverage.pending; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.pending IS 'Wait to be read or embedded.';

-- Name: COLUMN source_coverage.failed; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.failed IS 'Could not be read.';

-- Name: COLUMN source_coverage.cited; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.cited IS 'Were cited by an answer, ever.';

-- Name: COLUMN source_coverage.ready_share; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.ready_share IS 'Of its documents; null where it has none.';

-- Name: COLUMN source_coverage.cited_share; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.cited_share IS 'Of its documents; null where it has none.';

-- Name: COLUMN source_coverage.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_coverage.tags IS 'The tags of the source, in their order.';

-- Name: document_versions; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.document_versions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    document_id uuid NOT NULL,
    number integer NOT NULL,
    checksum text NOT NULL,
    file_size bigint NOT NULL,
    status text DEFAULT 'fetched'::text NOT NULL,
    title text,
    text text,
    elements jsonb,
    language text,
    parser text,
    parser_version text,
    dagster_run_id text,
    valid_from timestamp with time zone,
    valid_to timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_versions_check CHECK (((valid_from IS NULL) OR (text IS NOT NULL))),
    CONSTRAINT document_versions_checksum_check CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT document_versions_file_size_check CHECK ((file_size >= 0)),
    CONSTRAINT document_versions_number_check CHECK ((number > 0)),
    CONSTRAINT document_versions_status_check CHECK ((status = ANY (ARRAY['fetched'::text, 'chunked'::text, 'ready'::text, 'failed'::text])))
);

ALTER TABLE ONLY knowledge.document_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.document_versions OWNER TO millrace_owner;

-- Name: TABLE document_versions; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.document_versions IS 'What a document said at a time: the SHA-256 of its bytes (kept in the object store under it), its text and structure, and the Dagster run that brought it.';

-- Name: source_freshness; Type: VIEW; Schema: analytics; Owner: millrace_owner

CREATE VIEW analytics.source_freshness WITH (security_invoker='true') AS
 SELECT o.organization_id,
    o.id AS source_id,
    o.name AS source,
    o.source_type AS type,
    o.status,
    o.auto_sync,
    o.cron,
    o.time_zone,
    o.sync_frequency AS every_seconds,
    o.created_at,
    o.last_sync,
    (EXTRACT(epoch FROM (now() - o.last_sync)))::double precision AS seconds_since_sync,
        CASE
            WHEN ((o.cron IS NULL) AND o.auto_sync AND (o.status <> 'inactive'::text)) THEN (EXTRACT(epoch FROM (now() - COALESCE(o.last_sync, o.created_at))) > (GREATEST((4 * o.sync_frequency), (o.sync_frequency + 900)))::numeric)
            ELSE NULL::boolean
        END AS is_stale,
    v.newest_version_at,
    z.tags
   FROM ((knowledge.data_sources o
     JOIN analytics.all_sources z ON (((z.organization_id = o.organization_id) AND (z.source_id = o.id))))
     LEFT JOIN ( SELECT d.organization_id,
            d.data_source_id,
            max(v_1.valid_from) AS newest_version_at
           FROM (knowledge.documents d
             JOIN knowledge.document_versions v_1 ON (((v_1.organization_id = d.organization_id) AND (v_1.id = d.current_version_id))))
          WHERE (d.soft_deleted_at IS NULL)
          GROUP BY d.organization_id, d.data_source_id) v ON (((v.organization_id = o.organization_id) AND (v.data_source_id = o.id))))
  WHERE (o.deleted_at IS NULL);

ALTER VIEW analytics.source_freshness OWNER TO millrace_owner;

-- Name: VIEW source_freshness; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON VIEW analytics.source_freshness IS 'One row for each source. It is stale when it missed more than three of its times.
Example: what is out of date:
select source, last_sync from analytics.source_freshness where is_stale;';

-- Name: COLUMN source_freshness.organization_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.organization_id IS 'Whose it is.';

-- Name: COLUMN source_freshness.source_id; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.source_id IS 'The source.';

-- Name: COLUMN source_freshness.source; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.source IS 'Its name.';

-- Name: COLUMN source_freshness.type; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.type IS 'file, web, database, api or upload.';

-- Name: COLUMN source_freshness.status; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.status IS 'active, inactive (paused) or error.';

-- Name: COLUMN source_freshness.auto_sync; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.auto_sync IS 'Whether it is synced by itself.';

-- Name: COLUMN source_freshness.cron; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.cron IS 'Its cron expression, where it has one.';

-- Name: COLUMN source_freshness.time_zone; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.time_zone IS 'In which that is meant.';

-- Name: COLUMN source_freshness.every_seconds; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.every_seconds IS 'How often it is synced where it has no cron expression.';

-- Name: COLUMN source_freshness.created_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.created_at IS 'Since when it is there.';

-- Name: COLUMN source_freshness.last_sync; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.last_sync IS 'When it was last found in step; null for never.';

-- Name: COLUMN source_freshness.seconds_since_sync; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.seconds_since_sync IS 'How long ago that was.';

-- Name: COLUMN source_freshness.is_stale; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.is_stale IS 'Whether it missed more than three of its times; null where it is not synced by itself, or by cron (Millrace''s own report says it then).';

-- Name: COLUMN source_freshness.newest_version_at; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.newest_version_at IS 'When something in it last changed, as far as readers see it.';

-- Name: COLUMN source_freshness.tags; Type: COMMENT; Schema: analytics; Owner: millrace_owner

COMMENT ON COLUMN analytics.source_freshness.tags IS 'The tags of the source, in their order.';

-- Name: agent_data_sources; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.agent_data_sources (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    data_source_id uuid NOT NULL
);

ALTER TABLE ONLY bots.agent_data_sources FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.agent_data_sources OWNER TO millrace_owner;

-- Name: TABLE agent_data_sources; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.agent_data_sources IS 'An agent that does not use all sources reads these.';

-- Name: agent_file_types; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.agent_file_types (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    file_type_id uuid NOT NULL
);

ALTER TABLE ONLY bots.agent_file_types FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.agent_file_types OWNER TO millrace_owner;

-- Name: TABLE agent_file_types; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.agent_file_types IS 'Where any are named, an agent reads documents of these kinds only.';

-- Name: agent_tags; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.agent_tags (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    tag_id uuid NOT NULL
);

ALTER TABLE ONLY bots.agent_tags FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.agent_tags OWNER TO millrace_owner;

-- Name: TABLE agent_tags; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.agent_tags IS 'An agent that does not use all sources reads those that bear one of these tags.';

-- Name: builds; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.builds (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    model_config_version_id uuid NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    dagster_run_id text,
    foreseen_chunks integer NOT NULL,
    foreseen_vectors integer NOT NULL,
    foreseen_tokens bigint NOT NULL,
    foreseen_bytes bigint,
    foreseen_cost numeric(14,6),
    foreseen_seconds double precision,
    chunks integer,
    vectors integer,
    reused integer,
    refused integer,
    tokens bigint,
    cost numeric(14,6),
    seconds double precision,
    reason text,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT builds_chunks_check CHECK ((chunks >= 0)),
    CONSTRAINT builds_cost_check CHECK ((cost >= (0)::numeric)),
    CONSTRAINT builds_foreseen_bytes_check CHECK ((foreseen_bytes >= 0)),
    CONSTRAINT builds_foreseen_chunks_check CHECK ((foreseen_chunks >= 0)),
    CONSTRAINT builds_foreseen_cost_check CHECK ((foreseen_cost >= (0)::numeric)),
    CONSTRAINT builds_foreseen_seconds_check CHECK ((foreseen_seconds >= (0)::double precision)),
    CONSTRAINT builds_foreseen_tokens_check CHECK ((foreseen_tokens >= 0)),
    CONSTRAINT builds_foreseen_vectors_check CHECK ((foreseen_vectors >= 0)),
    CONSTRAINT builds_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT builds_refused_check CHECK ((refused >= 0)),
    CONSTRAINT builds_reused_check CHECK ((reused >= 0)),
    CONSTRAINT builds_seconds_check CHECK ((seconds >= (0)::double precision)),
    CONSTRAINT builds_state_check CHECK ((state = ANY (ARRAY['running'::text, 'finished'::text, 'failed'::text, 'broken off'::text]))),
    CONSTRAINT builds_tokens_check CHECK ((tokens >= 0)),
    CONSTRAINT builds_vectors_check CHECK ((vectors >= 0))
);

ALTER TABLE ONLY bots.builds FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.builds OWNER TO millrace_owner;

-- Name: TABLE builds; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.builds IS 'Each time that a configuration was built: what was foreseen, and what it took. The speed of those that finished tells how long the next one will take. Null where it is not known: a build that was killed says nothing of what it made.';

-- Name: COLUMN builds.vectors; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.builds.vectors IS 'Computed by the model; `reused` are the passages that needed none.';

-- Name: canned_answers; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.canned_answers (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    agent_id uuid NOT NULL,
    question text NOT NULL,
    answer text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT canned_answers_answer_check CHECK (((length(answer) >= 1) AND (length(answer) <= 20000))),
    CONSTRAINT canned_answers_question_check CHECK (((length(question) >= 1) AND (length(question) <= 1000)))
);

ALTER TABLE ONLY bots.canned_answers FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.canned_answers OWNER TO millrace_owner;

-- Name: TABLE canned_answers; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.canned_answers IS 'Questions that a pre-canned agent knows, each with the text that it answers.';

-- Name: chatbot_data_sources; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.chatbot_data_sources (
    organization_id uuid NOT NULL,
    chatbot_id uuid NOT NULL,
    data_source_id uuid NOT NULL
);

ALTER TABLE ONLY bots.chatbot_data_sources FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.chatbot_data_sources OWNER TO millrace_owner;

-- Name: TABLE chatbot_data_sources; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.chatbot_data_sources IS 'Which sources a chatbot answers from.';

-- Name: configuration_requests; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.configuration_requests (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    model_config_version_id uuid NOT NULL,
    job text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    begun_at timestamp with time zone,
    CONSTRAINT configuration_requests_job_check CHECK ((job = ANY (ARRAY['build'::text, 'evaluate'::text])))
);

ALTER TABLE ONLY bots.configuration_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.configuration_requests OWNER TO millrace_owner;

-- Name: TABLE configuration_requests; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.configuration_requests IS 'What was asked for by the API and is done by Dagster: to build a configuration, or to measure it. Asked for again while it waits, it is the same request; what came of it stands with the configuration.';

-- Name: evaluation_judgments; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_judgments (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    evaluation_query_id uuid NOT NULL,
    document_id uuid NOT NULL,
    grade integer DEFAULT 1 NOT NULL,
    quote text,
    start_char integer,
    CONSTRAINT evaluation_judgments_check CHECK (((start_char IS NULL) OR ((start_char >= 0) AND (quote IS NOT NULL)))),
    CONSTRAINT evaluation_judgments_grade_check CHECK ((grade >= 0)),
    CONSTRAINT evaluation_judgments_quote_check CHECK ((quote <> ''::text))
);

ALTER TABLE ONLY bots.evaluation_judgments FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_judgments OWNER TO millrace_owner;

-- Name: TABLE evaluation_judgments; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_judgments IS 'A document that answers a question, how well, and where it is known the words of it that do, and at which character of its text they begin.';

-- Name: evaluation_queries; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_queries (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    evaluation_set_id uuid NOT NULL,
    external_id text NOT NULL,
    question text NOT NULL,
    slice text,
    data_source_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    origin text DEFAULT 'imported'::text NOT NULL,
    state text DEFAULT 'accepted'::text NOT NULL,
    split text DEFAULT 'report'::text NOT NULL,
    is_answerable boolean DEFAULT true NOT NULL,
    document_id uuid,
    generated_by text,
    reviewed_by text,
    reviewed_at timestamp with time zone,
    CONSTRAINT evaluation_queries_generated CHECK (((origin = 'generated'::text) = (document_id IS NOT NULL))),
    CONSTRAINT evaluation_queries_origin_check CHECK ((origin = ANY (ARRAY['imported'::text, 'written'::text, 'generated'::text, 'promoted'::text]))),
    CONSTRAINT evaluation_queries_reviewed CHECK (((reviewed_by IS NULL) = (reviewed_at IS NULL))),
    CONSTRAINT evaluation_queries_reviewed_by_check CHECK (((length(reviewed_by) >= 1) AND (length(reviewed_by) <= 200))),
    CONSTRAINT evaluation_queries_split_check CHECK ((split = ANY (ARRAY['tune'::text, 'report'::text]))),
    CONSTRAINT evaluation_queries_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'accepted'::text, 'rejected'::text])))
);

ALTER TABLE ONLY bots.evaluation_queries FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_queries OWNER TO millrace_owner;

-- Name: TABLE evaluation_queries; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_queries IS 'A question of a set; a slice (such as a language) is reported apart. data_source_id: it is asked of this source only, else of all of the chatbot''s. Only accepted ones are asked: those of the split report measure versions, those of tune are for choosing values by.';

-- Name: COLUMN evaluation_queries.is_answerable; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.evaluation_queries.is_answerable IS 'False: the documents are known not to answer it, and nothing should be found.';

-- Name: COLUMN evaluation_queries.document_id; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON COLUMN bots.evaluation_queries.document_id IS 'The document that a model generated it from: its words are derived from that, and go with it.';

-- Name: evaluation_results; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.evaluation_results (
    organization_id uuid NOT NULL,
    evaluation_run_id uuid NOT NULL,
    evaluation_query_id uuid NOT NULL,
    document_ids uuid[] NOT NULL,
    first_rank integer,
    ndcg_at_10 double precision,
    recall_at_10 double precision,
    mrr_at_10 double precision,
    CONSTRAINT evaluation_results_first_rank_check CHECK ((first_rank > 0))
);

ALTER TABLE ONLY bots.evaluation_results FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.evaluation_results OWNER TO millrace_owner;

-- Name: TABLE evaluation_results; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.evaluation_results IS 'What a run found for one question: the first ten documents in their order, where the first that answers stands among a hundred, and the metrics; null where they are not defined.';

-- Name: version_comparisons; Type: TABLE; Schema: bots; Owner: millrace_owner

CREATE TABLE bots.version_comparisons (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    evaluation_set_id uuid,
    baseline_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    metric text NOT NULL,
    queries integer NOT NULL,
    baseline_value double precision,
    candidate_value double precision,
    difference double precision,
    low double precision,
    high double precision,
    p_value double precision,
    won integer NOT NULL,
    lost integer NOT NULL,
    compared integer NOT NULL,
    moved integer NOT NULL,
    overlap_at_10 double precision,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT version_comparisons_compared_check CHECK ((compared >= 0)),
    CONSTRAINT version_comparisons_lost_check CHECK ((lost >= 0)),
    CONSTRAINT version_comparisons_moved_check CHECK ((moved >= 0)),
    CONSTRAINT version_comparisons_overlap_at_10_check CHECK (((overlap_at_10 >= (0)::double precision) AND (overlap_at_10 <= (1)::double precision))),
    CONSTRAINT version_comparisons_p_value_check CHECK (((p_value >= (0)::double precision) AND (p_value <= (1)::double precision))),
    CONSTRAINT version_comparisons_queries_check CHECK ((queries >= 0)),
    CONSTRAINT version_comparisons_won_check CHECK ((won >= 0))
);

ALTER TABLE ONLY bots.version_comparisons FORCE ROW LEVEL SECURITY;

ALTER TABLE bots.version_comparisons OWNER TO millrace_owner;

-- Name: TABLE version_comparisons; Type: COMMENT; Schema: bots; Owner: millrace_owner

COMMENT ON TABLE bots.version_comparisons IS 'The same questions asked by two versions of a chatbot, a row for each metric and set, and for all sets together (no set): how the answers differ, with the 95 % interval of the paired difference. Null where it is not defined, never zero instead.';

-- Name: background_tasks; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.background_tasks (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    failure text,
    done_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT background_tasks_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT background_tasks_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'done'::text, 'failed'::text])))
);

ALTER TABLE ONLY conversations.background_tasks FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.background_tasks OWNER TO millrace_owner;

-- Name: TABLE background_tasks; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.background_tasks IS 'What a background agent is to do after an answer, written with it. Whoever takes a task puts its next attempt off; what a killed worker left is taken again then.';

-- Name: changed_days; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.changed_days (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    sums text NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT changed_days_sums_check CHECK ((sums = ANY (ARRAY['answers'::text, 'thumbs'::text, 'scores'::text, 'usage'::text, 'citations'::text, 'opinions'::text])))
);

ALTER TABLE ONLY conversations.changed_days FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.changed_days OWNER TO millrace_owner;

-- Name: TABLE changed_days; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.changed_days IS 'Which sums of which past days are no longer true: a late thumb, an erasure, a conversation that is kept no longer. Those are read from the rows until the day is summed again.';

-- Name: logged_comparisons; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.logged_comparisons (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    baseline_id uuid NOT NULL,
    candidate_id uuid NOT NULL,
    asked integer NOT NULL,
    asked_since timestamp with time zone,
    asked_until timestamp with time zone,
    depth integer NOT NULL,
    overlap double precision,
    overlap_low double precision,
    overlap_high double precision,
    overlapping integer NOT NULL,
    first_changed integer NOT NULL,
    moved integer NOT NULL,
    mean_move double precision,
    mean_move_low double precision,
    mean_move_high double precision,
    both_found integer NOT NULL,
    won integer NOT NULL,
    lost integer NOT NULL,
    neither_found integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT logged_comparisons_asked_check CHECK ((asked >= 0)),
    CONSTRAINT logged_comparisons_both_found_check CHECK ((both_found >= 0)),
    CONSTRAINT logged_comparisons_depth_check CHECK ((depth > 0)),
    CONSTRAINT logged_comparisons_first_changed_check CHECK ((first_changed >= 0)),
    CONSTRAINT logged_comparisons_lost_check CHECK ((lost >= 0)),
    CONSTRAINT logged_comparisons_mean_move_check CHECK ((mean_move >= (0)::double precision)),
    CONSTRAINT logged_comparisons_moved_check CHECK ((moved >= 0)),
    CONSTRAINT logged_comparisons_neither_found_check CHECK ((neither_found >= 0)),
    CONSTRAINT logged_comparisons_overlap_check CHECK (((overlap >= (0)::double precision) AND (overlap <= (1)::double precision))),
    CONSTRAINT logged_comparisons_overlapping_check CHECK ((overlapping >= 0)),
    CONSTRAINT logged_comparisons_won_check CHECK ((won >= 0))
);

ALTER TABLE ONLY conversations.logged_comparisons FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.logged_comparisons OWNER TO millrace_owner;

-- Name: TABLE logged_comparisons; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.logged_comparisons IS 'Questions that were lately asked, asked again by two versions of a chatbot: numbers only, no question is kept here. won and lost: only the candidate finds anything, or only the baseline. Null where it is not defined, never zero instead.';

-- Name: COLUMN logged_comparisons.mean_move; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.logged_comparisons.mean_move IS 'How many ranks a document that both found went up or down, on the average of questions.';

-- Name: messages; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.messages (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    session_id uuid NOT NULL,
    role text NOT NULL,
    sender_id uuid,
    content text NOT NULL,
    status text DEFAULT 'sent'::text NOT NULL,
    reply_to_id uuid,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT messages_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT messages_role_check CHECK ((role = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text]))),
    CONSTRAINT messages_status_check CHECK ((status = ANY (ARRAY['sent'::text, 'delivered'::text, 'read'::text])))
);

ALTER TABLE ONLY conversations.messages FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.messages OWNER TO millrace_owner;

-- Name: TABLE messages; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.messages IS 'What was said in a session, in order.';

-- Name: promotions; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.promotions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    evaluation_query_id uuid NOT NULL,
    message_id uuid,
    user_id uuid,
    signal text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT promotions_signal_check CHECK ((signal = ANY (ARRAY['negative'::text, 'positive'::text, 'no_answer'::text, 'picked'::text])))
);

ALTER TABLE ONLY conversations.promotions FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.promotions OWNER TO millrace_owner;

-- Name: TABLE promotions; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.promotions IS 'Which answer made a question of an evaluation set out of what somebody asked, and why: its asker was (not) content, or it found nothing. message_id: the answer, as long as it is kept.';

-- Name: source_issues; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.source_issues (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    document_id uuid,
    message_id uuid,
    words text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    opened_by uuid,
    closed_by uuid,
    closed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT source_issues_check CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT source_issues_note_check CHECK ((length(note) <= 2000)),
    CONSTRAINT source_issues_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    CONSTRAINT source_issues_words_check CHECK (((length(words) >= 1) AND (length(words) <= 2000)))
);

ALTER TABLE ONLY conversations.source_issues FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.source_issues OWNER TO millrace_owner;

-- Name: TABLE source_issues; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.source_issues IS 'What somebody who reads answers asks of whoever looks after a source: a document is wrong, out of date or missing. It goes with the answer that showed it, with the document, and with the source, since its words may repeat them.';

-- Name: COLUMN source_issues.note; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON COLUMN conversations.source_issues.note IS 'What came of it, by whoever looked after it.';

-- Name: summed_days; Type: TABLE; Schema: conversations; Owner: millrace_owner

CREATE TABLE conversations.summed_days (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    day date NOT NULL,
    summed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY conversations.summed_days FORCE ROW LEVEL SECURITY;

ALTER TABLE conversations.summed_days OWNER TO millrace_owner;

-- Name: TABLE summed_days; Type: COMMENT; Schema: conversations; Owner: millrace_owner

COMMENT ON TABLE conversations.summed_days IS 'Days of UTC that have been summed. All others are read from the rows.';

-- Name: allowances; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE UNLOGGED TABLE identity.allowances (
    organization_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    span_s integer NOT NULL,
    most integer NOT NULL,
    busy_until timestamp with time zone NOT NULL,
    CONSTRAINT allowances_most_check CHECK ((most > 0)),
    CONSTRAINT allowances_span_s_check CHECK ((span_s = ANY (ARRAY[3600, 86400])))
);

ALTER TABLE ONLY identity.allowances FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.allowances OWNER TO millrace_owner;

-- Name: TABLE allowances; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.allowances IS 'How much of its limit a key, a person or an agent has used: each question moves busy_until on by span / most (GCRA).';

-- Name: analyst_logins; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.analyst_logins (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT analyst_logins_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY identity.analyst_logins FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.analyst_logins OWNER TO millrace_owner;

-- Name: TABLE analyst_logins; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.analyst_logins IS 'Logins for tools that ask with SQL, each bound to one organization. The role in the cluster is millrace_analyst_ and the hexadecimal id; its password is kept by PostgreSQL alone.';

-- Name: audit_log; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.audit_log (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id uuid,
    key_id uuid,
    door text NOT NULL,
    action text NOT NULL,
    entity text NOT NULL,
    entity_id text NOT NULL,
    changed text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT audit_log_action_check CHECK ((action ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT audit_log_door_check CHECK ((door = ANY (ARRAY['key'::text, 'browser'::text, 'command line'::text]))),
    CONSTRAINT audit_log_entity_check CHECK ((entity ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT audit_log_entity_id_check CHECK (((length(entity_id) >= 1) AND (length(entity_id) <= 300)))
);

ALTER TABLE ONLY identity.audit_log FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.audit_log OWNER TO millrace_owner;

-- Name: TABLE audit_log; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.audit_log IS 'Who did what to which thing, written with it. changed: the names of fields, never what they held. Names of people are looked up, so that an erased user leaves none.';

-- Name: browser_sessions; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.browser_sessions (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    browser text DEFAULT ''::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT browser_sessions_digest_check CHECK ((length(digest) = 32))
);

ALTER TABLE ONLY identity.browser_sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.browser_sessions OWNER TO millrace_owner;

-- Name: TABLE browser_sessions; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.browser_sessions IS 'Browsers in which somebody is signed in. Only the SHA-256 of the cookie''s secret part is kept.';

-- Name: budget_approvals; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.budget_approvals (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    amount numeric(14,6) NOT NULL,
    approved_by text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT budget_approvals_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT budget_approvals_approved_by_check CHECK (((length(approved_by) >= 1) AND (length(approved_by) <= 200)))
);

ALTER TABLE ONLY identity.budget_approvals FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.budget_approvals OWNER TO millrace_owner;

-- Name: TABLE budget_approvals; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.budget_approvals IS 'What somebody allowed beyond the budget, for the month in which he did.';

-- Name: budgets; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.budgets (
    organization_id uuid NOT NULL,
    amount numeric(14,6) NOT NULL,
    currency text DEFAULT 'USD'::text NOT NULL,
    action text DEFAULT 'block'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT budgets_action_check CHECK ((action = ANY (ARRAY['block'::text, 'ask'::text]))),
    CONSTRAINT budgets_amount_check CHECK ((amount >= (0)::numeric)),
    CONSTRAINT budgets_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

ALTER TABLE ONLY identity.budgets FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.budgets OWNER TO millrace_owner;

-- Name: TABLE budgets; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.budgets IS 'What an organization allows itself in a month (of UTC). Where it is reached, syncs embed no more: block, until there is money again; ask, until somebody approves more.';

-- Name: idempotent_requests; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.idempotent_requests (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    asked_by uuid NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL,
    entity_id text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotent_requests_digest_check CHECK ((length(digest) = 32)),
    CONSTRAINT idempotent_requests_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);

ALTER TABLE ONLY identity.idempotent_requests FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.idempotent_requests OWNER TO millrace_owner;

-- Name: TABLE idempotent_requests; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.idempotent_requests IS 'Requests that bore an Idempotency-Key, for a day: the SHA-256 of what was asked and what it made, so that the same one again makes nothing. asked_by: the key or the user.';

-- Name: knowledge_settings; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.knowledge_settings (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    default_embedding_model text,
    default_chunk_size integer,
    default_chunk_overlap integer,
    document_retention_days integer,
    conversation_retention_days integer,
    default_similarity_threshold double precision,
    max_search_results integer,
    sync_notifications boolean DEFAULT true NOT NULL,
    error_notifications boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT knowledge_settings_conversation_retention_days_check CHECK ((conversation_retention_days > 0)),
    CONSTRAINT knowledge_settings_default_chunk_overlap_check CHECK ((default_chunk_overlap >= 0)),
    CONSTRAINT knowledge_settings_default_chunk_size_check CHECK (((default_chunk_size >= 100) AND (default_chunk_size <= 20000))),
    CONSTRAINT knowledge_settings_default_similarity_threshold_check CHECK (((default_similarity_threshold >= ('-1'::integer)::double precision) AND (default_similarity_threshold <= (1)::double precision))),
    CONSTRAINT knowledge_settings_document_retention_days_check CHECK ((document_retention_days > 0)),
    CONSTRAINT knowledge_settings_max_search_results_check CHECK (((max_search_results >= 1) AND (max_search_results <= 1000)))
);

ALTER TABLE ONLY identity.knowledge_settings FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.knowledge_settings OWNER TO millrace_owner;

-- Name: TABLE knowledge_settings; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.knowledge_settings IS 'A user''s defaults for the sources and chatbots they own.';

-- Name: memberships; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.memberships (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    rate_limit_per_hour integer,
    rate_limit_per_day integer,
    CONSTRAINT memberships_rate_limit_per_day_check CHECK (((rate_limit_per_day >= 1) AND (rate_limit_per_day <= 1000000))),
    CONSTRAINT memberships_rate_limit_per_hour_check CHECK (((rate_limit_per_hour >= 1) AND (rate_limit_per_hour <= 1000000))),
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'engineer'::text, 'analyst'::text, 'member'::text])))
);

ALTER TABLE ONLY identity.memberships FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.memberships OWNER TO millrace_owner;

-- Name: TABLE memberships; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.memberships IS 'What a user may do in the organization.';

-- Name: notification_channels; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.notification_channels (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    destination text NOT NULL,
    sealed bytea NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notification_channels_kind_check CHECK ((kind = ANY (ARRAY['webhook'::text, 'email'::text]))),
    CONSTRAINT notification_channels_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY identity.notification_channels FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.notification_channels OWNER TO millrace_owner;

-- Name: TABLE notification_channels; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.notification_channels IS 'Where an organization is told of what happens; no events means all of them. destination is what may be shown (a webhook''s host, an e-mail address); the whole address and the secret that signs are sealed.';

-- Name: notification_deliveries; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.notification_deliveries (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    notification_id uuid NOT NULL,
    channel_id uuid,
    user_id uuid,
    status text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    delivered_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notification_deliveries_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT notification_deliveries_check CHECK ((num_nonnulls(channel_id, user_id) = 1)),
    CONSTRAINT notification_deliveries_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text, 'skipped'::text])))
);

ALTER TABLE ONLY identity.notification_deliveries FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.notification_deliveries OWNER TO millrace_owner;

-- Name: TABLE notification_deliveries; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.notification_deliveries IS 'Who is to be told of a notification, through a channel or by e-mail as a user, and how that goes. failed: given up; skipped: there is no way to deliver it.';

-- Name: notifications; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.notifications (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    event text NOT NULL,
    subject text NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    dedup_key text,
    times integer DEFAULT 1 NOT NULL,
    last_raised_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notifications_body_check CHECK ((jsonb_typeof(body) = 'object'::text)),
    CONSTRAINT notifications_event_check CHECK ((event ~ '^[a-z][a-z_]{0,39}$'::text)),
    CONSTRAINT notifications_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 300))),
    CONSTRAINT notifications_times_check CHECK ((times > 0))
);

ALTER TABLE ONLY identity.notifications FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.notifications OWNER TO millrace_owner;

-- Name: TABLE notifications; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.notifications IS 'What happened, written together with it. The same dedup_key while the first is not closed is the same trouble: it is counted and not told again.';

-- Name: organizations; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.organizations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT organizations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT organizations_slug_check CHECK ((slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text))
);

ALTER TABLE ONLY identity.organizations FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.organizations OWNER TO millrace_owner;

-- Name: TABLE organizations; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.organizations IS 'A tenant: nothing of one organization is visible to another.';

-- Name: provider_keys; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.provider_keys (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid,
    provider text NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT provider_keys_provider_check CHECK ((provider = ANY (ARRAY['openai'::text, 'anthropic'::text, 'cohere'::text])))
);

ALTER TABLE ONLY identity.provider_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.provider_keys OWNER TO millrace_owner;

-- Name: TABLE provider_keys; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.provider_keys IS 'Keys of model providers, encrypted; write-only in every interface.';

-- Name: retention_settings; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.retention_settings (
    organization_id uuid NOT NULL,
    document_days integer,
    version_days integer,
    conversation_days integer,
    history_days integer DEFAULT 90 NOT NULL,
    grace_days integer DEFAULT 30 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    audit_days integer DEFAULT 365 NOT NULL,
    CONSTRAINT retention_settings_audit_days_check CHECK ((audit_days > 0)),
    CONSTRAINT retention_settings_conversation_days_check CHECK ((conversation_days > 0)),
    CONSTRAINT retention_settings_document_days_check CHECK ((document_days > 0)),
    CONSTRAINT retention_settings_grace_days_check CHECK ((grace_days >= 0)),
    CONSTRAINT retention_settings_history_days_check CHECK ((history_days > 0)),
    CONSTRAINT retention_settings_version_days_check CHECK ((version_days > 0))
);

ALTER TABLE ONLY identity.retention_settings FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.retention_settings OWNER TO millrace_owner;

-- Name: TABLE retention_settings; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.retention_settings IS 'How long an organization keeps things, where no source and no owner says otherwise; null: until they are taken away. grace_days: between a document''s deletion and its end.';

-- Name: sign_in_links; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.sign_in_links (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sign_in_links_digest_check CHECK ((length(digest) = 32))
);

ALTER TABLE ONLY identity.sign_in_links FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.sign_in_links OWNER TO millrace_owner;

-- Name: TABLE sign_in_links; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.sign_in_links IS 'Links that let one person in once, for some minutes. Only the SHA-256 of the secret part is kept.';

-- Name: users; Type: TABLE; Schema: identity; Owner: millrace_owner

CREATE TABLE identity.users (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    avatar text,
    personality_traits text[] DEFAULT '{}'::text[] NOT NULL,
    skills text[] DEFAULT '{}'::text[] NOT NULL,
    interests text[] DEFAULT '{}'::text[] NOT NULL,
    llm_model text,
    embedding_model text,
    date_joined timestamp with time zone DEFAULT now() NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    is_staff boolean DEFAULT false NOT NULL,
    is_superuser boolean DEFAULT false NOT NULL,
    created_by uuid,
    last_login_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK ((email ~~ '%_@_%'::text)),
    CONSTRAINT users_username_check CHECK (((length(username) >= 1) AND (length(username) <= 150)))
);

ALTER TABLE ONLY identity.users FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.users OWNER TO millrace_owner;

-- Name: TABLE users; Type: COMMENT; Schema: identity; Owner: millrace_owner

COMMENT ON TABLE identity.users IS 'People and agent personas of an organization. Somebody in two organizations is two users, so that neither learns of the other.';

-- Name: chunks; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.chunks (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    document_id uuid NOT NULL,
    document_version_id uuid NOT NULL,
    recipe text NOT NULL,
    chunk_index integer NOT NULL,
    chunk_size integer NOT NULL,
    chunk_overlap integer NOT NULL,
    content text NOT NULL,
    start_char integer NOT NULL,
    end_char integer NOT NULL,
    section_title text,
    page integer,
    token_count integer NOT NULL,
    content_hash bytea NOT NULL,
    language regconfig NOT NULL,
    lexemes tsvector NOT NULL,
    lexeme_count integer NOT NULL,
    weights public.sparsevec(1000000000) NOT NULL,
    is_active boolean DEFAULT false NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    wording smallint DEFAULT 1 NOT NULL,
    CONSTRAINT chunks_check CHECK ((length(content) = (end_char - start_char))),
    CONSTRAINT chunks_check1 CHECK ((end_char > start_char)),
    CONSTRAINT chunks_chunk_index_check CHECK ((chunk_index >= 0)),
    CONSTRAINT chunks_content_hash_check CHECK ((length(content_hash) = 32)),
    CONSTRAINT chunks_start_char_check CHECK ((start_char >= 0))
);
ALTER TABLE ONLY knowledge.chunks ALTER COLUMN weights SET STORAGE MAIN;

ALTER TABLE ONLY knowledge.chunks FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.chunks OWNER TO millrace_owner;

-- Name: TABLE chunks; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.chunks IS 'Passages of a version under a recipe (how it was cut): text[start_char, end_char) of the version. content_hash is the SHA-256 of what is embedded; weights are the BM25 weights of its lexemes, by hash. Only active ones are retrieved.';

-- Name: COLUMN chunks.wording; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.chunks.wording IS 'The rule that its lexemes were made by; a sync makes those of older rules again, and leaves content and vectors.';

-- Name: chunk_health; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.chunk_health WITH (security_invoker='true') AS
 SELECT organization_id,
    (id)::text AS chunk_id,
    (content !~ '\S'::text) AS is_blank,
    start_char,
    end_char,
    page,
    token_count
   FROM knowledge.chunks chunk
  WHERE is_active;

ALTER VIEW knowledge.chunk_health OWNER TO millrace_owner;

-- Name: VIEW chunk_health; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.chunk_health IS 'Visible chunks with their place and size, and whether they say anything.';

-- Name: deletion_batches; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.deletion_batches (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    status text DEFAULT 'waiting'::text NOT NULL,
    documents integer NOT NULL,
    known integer NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT deletion_batches_documents_check CHECK ((documents >= 0)),
    CONSTRAINT deletion_batches_known_check CHECK ((known >= 0)),
    CONSTRAINT deletion_batches_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'approved'::text, 'rejected'::text, 'outdated'::text])))
);

ALTER TABLE ONLY knowledge.deletion_batches FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.deletion_batches OWNER TO millrace_owner;

-- Name: TABLE deletion_batches; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.deletion_batches IS 'Deletions that were too many to follow unasked: how many of how many known documents, and what was decided.';

-- Name: deletions; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.deletions (
    organization_id uuid NOT NULL,
    document_id uuid NOT NULL,
    deletion_batch_id uuid NOT NULL
);

ALTER TABLE ONLY knowledge.deletions FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.deletions OWNER TO millrace_owner;

-- Name: TABLE deletions; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.deletions IS 'Documents that their source lists no more and that are still served: they wait for approval, or it was refused.';

-- Name: document_states; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.document_states WITH (security_invoker='true') AS
 SELECT d.organization_id,
    d.data_source_id,
    d.id,
    d.file_path AS path,
    d.title,
        CASE
            WHEN (d.soft_deleted_at IS NOT NULL) THEN 'deleted'::text
            WHEN ((d.status = 'ready'::text) AND (f.id IS NOT NULL)) THEN 'outdated'::text
            ELSE d.status
        END AS state,
    d.mime_type,
    d.language,
    d.file_size,
    d.address,
    v.number AS version,
    v.valid_from AS as_of,
    v.dagster_run_id AS run_id,
    ( SELECT (count(*))::integer AS count
           FROM knowledge.chunks c
          WHERE ((c.organization_id = d.organization_id) AND (c.document_version_id = d.current_version_id) AND c.is_active)) AS chunks,
    f.stage,
    f.outcome,
    f.reason,
    f.attempts,
    f.next_attempt_at,
    d.expires_at,
    d.soft_deleted_at AS deleted_at
   FROM ((knowledge.documents d
     LEFT JOIN knowledge.document_versions v ON (((v.organization_id = d.organization_id) AND (v.id = d.current_version_id))))
     LEFT JOIN knowledge.sync_failures f ON (((f.organization_id = d.organization_id) AND (f.data_source_id = d.data_source_id) AND (f.file_path = d.file_path))));

ALTER VIEW knowledge.document_states OWNER TO millrace_owner;

-- Name: VIEW document_states; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.document_states IS 'Documents as a person asks for them. state: pending, ready, outdated (an older version is seen, the newest failed), failed or deleted.';

-- Name: embeddings; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.embeddings (
    organization_id uuid NOT NULL,
    embedding_model_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    embedding public.vector NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT embeddings_content_hash_check CHECK ((length(content_hash) = 32))
);
ALTER TABLE ONLY knowledge.embeddings ALTER COLUMN embedding SET STORAGE MAIN;

ALTER TABLE ONLY knowledge.embeddings FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.embeddings OWNER TO millrace_owner;

-- Name: TABLE embeddings; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.embeddings IS 'One vector for one content under one model: the same text is embedded once in an organization, never shared between two.';

-- Name: erasure_receipts; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.erasure_receipts (
    organization_id uuid NOT NULL,
    number bigint NOT NULL,
    erasure_id uuid NOT NULL,
    kind text NOT NULL,
    target_id uuid NOT NULL,
    target_hash text,
    row_counts jsonb NOT NULL,
    object_count integer NOT NULL,
    object_bytes bigint NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT erasure_receipts_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT erasure_receipts_kind_check CHECK ((kind = ANY (ARRAY['document'::text, 'source'::text, 'user'::text, 'tombstone'::text]))),
    CONSTRAINT erasure_receipts_number_check CHECK ((number > 0)),
    CONSTRAINT erasure_receipts_object_bytes_check CHECK ((object_bytes >= 0)),
    CONSTRAINT erasure_receipts_object_count_check CHECK ((object_count >= 0)),
    CONSTRAINT erasure_receipts_previous_hash_check CHECK ((previous_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT erasure_receipts_row_counts_check CHECK ((jsonb_typeof(row_counts) = 'object'::text))
);

ALTER TABLE ONLY knowledge.erasure_receipts FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.erasure_receipts OWNER TO millrace_owner;

-- Name: TABLE erasure_receipts; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.erasure_receipts IS 'What was erased, on whose request and why: rows by table and stored objects, one receipt for each transaction. hash covers the receipt and the hash before it, so that a missing or edited one shows.';

-- Name: file_types; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.file_types (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    mime_types text[] DEFAULT '{}'::text[] NOT NULL,
    extensions text[] DEFAULT '{}'::text[] NOT NULL,
    parsers text[] NOT NULL,
    embedding_models text[] DEFAULT '{}'::text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT file_types_parsers_check CHECK ((cardinality(parsers) > 0))
);

ALTER TABLE ONLY knowledge.file_types FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.file_types OWNER TO millrace_owner;

-- Name: TABLE file_types; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.file_types IS 'Kinds of file and the parser that reads them: the first of its parsers is used.';

-- Name: leases; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.leases (
    organization_id uuid NOT NULL,
    data_source_id uuid NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    holder text,
    expires_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY knowledge.leases FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.leases OWNER TO millrace_owner;

-- Name: TABLE leases; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.leases IS 'Who may write for a source now; nobody where holder is null. Whoever takes a lease over raises its fence; a writer whose fence is not the one here writes nothing.';

-- Name: legal_holds; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.legal_holds (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    data_source_id uuid,
    document_id uuid,
    placed_by text NOT NULL,
    released_by text,
    released_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT legal_holds_check CHECK ((num_nonnulls(data_source_id, document_id) <= 1)),
    CONSTRAINT legal_holds_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

ALTER TABLE ONLY knowledge.legal_holds FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.legal_holds OWNER TO millrace_owner;

-- Name: TABLE legal_holds; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.legal_holds IS 'What may not be deleted for good, a document or all of a source, by which matter, while it is not released.';

-- Name: lexeme_frequencies; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.lexeme_frequencies (
    organization_id uuid NOT NULL,
    recipe text NOT NULL,
    lexeme text NOT NULL,
    chunk_count bigint NOT NULL,
    CONSTRAINT lexeme_frequencies_chunk_count_check CHECK ((chunk_count > 0))
);

ALTER TABLE ONLY knowledge.lexeme_frequencies FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.lexeme_frequencies OWNER TO millrace_owner;

-- Name: TABLE lexeme_frequencies; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.lexeme_frequencies IS 'In how many active chunks of a recipe a lexeme stands: BM25 takes its idf from here.';

-- Name: upload_parts; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.upload_parts (
    organization_id uuid NOT NULL,
    partial_upload_id uuid NOT NULL,
    start_byte bigint NOT NULL,
    checksum text NOT NULL,
    file_size bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT upload_parts_checksum_check CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT upload_parts_file_size_check CHECK ((file_size > 0)),
    CONSTRAINT upload_parts_start_byte_check CHECK ((start_byte >= 0))
);

ALTER TABLE ONLY knowledge.upload_parts FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.upload_parts OWNER TO millrace_owner;

-- Name: TABLE upload_parts; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.upload_parts IS 'The parts of uploads that are not whole yet: their bytes are in the object store before their row is here.';

-- Name: uploads; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.uploads (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    checksum text NOT NULL,
    file_size bigint NOT NULL,
    media_type text DEFAULT ''::text NOT NULL,
    title text,
    address text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    user_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT uploads_checksum_check CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT uploads_file_size_check CHECK ((file_size >= 0)),
    CONSTRAINT uploads_metadata_check CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT uploads_path_check CHECK (((length(path) >= 1) AND (length(path) <= 1000)))
);

ALTER TABLE ONLY knowledge.uploads FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.uploads OWNER TO millrace_owner;

-- Name: TABLE uploads; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.uploads IS 'Documents that were pushed into an upload source: their bytes are in the object store before their row is here, and their row is here before the sender hears that they are accepted.';

-- Name: named_objects; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.named_objects WITH (security_invoker='true') AS
 SELECT document_versions.organization_id,
    document_versions.checksum,
    document_versions.file_size
   FROM knowledge.document_versions
UNION ALL
 SELECT uploads.organization_id,
    uploads.checksum,
    uploads.file_size
   FROM knowledge.uploads
UNION ALL
 SELECT upload_parts.organization_id,
    upload_parts.checksum,
    upload_parts.file_size
   FROM knowledge.upload_parts;

ALTER VIEW knowledge.named_objects OWNER TO millrace_owner;

-- Name: VIEW named_objects; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.named_objects IS 'The checksums of stored bytes that a row still needs; one row for each that names them.';

-- Name: partial_uploads; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.partial_uploads (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    file_size bigint NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    checksum text,
    media_type text DEFAULT ''::text NOT NULL,
    title text,
    address text,
    outcome text,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT partial_uploads_check CHECK (((received >= 0) AND (received <= file_size))),
    CONSTRAINT partial_uploads_check1 CHECK (((outcome IS NOT NULL) <= (received = file_size))),
    CONSTRAINT partial_uploads_checksum_check CHECK ((checksum ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT partial_uploads_file_size_check CHECK ((file_size >= 0)),
    CONSTRAINT partial_uploads_outcome_check CHECK ((outcome = ANY (ARRAY['created'::text, 'replaced'::text, 'unchanged'::text]))),
    CONSTRAINT partial_uploads_path_check CHECK (((length(path) >= 1) AND (length(path) <= 1000)))
);

ALTER TABLE ONLY knowledge.partial_uploads FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.partial_uploads OWNER TO millrace_owner;

-- Name: TABLE partial_uploads; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.partial_uploads IS 'Documents that are being pushed in parts, or were lately: how much has come. What nobody goes on with is taken away after a day.';

-- Name: COLUMN partial_uploads.checksum; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.partial_uploads.checksum IS 'The SHA-256 of the whole, where the sender said it.';

-- Name: COLUMN partial_uploads.outcome; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON COLUMN knowledge.partial_uploads.outcome IS 'What became of it, once it was whole and accepted; its parts are gone then.';

-- Name: readable_texts; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.readable_texts WITH (security_invoker='true') AS
 SELECT v.organization_id,
    v.id,
    v.document_id,
    d.data_source_id,
    s.name AS source_name,
    d.file_path AS path,
    COALESCE(v.title, d.title) AS title,
    d.address,
    d.mime_type,
    COALESCE(v.language, d.language) AS language,
    v.number AS version,
    (NOT (v.id IS DISTINCT FROM d.current_version_id)) AS is_current,
    v.valid_from AS as_of,
    v.dagster_run_id AS run_id,
    length(v.text) AS characters,
    v.text,
    v.elements
   FROM ((knowledge.document_versions v
     JOIN knowledge.documents d ON (((d.organization_id = v.organization_id) AND (d.id = v.document_id))))
     JOIN knowledge.data_sources s ON (((s.organization_id = d.organization_id) AND (s.id = d.data_source_id))))
  WHERE ((v.valid_from IS NOT NULL) AND (v.text IS NOT NULL) AND (d.soft_deleted_at IS NULL) AND ((d.expires_at IS NULL) OR (d.expires_at > now())));

ALTER VIEW knowledge.readable_texts OWNER TO millrace_owner;

-- Name: VIEW readable_texts; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.readable_texts IS 'The text of each version that was shown to readers, with what a person calls it; citations and elements are places in it.';

-- Name: reconciliation; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.reconciliation WITH (security_invoker='true') AS
 SELECT s.organization_id,
    s.id AS data_source_id,
    s.name,
    (s.deleted_at IS NOT NULL) AS is_removed,
    d.documents,
    d.ready,
    d.waiting,
    f.failed,
    c.chunks,
    v.vectors,
    d.documents_without_version,
    w.documents_without_chunks,
    d.failures_without_reason,
    c.orphaned_chunks,
    w.cuts_with_gaps,
    v.chunks_without_vector,
    v.vectors_of_wrong_size,
    v.vectors_not_of_length_one
   FROM (((((knowledge.data_sources s
     CROSS JOIN LATERAL ( SELECT count(*) AS documents,
            count(*) FILTER (WHERE (document.current_version_id IS NOT NULL)) AS ready,
            count(*) FILTER (WHERE (document.status = 'pending'::text)) AS waiting,
            count(*) FILTER (WHERE ((document.status = 'ready'::text) AND (document.current_version_id IS NULL))) AS documents_without_version,
            count(*) FILTER (WHERE ((document.status = 'failed'::text) AND (NOT (EXISTS ( SELECT
                   FROM knowledge.sync_failures failure
                  WHERE ((failure.organization_id = s.organization_id) AND (failure.data_source_id = s.id) AND (failure.file_path = document.file_path))))))) AS failures_without_reason
           FROM knowledge.documents document
          WHERE ((document.organization_id = s.organization_id) AND (document.data_source_id = s.id) AND (document.soft_deleted_at IS NULL))) d)
     CROSS JOIN LATERAL ( SELECT count(*) AS failed
           FROM knowledge.sync_failures failure
          WHERE ((failure.organization_id = s.organization_id) AND (failure.data_source_id = s.id) AND (failure.stage <> 'listing'::text) AND (failure.state <> 'ignored'::text))) f)
     CROSS JOIN LATERAL ( SELECT count(*) AS chunks,
            count(*) FILTER (WHERE ((s.deleted_at IS NOT NULL) OR (document.soft_deleted_at IS NOT NULL) OR (document.data_source_id <> s.id) OR (document.current_version_id IS DISTINCT FROM chunk.document_version_id))) AS orphaned_chunks
           FROM (knowledge.chunks chunk
             JOIN knowledge.documents document ON (((document.organization_id = chunk.organization_id) AND (document.id = chunk.document_id))))
          WHERE ((chunk.organization_id = s.organization_id) AND (chunk.data_source_id = s.id) AND chunk.is_active)) c)
     CROSS JOIN LATERAL ( SELECT count(*) FILTER (WHERE (of_version.chunks IS NULL)) AS documents_without_chunks,
            count(*) FILTER (WHERE ((of_version.last_index + 1) <> of_version.chunks)) AS cuts_with_gaps
           FROM (knowledge.documents document
             LEFT JOIN LATERAL ( SELECT count(*) AS chunks,
                    max(chunk.chunk_index) AS last_index
                   FROM knowledge.chunks chunk
                  WHERE (((chunk.organization_id = document.organization_id) AND (chunk.document_version_id = document.current_version_id)) AND chunk.is_active)
                  GROUP BY chunk.recipe) of_version ON (true))
          WHERE ((document.organization_id = s.organization_id) AND (document.data_source_id = s.id) AND (document.soft_deleted_at IS NULL) AND (document.current_version_id IS NOT NULL) AND (s.deleted_at IS NULL))) w)
     CROSS JOIN LATERAL ( SELECT count(DISTINCT ROW(embedding.embedding_model_id, embedding.content_hash)) FILTER (WHERE (embedding.content_hash IS NOT NULL)) AS vectors,
            count(*) FILTER (WHERE (embedding.content_hash IS NULL)) AS chunks_without_vector,
            count(*) FILTER (WHERE (public.vector_dims(embedding.embedding) <> model.dimension)) AS vectors_of_wrong_size,
            count(*) FILTER (WHERE (NOT (abs((public.vector_norm(embedding.embedding) - (1)::double precision)) < (0.01)::double precision))) AS vectors_not_of_length_one
           FROM ((knowledge.chunks chunk
             LEFT JOIN knowledge.embeddings embedding ON (((embedding.organization_id = chunk.organization_id) AND (embedding.content_hash = chunk.content_hash))))
             LEFT JOIN knowledge.embedding_models model ON (((model.organization_id = embedding.organization_id) AND (model.id = embedding.embedding_model_id))))
          WHERE ((chunk.organization_id = s.organization_id) AND (chunk.data_source_id = s.id) AND chunk.is_active)) v);

ALTER VIEW knowledge.reconciliation OWNER TO millrace_owner;

-- Name: VIEW reconciliation; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.reconciliation IS 'Documents, chunks and vectors of each source, counted, and how many of them do not agree with each other.';

-- Name: text_statistics; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.text_statistics (
    organization_id uuid NOT NULL,
    recipe text NOT NULL,
    language regconfig NOT NULL,
    chunk_count bigint NOT NULL,
    lexeme_total bigint NOT NULL,
    average_length double precision NOT NULL,
    computed_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY knowledge.text_statistics FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.text_statistics OWNER TO millrace_owner;

-- Name: TABLE text_statistics; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.text_statistics IS 'Active chunks and their length by recipe and language. average_length is the one that the stored weights were made with.';

-- Name: tombstones; Type: TABLE; Schema: knowledge; Owner: millrace_owner

CREATE TABLE knowledge.tombstones (
    organization_id uuid NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    data_source_id uuid NOT NULL,
    kind text NOT NULL,
    path_hash bytea NOT NULL,
    content_hashes bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    state_hash bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tombstones_kind_check CHECK ((kind = ANY (ARRAY['erased'::text, 'expired'::text]))),
    CONSTRAINT tombstones_path_hash_check CHECK ((length(path_hash) = 32)),
    CONSTRAINT tombstones_state_hash_check CHECK ((length(state_hash) = 32))
);

ALTER TABLE ONLY knowledge.tombstones FORCE ROW LEVEL SECURITY;

ALTER TABLE knowledge.tombstones OWNER TO millrace_owner;

-- Name: TABLE tombstones; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON TABLE knowledge.tombstones IS 'What syncs must not bring back, by hashes only. erased: this path, and these contents under any path of the source. expired: this content at this path; state_hash is of what the listing said of it.';

-- Name: vector_health; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.vector_health WITH (security_invoker='true') AS
 SELECT embedding.organization_id,
    model.name AS model,
    encode(embedding.content_hash, 'hex'::text) AS content_hash,
    public.vector_dims(embedding.embedding) AS dimension,
    model.dimension AS expected_dimension,
    public.vector_norm(embedding.embedding) AS length,
    ( SELECT count(*) AS count
           FROM ( SELECT
                   FROM knowledge.chunks chunk
                  WHERE ((chunk.organization_id = embedding.organization_id) AND (chunk.content_hash = embedding.content_hash))
                 LIMIT 1) one) AS is_used
   FROM (knowledge.embeddings embedding
     JOIN knowledge.embedding_models model ON (((model.organization_id = embedding.organization_id) AND (model.id = embedding.embedding_model_id))));

ALTER VIEW knowledge.vector_health OWNER TO millrace_owner;

-- Name: VIEW vector_health; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.vector_health IS 'Vectors with their model, size and length, and whether a chunk still holds their text.';

-- Name: vector_indexes; Type: VIEW; Schema: knowledge; Owner: millrace_owner

CREATE VIEW knowledge.vector_indexes WITH (security_invoker='true') AS
 SELECT m.organization_id,
    m.id AS embedding_model_id,
    m.name AS model,
    m.dimension,
    ( SELECT count(*) AS count
           FROM knowledge.embeddings e
          WHERE ((e.organization_id = m.organization_id) AND (e.embedding_model_id = m.id))) AS vectors,
    (x.oid IS NOT NULL) AS is_indexed,
    COALESCE(i.indisvalid, false) AS is_valid,
    (GREATEST(x.reltuples, (0)::real))::bigint AS indexed_vectors,
    pg_relation_size((x.oid)::regclass) AS index_bytes,
    ( SELECT pg_extension.extversion
           FROM pg_extension
          WHERE (pg_extension.extname = 'vector'::name)) AS pgvector_version
   FROM ((knowledge.embedding_models m
     LEFT JOIN pg_class x ON (((x.relnamespace = ('knowledge'::regnamespace)::oid) AND (x.relkind = 'i'::"char") AND (x.relname = ('dense_'::text || replace((m.id)::text, '-'::text, ''::text))))))
     LEFT JOIN pg_index i ON ((i.indexrelid = x.oid)));

ALTER VIEW knowledge.vector_indexes OWNER TO millrace_owner;

-- Name: VIEW vector_indexes; Type: COMMENT; Schema: knowledge; Owner: millrace_owner

COMMENT ON VIEW knowledge.vector_indexes IS 'The models of an organization, how many vectors they have, and the HNSW index that serves their search, where there is one.';

-- Name: millrace_migrations; Type: TABLE; Schema: public; Owner: postgres

CREATE TABLE public.millrace_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.millrace_migrations OWNER TO postgres;

-- Name: TABLE millrace_migrations; Type: COMMENT; Schema: public; Owner: postgres

COMMENT ON TABLE public.millrace_migrations IS 'Which migrations this database has had.';

-- Name: agent_data_sources agent_data_sources_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_data_sources
    ADD CONSTRAINT agent_data_sources_pkey PRIMARY KEY (organization_id, agent_id, data_source_id);

-- Name: agent_file_types agent_file_types_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_file_types
    ADD CONSTRAINT agent_file_types_pkey PRIMARY KEY (organization_id, agent_id, file_type_id);

-- Name: agent_tags agent_tags_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_tags
    ADD CONSTRAINT agent_tags_pkey PRIMARY KEY (organization_id, agent_id, tag_id);

-- Name: agents agents_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agents
    ADD CONSTRAINT agents_pkey PRIMARY KEY (organization_id, id);

-- Name: builds builds_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.builds
    ADD CONSTRAINT builds_pkey PRIMARY KEY (organization_id, id);

-- Name: canned_answers canned_answers_organization_id_agent_id_question_key; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.canned_answers
    ADD CONSTRAINT canned_answers_organization_id_agent_id_question_key UNIQUE (organization_id, agent_id, question);

-- Name: canned_answers canned_answers_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.canned_answers
    ADD CONSTRAINT canned_answers_pkey PRIMARY KEY (organization_id, id);

-- Name: chatbot_data_sources chatbot_data_sources_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbot_data_sources
    ADD CONSTRAINT chatbot_data_sources_pkey PRIMARY KEY (organization_id, chatbot_id, data_source_id);

-- Name: chatbots chatbots_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbots
    ADD CONSTRAINT chatbots_pkey PRIMARY KEY (organization_id, id);

-- Name: configuration_requests configuration_requests_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.configuration_requests
    ADD CONSTRAINT configuration_requests_pkey PRIMARY KEY (organization_id, id);

-- Name: evaluation_judgments evaluation_judgments_organization_id_evaluation_query_id_do_key; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_judgments
    ADD CONSTRAINT evaluation_judgments_organization_id_evaluation_query_id_do_key UNIQUE NULLS NOT DISTINCT (organization_id, evaluation_query_id, document_id, quote, start_char);

-- Name: evaluation_judgments evaluation_judgments_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_judgments
    ADD CONSTRAINT evaluation_judgments_pkey PRIMARY KEY (organization_id, id);

-- Name: evaluation_queries evaluation_queries_organization_id_evaluation_set_id_extern_key; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_queries
    ADD CONSTRAINT evaluation_queries_organization_id_evaluation_set_id_extern_key UNIQUE (organization_id, evaluation_set_id, external_id);

-- Name: evaluation_queries evaluation_queries_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_queries
    ADD CONSTRAINT evaluation_queries_pkey PRIMARY KEY (organization_id, id);

-- Name: evaluation_results evaluation_results_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_results
    ADD CONSTRAINT evaluation_results_pkey PRIMARY KEY (organization_id, evaluation_run_id, evaluation_query_id);

-- Name: evaluation_runs evaluation_runs_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_runs
    ADD CONSTRAINT evaluation_runs_pkey PRIMARY KEY (organization_id, id);

-- Name: evaluation_scores evaluation_scores_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_scores
    ADD CONSTRAINT evaluation_scores_pkey PRIMARY KEY (organization_id, evaluation_run_id, slice, metric);

-- Name: evaluation_sets evaluation_sets_organization_id_chatbot_id_name_key; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_sets
    ADD CONSTRAINT evaluation_sets_organization_id_chatbot_id_name_key UNIQUE (organization_id, chatbot_id, name);

-- Name: evaluation_sets evaluation_sets_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_sets
    ADD CONSTRAINT evaluation_sets_pkey PRIMARY KEY (organization_id, id);

-- Name: model_config_versions model_config_versions_active; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.model_config_versions
    ADD CONSTRAINT model_config_versions_active EXCLUDE USING btree (organization_id WITH =, chatbot_id WITH =) WHERE ((status = 'active'::text)) DEFERRABLE;

-- Name: model_config_versions model_config_versions_organization_id_chatbot_id_number_key; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.model_config_versions
    ADD CONSTRAINT model_config_versions_organization_id_chatbot_id_number_key UNIQUE (organization_id, chatbot_id, number);

-- Name: model_config_versions model_config_versions_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.model_config_versions
    ADD CONSTRAINT model_config_versions_pkey PRIMARY KEY (organization_id, id);

-- Name: version_comparisons version_comparisons_pkey; Type: CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.version_comparisons
    ADD CONSTRAINT version_comparisons_pkey PRIMARY KEY (organization_id, id);

-- Name: background_tasks background_tasks_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.background_tasks
    ADD CONSTRAINT background_tasks_pkey PRIMARY KEY (organization_id, id);

-- Name: changed_days changed_days_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.changed_days
    ADD CONSTRAINT changed_days_pkey PRIMARY KEY (organization_id, id);

-- Name: citations citations_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.citations
    ADD CONSTRAINT citations_pkey PRIMARY KEY (organization_id, id);

-- Name: clustered_questions clustered_questions_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.clustered_questions
    ADD CONSTRAINT clustered_questions_pkey PRIMARY KEY (organization_id, retrieval_log_id);

-- Name: daily_answers daily_answers_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_answers
    ADD CONSTRAINT daily_answers_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_citations daily_citations_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_citations
    ADD CONSTRAINT daily_citations_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_latencies daily_latencies_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_latencies
    ADD CONSTRAINT daily_latencies_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_opinions daily_opinions_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_opinions
    ADD CONSTRAINT daily_opinions_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_scores daily_scores_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_scores
    ADD CONSTRAINT daily_scores_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_thumbs daily_thumbs_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_thumbs
    ADD CONSTRAINT daily_thumbs_pkey PRIMARY KEY (organization_id, id);

-- Name: daily_usage daily_usage_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_usage
    ADD CONSTRAINT daily_usage_pkey PRIMARY KEY (organization_id, id);

-- Name: interactions interactions_organization_id_answer_id_key; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_organization_id_answer_id_key UNIQUE (organization_id, answer_id);

-- Name: interactions interactions_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_pkey PRIMARY KEY (organization_id, id);

-- Name: logged_comparisons logged_comparisons_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.logged_comparisons
    ADD CONSTRAINT logged_comparisons_pkey PRIMARY KEY (organization_id, id);

-- Name: message_feedback message_feedback_organization_id_message_id_user_id_key; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.message_feedback
    ADD CONSTRAINT message_feedback_organization_id_message_id_user_id_key UNIQUE NULLS NOT DISTINCT (organization_id, message_id, user_id);

-- Name: message_feedback message_feedback_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.message_feedback
    ADD CONSTRAINT message_feedback_pkey PRIMARY KEY (organization_id, id);

-- Name: messages messages_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (organization_id, id);

-- Name: promotions promotions_organization_id_message_id_key; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.promotions
    ADD CONSTRAINT promotions_organization_id_message_id_key UNIQUE (organization_id, message_id);

-- Name: promotions promotions_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.promotions
    ADD CONSTRAINT promotions_pkey PRIMARY KEY (organization_id, id);

-- Name: question_cluster_passages question_cluster_passages_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.question_cluster_passages
    ADD CONSTRAINT question_cluster_passages_pkey PRIMARY KEY (organization_id, question_cluster_id, place);

-- Name: question_clusters question_clusters_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.question_clusters
    ADD CONSTRAINT question_clusters_pkey PRIMARY KEY (organization_id, id);

-- Name: retrieval_logs retrieval_logs_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.retrieval_logs
    ADD CONSTRAINT retrieval_logs_pkey PRIMARY KEY (organization_id, id);

-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (organization_id, id);

-- Name: source_issues source_issues_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_pkey PRIMARY KEY (organization_id, id);

-- Name: summed_days summed_days_organization_id_day_key; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.summed_days
    ADD CONSTRAINT summed_days_organization_id_day_key UNIQUE (organization_id, day);

-- Name: summed_days summed_days_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.summed_days
    ADD CONSTRAINT summed_days_pkey PRIMARY KEY (organization_id, id);

-- Name: usage usage_pkey; Type: CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.usage
    ADD CONSTRAINT usage_pkey PRIMARY KEY (organization_id, id);

-- Name: allowances allowances_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.allowances
    ADD CONSTRAINT allowances_pkey PRIMARY KEY (organization_id, subject_id, span_s);

-- Name: analyst_logins analyst_logins_organization_id_name_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.analyst_logins
    ADD CONSTRAINT analyst_logins_organization_id_name_key UNIQUE (organization_id, name);

-- Name: analyst_logins analyst_logins_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.analyst_logins
    ADD CONSTRAINT analyst_logins_pkey PRIMARY KEY (organization_id, id);

-- Name: api_keys api_keys_organization_id_name_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.api_keys
    ADD CONSTRAINT api_keys_organization_id_name_key UNIQUE (organization_id, name);

-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (organization_id, id);

-- Name: audit_log audit_log_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (organization_id, id);

-- Name: browser_sessions browser_sessions_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.browser_sessions
    ADD CONSTRAINT browser_sessions_pkey PRIMARY KEY (organization_id, id);

-- Name: budget_approvals budget_approvals_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.budget_approvals
    ADD CONSTRAINT budget_approvals_pkey PRIMARY KEY (organization_id, id);

-- Name: budgets budgets_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (organization_id);

-- Name: expenses expenses_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.expenses
    ADD CONSTRAINT expenses_pkey PRIMARY KEY (organization_id, id);

-- Name: idempotent_requests idempotent_requests_organization_id_asked_by_key_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.idempotent_requests
    ADD CONSTRAINT idempotent_requests_organization_id_asked_by_key_key UNIQUE (organization_id, asked_by, key);

-- Name: idempotent_requests idempotent_requests_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.idempotent_requests
    ADD CONSTRAINT idempotent_requests_pkey PRIMARY KEY (organization_id, id);

-- Name: knowledge_settings knowledge_settings_organization_id_user_id_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.knowledge_settings
    ADD CONSTRAINT knowledge_settings_organization_id_user_id_key UNIQUE (organization_id, user_id);

-- Name: knowledge_settings knowledge_settings_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.knowledge_settings
    ADD CONSTRAINT knowledge_settings_pkey PRIMARY KEY (organization_id, id);

-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, user_id);

-- Name: model_prices model_prices_organization_id_model_since_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.model_prices
    ADD CONSTRAINT model_prices_organization_id_model_since_key UNIQUE (organization_id, model, since);

-- Name: model_prices model_prices_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.model_prices
    ADD CONSTRAINT model_prices_pkey PRIMARY KEY (organization_id, id);

-- Name: notification_channels notification_channels_organization_id_name_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_channels
    ADD CONSTRAINT notification_channels_organization_id_name_key UNIQUE (organization_id, name);

-- Name: notification_channels notification_channels_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_channels
    ADD CONSTRAINT notification_channels_pkey PRIMARY KEY (organization_id, id);

-- Name: notification_deliveries notification_deliveries_organization_id_notification_id_cha_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_deliveries
    ADD CONSTRAINT notification_deliveries_organization_id_notification_id_cha_key UNIQUE NULLS NOT DISTINCT (organization_id, notification_id, channel_id, user_id);

-- Name: notification_deliveries notification_deliveries_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_deliveries
    ADD CONSTRAINT notification_deliveries_pkey PRIMARY KEY (organization_id, id);

-- Name: notifications notifications_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (organization_id, id);

-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

-- Name: organizations organizations_slug_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.organizations
    ADD CONSTRAINT organizations_slug_key UNIQUE (slug);

-- Name: provider_keys provider_keys_organization_id_user_id_provider_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_organization_id_user_id_provider_key UNIQUE NULLS NOT DISTINCT (organization_id, user_id, provider);

-- Name: provider_keys provider_keys_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_pkey PRIMARY KEY (organization_id, id);

-- Name: retention_settings retention_settings_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.retention_settings
    ADD CONSTRAINT retention_settings_pkey PRIMARY KEY (organization_id);

-- Name: sign_in_links sign_in_links_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.sign_in_links
    ADD CONSTRAINT sign_in_links_pkey PRIMARY KEY (organization_id, id);

-- Name: users users_organization_id_email_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_organization_id_email_key UNIQUE (organization_id, email);

-- Name: users users_organization_id_username_key; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_organization_id_username_key UNIQUE (organization_id, username);

-- Name: users users_pkey; Type: CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (organization_id, id);

-- Name: chunks chunks_organization_id_document_version_id_recipe_chunk_ind_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.chunks
    ADD CONSTRAINT chunks_organization_id_document_version_id_recipe_chunk_ind_key UNIQUE (organization_id, document_version_id, recipe, chunk_index);

-- Name: chunks chunks_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (organization_id, id);

-- Name: data_source_tags data_source_tags_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_source_tags
    ADD CONSTRAINT data_source_tags_pkey PRIMARY KEY (organization_id, data_source_id, tag_id);

-- Name: data_sources data_sources_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_sources
    ADD CONSTRAINT data_sources_pkey PRIMARY KEY (organization_id, id);

-- Name: deletion_batches deletion_batches_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.deletion_batches
    ADD CONSTRAINT deletion_batches_pkey PRIMARY KEY (organization_id, id);

-- Name: deletions deletions_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.deletions
    ADD CONSTRAINT deletions_pkey PRIMARY KEY (organization_id, document_id);

-- Name: document_versions document_versions_organization_id_document_id_id_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.document_versions
    ADD CONSTRAINT document_versions_organization_id_document_id_id_key UNIQUE (organization_id, document_id, id);

-- Name: document_versions document_versions_organization_id_document_id_number_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.document_versions
    ADD CONSTRAINT document_versions_organization_id_document_id_number_key UNIQUE (organization_id, document_id, number);

-- Name: document_versions document_versions_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.document_versions
    ADD CONSTRAINT document_versions_pkey PRIMARY KEY (organization_id, id);

-- Name: documents documents_organization_id_data_source_id_file_path_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_data_source_id_file_path_key UNIQUE (organization_id, data_source_id, file_path);

-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (organization_id, id);

-- Name: embedding_models embedding_models_organization_id_name_version_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.embedding_models
    ADD CONSTRAINT embedding_models_organization_id_name_version_key UNIQUE (organization_id, name, version);

-- Name: embedding_models embedding_models_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.embedding_models
    ADD CONSTRAINT embedding_models_pkey PRIMARY KEY (organization_id, id);

-- Name: embeddings embeddings_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.embeddings
    ADD CONSTRAINT embeddings_pkey PRIMARY KEY (organization_id, embedding_model_id, content_hash);

-- Name: erasure_receipts erasure_receipts_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.erasure_receipts
    ADD CONSTRAINT erasure_receipts_pkey PRIMARY KEY (organization_id, number);

-- Name: file_types file_types_organization_id_name_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.file_types
    ADD CONSTRAINT file_types_organization_id_name_key UNIQUE (organization_id, name);

-- Name: file_types file_types_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.file_types
    ADD CONSTRAINT file_types_pkey PRIMARY KEY (organization_id, id);

-- Name: index_recalls index_recalls_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.index_recalls
    ADD CONSTRAINT index_recalls_pkey PRIMARY KEY (organization_id, id);

-- Name: leases leases_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (organization_id, data_source_id);

-- Name: legal_holds legal_holds_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.legal_holds
    ADD CONSTRAINT legal_holds_pkey PRIMARY KEY (organization_id, id);

-- Name: lexeme_frequencies lexeme_frequencies_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.lexeme_frequencies
    ADD CONSTRAINT lexeme_frequencies_pkey PRIMARY KEY (organization_id, recipe, lexeme);

-- Name: partial_uploads partial_uploads_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.partial_uploads
    ADD CONSTRAINT partial_uploads_pkey PRIMARY KEY (organization_id, id);

-- Name: sync_failures sync_failures_organization_id_data_source_id_file_path_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.sync_failures
    ADD CONSTRAINT sync_failures_organization_id_data_source_id_file_path_key UNIQUE (organization_id, data_source_id, file_path);

-- Name: sync_failures sync_failures_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.sync_failures
    ADD CONSTRAINT sync_failures_pkey PRIMARY KEY (organization_id, id);

-- Name: tags tags_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (organization_id, id);

-- Name: text_statistics text_statistics_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.text_statistics
    ADD CONSTRAINT text_statistics_pkey PRIMARY KEY (organization_id, recipe, language);

-- Name: tombstones tombstones_organization_id_data_source_id_path_hash_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.tombstones
    ADD CONSTRAINT tombstones_organization_id_data_source_id_path_hash_key UNIQUE (organization_id, data_source_id, path_hash);

-- Name: tombstones tombstones_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.tombstones
    ADD CONSTRAINT tombstones_pkey PRIMARY KEY (organization_id, id);

-- Name: training_jobs training_jobs_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.training_jobs
    ADD CONSTRAINT training_jobs_pkey PRIMARY KEY (organization_id, id);

-- Name: upload_parts upload_parts_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.upload_parts
    ADD CONSTRAINT upload_parts_pkey PRIMARY KEY (organization_id, partial_upload_id, start_byte);

-- Name: uploads uploads_organization_id_data_source_id_path_key; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.uploads
    ADD CONSTRAINT uploads_organization_id_data_source_id_path_key UNIQUE (organization_id, data_source_id, path);

-- Name: uploads uploads_pkey; Type: CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (organization_id, id);

-- Name: millrace_migrations millrace_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres

ALTER TABLE ONLY public.millrace_migrations
    ADD CONSTRAINT millrace_migrations_pkey PRIMARY KEY (number);

-- Name: agents_created_at; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX agents_created_at ON bots.agents USING btree (organization_id, created_at);

-- Name: agents_is_active; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX agents_is_active ON bots.agents USING btree (organization_id, is_active);

-- Name: agents_model_provider; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX agents_model_provider ON bots.agents USING btree (organization_id, model_provider);

-- Name: agents_name; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE UNIQUE INDEX agents_name ON bots.agents USING btree (organization_id, chatbot_id, name) WHERE (deleted_at IS NULL);

-- Name: agents_type; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX agents_type ON bots.agents USING btree (organization_id, type);

-- Name: agents_user; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX agents_user ON bots.agents USING btree (organization_id, user_id);

-- Name: builds_version; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX builds_version ON bots.builds USING btree (organization_id, model_config_version_id, started_at DESC);

-- Name: chatbot_data_sources_source; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX chatbot_data_sources_source ON bots.chatbot_data_sources USING btree (organization_id, data_source_id);

-- Name: chatbots_name; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE UNIQUE INDEX chatbots_name ON bots.chatbots USING btree (organization_id, name) WHERE (deleted_at IS NULL);

-- Name: configuration_requests_version; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX configuration_requests_version ON bots.configuration_requests USING btree (organization_id, model_config_version_id, created_at DESC);

-- Name: configuration_requests_waiting; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE UNIQUE INDEX configuration_requests_waiting ON bots.configuration_requests USING btree (organization_id, model_config_version_id, job) WHERE (begun_at IS NULL);

-- Name: evaluation_judgments_document; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX evaluation_judgments_document ON bots.evaluation_judgments USING btree (organization_id, document_id);

-- Name: evaluation_queries_document; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX evaluation_queries_document ON bots.evaluation_queries USING btree (organization_id, document_id) WHERE (document_id IS NOT NULL);

-- Name: evaluation_queries_source; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX evaluation_queries_source ON bots.evaluation_queries USING btree (organization_id, data_source_id);

-- Name: evaluation_results_query; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX evaluation_results_query ON bots.evaluation_results USING btree (organization_id, evaluation_query_id);

-- Name: evaluation_runs_created_at; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX evaluation_runs_created_at ON bots.evaluation_runs USING btree (organization_id, evaluation_set_id, created_at);

-- Name: version_comparisons_baseline; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX version_comparisons_baseline ON bots.version_comparisons USING btree (organization_id, baseline_id);

-- Name: version_comparisons_candidate; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX version_comparisons_candidate ON bots.version_comparisons USING btree (organization_id, candidate_id, baseline_id, created_at DESC);

-- Name: version_comparisons_set; Type: INDEX; Schema: bots; Owner: millrace_owner

CREATE INDEX version_comparisons_set ON bots.version_comparisons USING btree (organization_id, evaluation_set_id);

-- Name: background_tasks_due; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX background_tasks_due ON conversations.background_tasks USING btree (organization_id, next_attempt_at) WHERE (status = 'waiting'::text);

-- Name: background_tasks_session; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX background_tasks_session ON conversations.background_tasks USING btree (organization_id, session_id);

-- Name: background_tasks_waiting; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE UNIQUE INDEX background_tasks_waiting ON conversations.background_tasks USING btree (organization_id, session_id, agent_id) WHERE (status = 'waiting'::text);

-- Name: changed_days_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX changed_days_day ON conversations.changed_days USING btree (organization_id, sums, day);

-- Name: citations_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX citations_created_at ON conversations.citations USING btree (organization_id, created_at);

-- Name: citations_document; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX citations_document ON conversations.citations USING btree (organization_id, document_id);

-- Name: citations_message; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX citations_message ON conversations.citations USING btree (organization_id, message_id);

-- Name: citations_version; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX citations_version ON conversations.citations USING btree (organization_id, document_version_id);

-- Name: clustered_questions_cluster; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX clustered_questions_cluster ON conversations.clustered_questions USING btree (organization_id, question_cluster_id, likeness DESC);

-- Name: clustered_questions_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX clustered_questions_day ON conversations.clustered_questions USING btree (organization_id, day);

-- Name: daily_answers_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_answers_day ON conversations.daily_answers USING btree (organization_id, day);

-- Name: daily_citations_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_citations_day ON conversations.daily_citations USING btree (organization_id, day);

-- Name: daily_latencies_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_latencies_day ON conversations.daily_latencies USING btree (organization_id, day);

-- Name: daily_opinions_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_opinions_day ON conversations.daily_opinions USING btree (organization_id, day);

-- Name: daily_scores_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_scores_day ON conversations.daily_scores USING btree (organization_id, day);

-- Name: daily_thumbs_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_thumbs_day ON conversations.daily_thumbs USING btree (organization_id, day);

-- Name: daily_usage_day; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX daily_usage_day ON conversations.daily_usage USING btree (organization_id, day);

-- Name: interactions_asker; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX interactions_asker ON conversations.interactions USING btree (organization_id, asker_id, question_at);

-- Name: interactions_question_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX interactions_question_at ON conversations.interactions USING btree (organization_id, question_at);

-- Name: interactions_session; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX interactions_session ON conversations.interactions USING btree (organization_id, session_id, question_at);

-- Name: logged_comparisons_baseline; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX logged_comparisons_baseline ON conversations.logged_comparisons USING btree (organization_id, baseline_id);

-- Name: logged_comparisons_candidate; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX logged_comparisons_candidate ON conversations.logged_comparisons USING btree (organization_id, candidate_id, baseline_id, created_at DESC);

-- Name: message_feedback_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX message_feedback_created_at ON conversations.message_feedback USING btree (organization_id, created_at);

-- Name: message_feedback_message; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX message_feedback_message ON conversations.message_feedback USING btree (organization_id, message_id);

-- Name: messages_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX messages_created_at ON conversations.messages USING btree (organization_id, created_at);

-- Name: messages_role; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX messages_role ON conversations.messages USING btree (organization_id, role);

-- Name: messages_session; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX messages_session ON conversations.messages USING btree (organization_id, session_id, created_at);

-- Name: promotions_query; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX promotions_query ON conversations.promotions USING btree (organization_id, evaluation_query_id);

-- Name: promotions_user; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX promotions_user ON conversations.promotions USING btree (organization_id, user_id);

-- Name: question_cluster_passages_document; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX question_cluster_passages_document ON conversations.question_cluster_passages USING btree (organization_id, document_id);

-- Name: retrieval_logs_best_document; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX retrieval_logs_best_document ON conversations.retrieval_logs USING btree (organization_id, best_document_id);

-- Name: retrieval_logs_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX retrieval_logs_created_at ON conversations.retrieval_logs USING btree (organization_id, created_at);

-- Name: retrieval_logs_message; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE UNIQUE INDEX retrieval_logs_message ON conversations.retrieval_logs USING btree (organization_id, message_id) INCLUDE (model_config_version_id, found, best_score, best_document_id, elapsed_ms);

-- Name: retrieval_logs_session; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX retrieval_logs_session ON conversations.retrieval_logs USING btree (organization_id, session_id);

-- Name: sessions_agent; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_agent ON conversations.sessions USING btree (organization_id, agent_id);

-- Name: sessions_chatbot; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_chatbot ON conversations.sessions USING btree (organization_id, chatbot_id);

-- Name: sessions_chatbot_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_chatbot_created_at ON conversations.sessions USING btree (organization_id, chatbot_id, created_at);

-- Name: sessions_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_created_at ON conversations.sessions USING btree (organization_id, created_at);

-- Name: sessions_handed_over; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_handed_over ON conversations.sessions USING btree (organization_id, handed_over_at) WHERE (handed_over_at IS NOT NULL);

-- Name: sessions_updated_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_updated_at ON conversations.sessions USING btree (organization_id, updated_at);

-- Name: sessions_user; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX sessions_user ON conversations.sessions USING btree (organization_id, user_id);

-- Name: source_issues_closed_by; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX source_issues_closed_by ON conversations.source_issues USING btree (organization_id, closed_by);

-- Name: source_issues_document; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX source_issues_document ON conversations.source_issues USING btree (organization_id, document_id);

-- Name: source_issues_message; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX source_issues_message ON conversations.source_issues USING btree (organization_id, message_id);

-- Name: source_issues_opened_by; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX source_issues_opened_by ON conversations.source_issues USING btree (organization_id, opened_by);

-- Name: source_issues_source; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX source_issues_source ON conversations.source_issues USING btree (organization_id, data_source_id, created_at DESC);

-- Name: usage_agent_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX usage_agent_created_at ON conversations.usage USING btree (organization_id, agent_id, created_at);

-- Name: usage_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX usage_created_at ON conversations.usage USING btree (organization_id, created_at);

-- Name: usage_message; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE UNIQUE INDEX usage_message ON conversations.usage USING btree (organization_id, message_id) INCLUDE (model, prompt_tokens, completion_tokens, cost);

-- Name: usage_user_created_at; Type: INDEX; Schema: conversations; Owner: millrace_owner

CREATE INDEX usage_user_created_at ON conversations.usage USING btree (organization_id, user_id, created_at);

-- Name: analyst_logins_id; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE UNIQUE INDEX analyst_logins_id ON identity.analyst_logins USING btree (id);

-- Name: api_keys_id; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE UNIQUE INDEX api_keys_id ON identity.api_keys USING btree (id);

-- Name: audit_log_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX audit_log_at ON identity.audit_log USING btree (organization_id, at DESC, id);

-- Name: audit_log_entity; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX audit_log_entity ON identity.audit_log USING btree (organization_id, entity, entity_id, at DESC);

-- Name: audit_log_key; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX audit_log_key ON identity.audit_log USING btree (organization_id, key_id);

-- Name: audit_log_user; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX audit_log_user ON identity.audit_log USING btree (organization_id, user_id);

-- Name: browser_sessions_expires_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX browser_sessions_expires_at ON identity.browser_sessions USING btree (organization_id, expires_at);

-- Name: browser_sessions_id; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE UNIQUE INDEX browser_sessions_id ON identity.browser_sessions USING btree (id);

-- Name: browser_sessions_user; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX browser_sessions_user ON identity.browser_sessions USING btree (organization_id, user_id);

-- Name: budget_approvals_created_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX budget_approvals_created_at ON identity.budget_approvals USING btree (organization_id, created_at);

-- Name: expenses_beside; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX expenses_beside ON identity.expenses USING btree (organization_id, created_at) WHERE (kind <> 'answer'::text);

-- Name: expenses_created_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX expenses_created_at ON identity.expenses USING btree (organization_id, created_at) INCLUDE (cost);

-- Name: idempotent_requests_created_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX idempotent_requests_created_at ON identity.idempotent_requests USING btree (organization_id, created_at);

-- Name: notification_deliveries_channel; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX notification_deliveries_channel ON identity.notification_deliveries USING btree (organization_id, channel_id);

-- Name: notification_deliveries_due; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX notification_deliveries_due ON identity.notification_deliveries USING btree (organization_id, next_attempt_at) WHERE (status = 'waiting'::text);

-- Name: notification_deliveries_user; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX notification_deliveries_user ON identity.notification_deliveries USING btree (organization_id, user_id);

-- Name: notifications_created_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX notifications_created_at ON identity.notifications USING btree (organization_id, created_at DESC);

-- Name: notifications_open; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE UNIQUE INDEX notifications_open ON identity.notifications USING btree (organization_id, dedup_key) WHERE (closed_at IS NULL);

-- Name: sign_in_links_expires_at; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX sign_in_links_expires_at ON identity.sign_in_links USING btree (organization_id, expires_at);

-- Name: sign_in_links_id; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE UNIQUE INDEX sign_in_links_id ON identity.sign_in_links USING btree (id);

-- Name: sign_in_links_user; Type: INDEX; Schema: identity; Owner: millrace_owner

CREATE INDEX sign_in_links_user ON identity.sign_in_links USING btree (organization_id, user_id);

-- Name: chunks_content_hash; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_content_hash ON knowledge.chunks USING btree (organization_id, content_hash);

-- Name: chunks_created_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_created_at ON knowledge.chunks USING btree (organization_id, created_at);

-- Name: chunks_document; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_document ON knowledge.chunks USING btree (organization_id, document_id);

-- Name: chunks_lexemes; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_lexemes ON knowledge.chunks USING gin (((lexemes || array_to_tsvector(ARRAY[(organization_id)::text, (data_source_id)::text])))) WHERE is_active;

-- Name: chunks_visible; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_visible ON knowledge.chunks USING btree (organization_id, recipe, data_source_id) INCLUDE (content_hash, id) WHERE is_active;

-- Name: chunks_wording; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX chunks_wording ON knowledge.chunks USING btree (organization_id, wording);

-- Name: data_source_tags_tag; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX data_source_tags_tag ON knowledge.data_source_tags USING btree (organization_id, tag_id);

-- Name: data_sources_created_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX data_sources_created_at ON knowledge.data_sources USING btree (organization_id, created_at);

-- Name: data_sources_name; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE UNIQUE INDEX data_sources_name ON knowledge.data_sources USING btree (organization_id, name) WHERE (deleted_at IS NULL);

-- Name: data_sources_status; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX data_sources_status ON knowledge.data_sources USING btree (organization_id, status);

-- Name: data_sources_type; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX data_sources_type ON knowledge.data_sources USING btree (organization_id, source_type);

-- Name: data_sources_user; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX data_sources_user ON knowledge.data_sources USING btree (organization_id, user_id);

-- Name: deletion_batches_source; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX deletion_batches_source ON knowledge.deletion_batches USING btree (organization_id, data_source_id, created_at DESC);

-- Name: deletion_batches_waiting; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE UNIQUE INDEX deletion_batches_waiting ON knowledge.deletion_batches USING btree (organization_id, data_source_id) WHERE (status = 'waiting'::text);

-- Name: deletions_batch; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX deletions_batch ON knowledge.deletions USING btree (organization_id, deletion_batch_id);

-- Name: document_versions_checksum; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX document_versions_checksum ON knowledge.document_versions USING btree (organization_id, checksum);

-- Name: document_versions_waiting; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX document_versions_waiting ON knowledge.document_versions USING btree (organization_id, document_id) WHERE (status = ANY (ARRAY['fetched'::text, 'chunked'::text]));

-- Name: documents_created_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_created_at ON knowledge.documents USING btree (organization_id, created_at);

-- Name: documents_expires_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_expires_at ON knowledge.documents USING btree (organization_id, expires_at) WHERE (expires_at IS NOT NULL);

-- Name: documents_parent; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_parent ON knowledge.documents USING btree (organization_id, parent_id) WHERE (parent_id IS NOT NULL);

-- Name: documents_soft_deleted_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_soft_deleted_at ON knowledge.documents USING btree (organization_id, soft_deleted_at) WHERE (soft_deleted_at IS NOT NULL);

-- Name: documents_source_created_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_source_created_at ON knowledge.documents USING btree (organization_id, data_source_id, created_at);

-- Name: documents_status; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_status ON knowledge.documents USING btree (organization_id, status);

-- Name: documents_user_status; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX documents_user_status ON knowledge.documents USING btree (organization_id, user_id, status);

-- Name: index_recalls_measured; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX index_recalls_measured ON knowledge.index_recalls USING btree (organization_id, measured_at);

-- Name: index_recalls_model; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX index_recalls_model ON knowledge.index_recalls USING btree (organization_id, embedding_model_id);

-- Name: legal_holds_document; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX legal_holds_document ON knowledge.legal_holds USING btree (organization_id, document_id) WHERE (released_at IS NULL);

-- Name: legal_holds_in_force; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE UNIQUE INDEX legal_holds_in_force ON knowledge.legal_holds USING btree (organization_id, name, data_source_id, document_id) NULLS NOT DISTINCT WHERE (released_at IS NULL);

-- Name: legal_holds_source; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX legal_holds_source ON knowledge.legal_holds USING btree (organization_id, data_source_id) WHERE (released_at IS NULL);

-- Name: partial_uploads_expires_at; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX partial_uploads_expires_at ON knowledge.partial_uploads USING btree (organization_id, expires_at);

-- Name: partial_uploads_source; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX partial_uploads_source ON knowledge.partial_uploads USING btree (organization_id, data_source_id);

-- Name: tags_name; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE UNIQUE INDEX tags_name ON knowledge.tags USING btree (organization_id, name) WHERE (deleted_at IS NULL);

-- Name: training_jobs_queued; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE UNIQUE INDEX training_jobs_queued ON knowledge.training_jobs USING btree (organization_id, data_source_id) WHERE (status = 'queued'::text);

-- Name: training_jobs_source; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX training_jobs_source ON knowledge.training_jobs USING btree (organization_id, data_source_id, created_at DESC);

-- Name: upload_parts_checksum; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX upload_parts_checksum ON knowledge.upload_parts USING btree (organization_id, checksum);

-- Name: uploads_checksum; Type: INDEX; Schema: knowledge; Owner: millrace_owner

CREATE INDEX uploads_checksum ON knowledge.uploads USING btree (organization_id, checksum);

-- Name: model_config_versions keep_configurations_frozen; Type: TRIGGER; Schema: bots; Owner: millrace_owner

CREATE TRIGGER keep_configurations_frozen BEFORE UPDATE ON bots.model_config_versions FOR EACH ROW EXECUTE FUNCTION bots.keep_configurations_frozen();

-- Name: agents touch_updated_at; Type: TRIGGER; Schema: bots; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON bots.agents FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: canned_answers touch_updated_at; Type: TRIGGER; Schema: bots; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON bots.canned_answers FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: chatbots touch_updated_at; Type: TRIGGER; Schema: bots; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON bots.chatbots FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: evaluation_sets touch_updated_at; Type: TRIGGER; Schema: bots; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON bots.evaluation_sets FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: citations blank_purged_quotes; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER blank_purged_quotes BEFORE UPDATE ON conversations.citations FOR EACH ROW EXECUTE FUNCTION conversations.blank_purged_quotes();

-- Name: clustered_questions forget_telling_words; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER forget_telling_words AFTER DELETE ON conversations.clustered_questions FOR EACH ROW EXECUTE FUNCTION conversations.forget_telling_words();

-- Name: citations note_change; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF document_id, message_id, created_at ON conversations.citations FOR EACH ROW EXECUTE FUNCTION conversations.citation_changes();

-- Name: interactions note_change; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF session_id, agent_id, answer_id, results, question_at, detailed_question_at, answer_at ON conversations.interactions FOR EACH ROW EXECUTE FUNCTION conversations.interaction_changes();

-- Name: message_feedback note_change; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON conversations.message_feedback FOR EACH ROW EXECUTE FUNCTION conversations.thumb_changes();

-- Name: retrieval_logs note_change; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE ON conversations.retrieval_logs FOR EACH ROW EXECUTE FUNCTION conversations.retrieval_log_changes();

-- Name: usage note_change; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER note_change AFTER INSERT OR DELETE OR UPDATE OF chatbot_id, agent_id, message_id, model, prompt_tokens, completion_tokens, cost, response_time, request_data, created_at ON conversations.usage FOR EACH ROW EXECUTE FUNCTION conversations.usage_changes();

-- Name: background_tasks touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.background_tasks FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: clustered_questions touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.clustered_questions FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: interactions touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.interactions FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: message_feedback touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.message_feedback FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: messages touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.messages FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: question_cluster_passages touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.question_cluster_passages FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: question_clusters touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.question_clusters FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: sessions touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.sessions FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: source_issues touch_updated_at; Type: TRIGGER; Schema: conversations; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON conversations.source_issues FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: analyst_logins touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.analyst_logins FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: api_keys touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.api_keys FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: budgets touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.budgets FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: expenses touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.expenses FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: knowledge_settings touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.knowledge_settings FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: memberships touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.memberships FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: model_prices touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.model_prices FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: notification_channels touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.notification_channels FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: notification_deliveries touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.notification_deliveries FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: notifications touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.notifications FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: organizations touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.organizations FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: provider_keys touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.provider_keys FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: retention_settings touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.retention_settings FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: users touch_updated_at; Type: TRIGGER; Schema: identity; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identity.users FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: documents keep_held_documents; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER keep_held_documents BEFORE DELETE ON knowledge.documents FOR EACH ROW WHEN (((old.current_version_id IS NOT NULL) OR (old.soft_deleted_at IS NOT NULL))) EXECUTE FUNCTION knowledge.keep_held_documents();

-- Name: erasure_receipts keep_receipts; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER keep_receipts BEFORE DELETE OR UPDATE ON knowledge.erasure_receipts FOR EACH STATEMENT EXECUTE FUNCTION knowledge.keep_receipts();

-- Name: document_versions keep_versions_immutable; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER keep_versions_immutable BEFORE UPDATE ON knowledge.document_versions FOR EACH ROW EXECUTE FUNCTION knowledge.keep_versions_immutable();

-- Name: documents note_change_of_language; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER note_change_of_language AFTER UPDATE OF language, data_source_id ON knowledge.documents FOR EACH ROW WHEN (((old.language IS DISTINCT FROM new.language) OR (old.data_source_id <> new.data_source_id))) EXECUTE FUNCTION conversations.document_changes();

-- Name: documents note_purge; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER note_purge AFTER DELETE ON knowledge.documents FOR EACH ROW EXECUTE FUNCTION conversations.document_changes();

-- Name: data_sources touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.data_sources FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: deletion_batches touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.deletion_batches FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: documents touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.documents FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: file_types touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.file_types FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: legal_holds touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.legal_holds FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: partial_uploads touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.partial_uploads FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: sync_failures touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.sync_failures FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: tags touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.tags FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: tombstones touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.tombstones FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: training_jobs touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.training_jobs FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: upload_parts touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.upload_parts FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: uploads touch_updated_at; Type: TRIGGER; Schema: knowledge; Owner: millrace_owner

CREATE TRIGGER touch_updated_at BEFORE UPDATE ON knowledge.uploads FOR EACH ROW EXECUTE FUNCTION identity.touch_updated_at();

-- Name: agent_data_sources agent_data_sources_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_data_sources
    ADD CONSTRAINT agent_data_sources_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE CASCADE;

-- Name: agent_data_sources agent_data_sources_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_data_sources
    ADD CONSTRAINT agent_data_sources_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: agent_file_types agent_file_types_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_file_types
    ADD CONSTRAINT agent_file_types_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE CASCADE;

-- Name: agent_file_types agent_file_types_organization_id_file_type_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_file_types
    ADD CONSTRAINT agent_file_types_organization_id_file_type_id_fkey FOREIGN KEY (organization_id, file_type_id) REFERENCES knowledge.file_types(organization_id, id) ON DELETE CASCADE;

-- Name: agent_tags agent_tags_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_tags
    ADD CONSTRAINT agent_tags_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE CASCADE;

-- Name: agent_tags agent_tags_organization_id_tag_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agent_tags
    ADD CONSTRAINT agent_tags_organization_id_tag_id_fkey FOREIGN KEY (organization_id, tag_id) REFERENCES knowledge.tags(organization_id, id) ON DELETE CASCADE;

-- Name: agents agents_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agents
    ADD CONSTRAINT agents_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: agents agents_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.agents
    ADD CONSTRAINT agents_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: builds builds_organization_id_model_config_version_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.builds
    ADD CONSTRAINT builds_organization_id_model_config_version_id_fkey FOREIGN KEY (organization_id, model_config_version_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: canned_answers canned_answers_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.canned_answers
    ADD CONSTRAINT canned_answers_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE CASCADE;

-- Name: chatbot_data_sources chatbot_data_sources_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbot_data_sources
    ADD CONSTRAINT chatbot_data_sources_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: chatbot_data_sources chatbot_data_sources_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbot_data_sources
    ADD CONSTRAINT chatbot_data_sources_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: chatbots chatbots_organization_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbots
    ADD CONSTRAINT chatbots_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: chatbots chatbots_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.chatbots
    ADD CONSTRAINT chatbots_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: configuration_requests configuration_requests_organization_id_model_config_versio_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.configuration_requests
    ADD CONSTRAINT configuration_requests_organization_id_model_config_versio_fkey FOREIGN KEY (organization_id, model_config_version_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_judgments evaluation_judgments_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_judgments
    ADD CONSTRAINT evaluation_judgments_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_judgments evaluation_judgments_organization_id_evaluation_query_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_judgments
    ADD CONSTRAINT evaluation_judgments_organization_id_evaluation_query_id_fkey FOREIGN KEY (organization_id, evaluation_query_id) REFERENCES bots.evaluation_queries(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_queries evaluation_queries_document; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_queries
    ADD CONSTRAINT evaluation_queries_document FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_queries evaluation_queries_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_queries
    ADD CONSTRAINT evaluation_queries_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_queries evaluation_queries_organization_id_evaluation_set_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_queries
    ADD CONSTRAINT evaluation_queries_organization_id_evaluation_set_id_fkey FOREIGN KEY (organization_id, evaluation_set_id) REFERENCES bots.evaluation_sets(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_results evaluation_results_organization_id_evaluation_query_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_results
    ADD CONSTRAINT evaluation_results_organization_id_evaluation_query_id_fkey FOREIGN KEY (organization_id, evaluation_query_id) REFERENCES bots.evaluation_queries(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_results evaluation_results_organization_id_evaluation_run_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_results
    ADD CONSTRAINT evaluation_results_organization_id_evaluation_run_id_fkey FOREIGN KEY (organization_id, evaluation_run_id) REFERENCES bots.evaluation_runs(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_runs evaluation_runs_organization_id_evaluation_set_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_runs
    ADD CONSTRAINT evaluation_runs_organization_id_evaluation_set_id_fkey FOREIGN KEY (organization_id, evaluation_set_id) REFERENCES bots.evaluation_sets(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_runs evaluation_runs_organization_id_model_config_version_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_runs
    ADD CONSTRAINT evaluation_runs_organization_id_model_config_version_id_fkey FOREIGN KEY (organization_id, model_config_version_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_scores evaluation_scores_organization_id_evaluation_run_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_scores
    ADD CONSTRAINT evaluation_scores_organization_id_evaluation_run_id_fkey FOREIGN KEY (organization_id, evaluation_run_id) REFERENCES bots.evaluation_runs(organization_id, id) ON DELETE CASCADE;

-- Name: evaluation_sets evaluation_sets_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.evaluation_sets
    ADD CONSTRAINT evaluation_sets_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: model_config_versions model_config_versions_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.model_config_versions
    ADD CONSTRAINT model_config_versions_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: version_comparisons version_comparisons_organization_id_baseline_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.version_comparisons
    ADD CONSTRAINT version_comparisons_organization_id_baseline_id_fkey FOREIGN KEY (organization_id, baseline_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: version_comparisons version_comparisons_organization_id_candidate_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.version_comparisons
    ADD CONSTRAINT version_comparisons_organization_id_candidate_id_fkey FOREIGN KEY (organization_id, candidate_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: version_comparisons version_comparisons_organization_id_evaluation_set_id_fkey; Type: FK CONSTRAINT; Schema: bots; Owner: millrace_owner

ALTER TABLE ONLY bots.version_comparisons
    ADD CONSTRAINT version_comparisons_organization_id_evaluation_set_id_fkey FOREIGN KEY (organization_id, evaluation_set_id) REFERENCES bots.evaluation_sets(organization_id, id) ON DELETE CASCADE;

-- Name: background_tasks background_tasks_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.background_tasks
    ADD CONSTRAINT background_tasks_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE CASCADE;

-- Name: background_tasks background_tasks_organization_id_session_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.background_tasks
    ADD CONSTRAINT background_tasks_organization_id_session_id_fkey FOREIGN KEY (organization_id, session_id) REFERENCES conversations.sessions(organization_id, id) ON DELETE CASCADE;

-- Name: changed_days changed_days_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.changed_days
    ADD CONSTRAINT changed_days_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: citations citations_organization_id_document_id_document_version_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.citations
    ADD CONSTRAINT citations_organization_id_document_id_document_version_id_fkey FOREIGN KEY (organization_id, document_id, document_version_id) REFERENCES knowledge.document_versions(organization_id, document_id, id) ON DELETE SET NULL (document_version_id);

-- Name: citations citations_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.citations
    ADD CONSTRAINT citations_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: clustered_questions clustered_questions_organization_id_question_cluster_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.clustered_questions
    ADD CONSTRAINT clustered_questions_organization_id_question_cluster_id_fkey FOREIGN KEY (organization_id, question_cluster_id) REFERENCES conversations.question_clusters(organization_id, id) ON DELETE SET NULL (question_cluster_id);

-- Name: clustered_questions clustered_questions_organization_id_retrieval_log_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.clustered_questions
    ADD CONSTRAINT clustered_questions_organization_id_retrieval_log_id_fkey FOREIGN KEY (organization_id, retrieval_log_id) REFERENCES conversations.retrieval_logs(organization_id, id) ON DELETE CASCADE;

-- Name: daily_answers daily_answers_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_answers
    ADD CONSTRAINT daily_answers_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_citations daily_citations_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_citations
    ADD CONSTRAINT daily_citations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_latencies daily_latencies_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_latencies
    ADD CONSTRAINT daily_latencies_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_opinions daily_opinions_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_opinions
    ADD CONSTRAINT daily_opinions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_scores daily_scores_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_scores
    ADD CONSTRAINT daily_scores_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_thumbs daily_thumbs_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_thumbs
    ADD CONSTRAINT daily_thumbs_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: daily_usage daily_usage_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.daily_usage
    ADD CONSTRAINT daily_usage_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: interactions interactions_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE SET NULL (agent_id);

-- Name: interactions interactions_organization_id_answer_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_organization_id_answer_id_fkey FOREIGN KEY (organization_id, answer_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: interactions interactions_organization_id_question_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_organization_id_question_id_fkey FOREIGN KEY (organization_id, question_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: interactions interactions_organization_id_session_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.interactions
    ADD CONSTRAINT interactions_organization_id_session_id_fkey FOREIGN KEY (organization_id, session_id) REFERENCES conversations.sessions(organization_id, id) ON DELETE CASCADE;

-- Name: logged_comparisons logged_comparisons_organization_id_baseline_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.logged_comparisons
    ADD CONSTRAINT logged_comparisons_organization_id_baseline_id_fkey FOREIGN KEY (organization_id, baseline_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: logged_comparisons logged_comparisons_organization_id_candidate_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.logged_comparisons
    ADD CONSTRAINT logged_comparisons_organization_id_candidate_id_fkey FOREIGN KEY (organization_id, candidate_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: message_feedback message_feedback_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.message_feedback
    ADD CONSTRAINT message_feedback_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: message_feedback message_feedback_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.message_feedback
    ADD CONSTRAINT message_feedback_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: messages messages_organization_id_reply_to_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.messages
    ADD CONSTRAINT messages_organization_id_reply_to_id_fkey FOREIGN KEY (organization_id, reply_to_id) REFERENCES conversations.messages(organization_id, id) ON DELETE SET NULL (reply_to_id);

-- Name: messages messages_organization_id_sender_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.messages
    ADD CONSTRAINT messages_organization_id_sender_id_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (sender_id);

-- Name: messages messages_organization_id_session_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.messages
    ADD CONSTRAINT messages_organization_id_session_id_fkey FOREIGN KEY (organization_id, session_id) REFERENCES conversations.sessions(organization_id, id) ON DELETE CASCADE;

-- Name: promotions promotions_organization_id_evaluation_query_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.promotions
    ADD CONSTRAINT promotions_organization_id_evaluation_query_id_fkey FOREIGN KEY (organization_id, evaluation_query_id) REFERENCES bots.evaluation_queries(organization_id, id) ON DELETE CASCADE;

-- Name: promotions promotions_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.promotions
    ADD CONSTRAINT promotions_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE SET NULL (message_id);

-- Name: promotions promotions_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.promotions
    ADD CONSTRAINT promotions_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: question_cluster_passages question_cluster_passages_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.question_cluster_passages
    ADD CONSTRAINT question_cluster_passages_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: question_cluster_passages question_cluster_passages_organization_id_question_cluster_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.question_cluster_passages
    ADD CONSTRAINT question_cluster_passages_organization_id_question_cluster_fkey FOREIGN KEY (organization_id, question_cluster_id) REFERENCES conversations.question_clusters(organization_id, id) ON DELETE CASCADE;

-- Name: question_clusters question_clusters_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.question_clusters
    ADD CONSTRAINT question_clusters_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: retrieval_logs retrieval_logs_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.retrieval_logs
    ADD CONSTRAINT retrieval_logs_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: retrieval_logs retrieval_logs_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.retrieval_logs
    ADD CONSTRAINT retrieval_logs_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: retrieval_logs retrieval_logs_organization_id_model_config_version_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.retrieval_logs
    ADD CONSTRAINT retrieval_logs_organization_id_model_config_version_id_fkey FOREIGN KEY (organization_id, model_config_version_id) REFERENCES bots.model_config_versions(organization_id, id) ON DELETE CASCADE;

-- Name: retrieval_logs retrieval_logs_organization_id_session_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.retrieval_logs
    ADD CONSTRAINT retrieval_logs_organization_id_session_id_fkey FOREIGN KEY (organization_id, session_id) REFERENCES conversations.sessions(organization_id, id) ON DELETE CASCADE;

-- Name: sessions sessions_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.sessions
    ADD CONSTRAINT sessions_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE SET NULL (agent_id);

-- Name: sessions sessions_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.sessions
    ADD CONSTRAINT sessions_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE CASCADE;

-- Name: sessions sessions_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.sessions
    ADD CONSTRAINT sessions_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: source_issues source_issues_organization_id_closed_by_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_organization_id_closed_by_fkey FOREIGN KEY (organization_id, closed_by) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (closed_by);

-- Name: source_issues source_issues_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: source_issues source_issues_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: source_issues source_issues_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE CASCADE;

-- Name: source_issues source_issues_organization_id_opened_by_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.source_issues
    ADD CONSTRAINT source_issues_organization_id_opened_by_fkey FOREIGN KEY (organization_id, opened_by) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (opened_by);

-- Name: summed_days summed_days_organization_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.summed_days
    ADD CONSTRAINT summed_days_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: usage usage_organization_id_agent_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.usage
    ADD CONSTRAINT usage_organization_id_agent_id_fkey FOREIGN KEY (organization_id, agent_id) REFERENCES bots.agents(organization_id, id) ON DELETE SET NULL (agent_id);

-- Name: usage usage_organization_id_chatbot_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.usage
    ADD CONSTRAINT usage_organization_id_chatbot_id_fkey FOREIGN KEY (organization_id, chatbot_id) REFERENCES bots.chatbots(organization_id, id) ON DELETE SET NULL (chatbot_id);

-- Name: usage usage_organization_id_message_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.usage
    ADD CONSTRAINT usage_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES conversations.messages(organization_id, id) ON DELETE SET NULL (message_id);

-- Name: usage usage_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: conversations; Owner: millrace_owner

ALTER TABLE ONLY conversations.usage
    ADD CONSTRAINT usage_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: allowances allowances_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.allowances
    ADD CONSTRAINT allowances_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: analyst_logins analyst_logins_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.analyst_logins
    ADD CONSTRAINT analyst_logins_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: api_keys api_keys_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.api_keys
    ADD CONSTRAINT api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: api_keys api_keys_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.api_keys
    ADD CONSTRAINT api_keys_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: audit_log audit_log_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.audit_log
    ADD CONSTRAINT audit_log_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: audit_log audit_log_organization_id_key_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.audit_log
    ADD CONSTRAINT audit_log_organization_id_key_id_fkey FOREIGN KEY (organization_id, key_id) REFERENCES identity.api_keys(organization_id, id) ON DELETE SET NULL (key_id);

-- Name: audit_log audit_log_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.audit_log
    ADD CONSTRAINT audit_log_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: browser_sessions browser_sessions_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.browser_sessions
    ADD CONSTRAINT browser_sessions_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: budget_approvals budget_approvals_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.budget_approvals
    ADD CONSTRAINT budget_approvals_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: budgets budgets_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.budgets
    ADD CONSTRAINT budgets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: expenses expenses_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.expenses
    ADD CONSTRAINT expenses_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: idempotent_requests idempotent_requests_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.idempotent_requests
    ADD CONSTRAINT idempotent_requests_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: knowledge_settings knowledge_settings_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.knowledge_settings
    ADD CONSTRAINT knowledge_settings_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: memberships memberships_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.memberships
    ADD CONSTRAINT memberships_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: model_prices model_prices_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.model_prices
    ADD CONSTRAINT model_prices_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: notification_channels notification_channels_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_channels
    ADD CONSTRAINT notification_channels_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: notification_deliveries notification_deliveries_organization_id_channel_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_deliveries
    ADD CONSTRAINT notification_deliveries_organization_id_channel_id_fkey FOREIGN KEY (organization_id, channel_id) REFERENCES identity.notification_channels(organization_id, id) ON DELETE CASCADE;

-- Name: notification_deliveries notification_deliveries_organization_id_notification_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_deliveries
    ADD CONSTRAINT notification_deliveries_organization_id_notification_id_fkey FOREIGN KEY (organization_id, notification_id) REFERENCES identity.notifications(organization_id, id) ON DELETE CASCADE;

-- Name: notification_deliveries notification_deliveries_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notification_deliveries
    ADD CONSTRAINT notification_deliveries_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: notifications notifications_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.notifications
    ADD CONSTRAINT notifications_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: provider_keys provider_keys_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: provider_keys provider_keys_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.provider_keys
    ADD CONSTRAINT provider_keys_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: retention_settings retention_settings_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.retention_settings
    ADD CONSTRAINT retention_settings_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: sign_in_links sign_in_links_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.sign_in_links
    ADD CONSTRAINT sign_in_links_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE CASCADE;

-- Name: users users_organization_id_created_by_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_organization_id_created_by_fkey FOREIGN KEY (organization_id, created_by) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (created_by);

-- Name: users users_organization_id_fkey; Type: FK CONSTRAINT; Schema: identity; Owner: millrace_owner

ALTER TABLE ONLY identity.users
    ADD CONSTRAINT users_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: chunks chunks_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.chunks
    ADD CONSTRAINT chunks_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: chunks chunks_organization_id_document_id_document_version_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.chunks
    ADD CONSTRAINT chunks_organization_id_document_id_document_version_id_fkey FOREIGN KEY (organization_id, document_id, document_version_id) REFERENCES knowledge.document_versions(organization_id, document_id, id) ON DELETE CASCADE;

-- Name: data_source_tags data_source_tags_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_source_tags
    ADD CONSTRAINT data_source_tags_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: data_source_tags data_source_tags_organization_id_tag_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_source_tags
    ADD CONSTRAINT data_source_tags_organization_id_tag_id_fkey FOREIGN KEY (organization_id, tag_id) REFERENCES knowledge.tags(organization_id, id) ON DELETE CASCADE;

-- Name: data_sources data_sources_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_sources
    ADD CONSTRAINT data_sources_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: data_sources data_sources_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.data_sources
    ADD CONSTRAINT data_sources_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: deletion_batches deletion_batches_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.deletion_batches
    ADD CONSTRAINT deletion_batches_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: deletions deletions_organization_id_deletion_batch_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.deletions
    ADD CONSTRAINT deletions_organization_id_deletion_batch_id_fkey FOREIGN KEY (organization_id, deletion_batch_id) REFERENCES knowledge.deletion_batches(organization_id, id) ON DELETE CASCADE;

-- Name: deletions deletions_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.deletions
    ADD CONSTRAINT deletions_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: document_versions document_versions_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.document_versions
    ADD CONSTRAINT document_versions_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: documents documents_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: documents documents_organization_id_file_type_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_file_type_id_fkey FOREIGN KEY (organization_id, file_type_id) REFERENCES knowledge.file_types(organization_id, id) ON DELETE SET NULL (file_type_id);

-- Name: documents documents_organization_id_id_current_version_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_id_current_version_id_fkey FOREIGN KEY (organization_id, id, current_version_id) REFERENCES knowledge.document_versions(organization_id, document_id, id) ON DELETE SET NULL (current_version_id);

-- Name: documents documents_organization_id_parent_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_parent_id_fkey FOREIGN KEY (organization_id, parent_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: documents documents_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.documents
    ADD CONSTRAINT documents_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: embedding_models embedding_models_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.embedding_models
    ADD CONSTRAINT embedding_models_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: embeddings embeddings_organization_id_embedding_model_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.embeddings
    ADD CONSTRAINT embeddings_organization_id_embedding_model_id_fkey FOREIGN KEY (organization_id, embedding_model_id) REFERENCES knowledge.embedding_models(organization_id, id) ON DELETE CASCADE;

-- Name: erasure_receipts erasure_receipts_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.erasure_receipts
    ADD CONSTRAINT erasure_receipts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: file_types file_types_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.file_types
    ADD CONSTRAINT file_types_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: index_recalls index_recalls_organization_id_embedding_model_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.index_recalls
    ADD CONSTRAINT index_recalls_organization_id_embedding_model_id_fkey FOREIGN KEY (organization_id, embedding_model_id) REFERENCES knowledge.embedding_models(organization_id, id) ON DELETE CASCADE;

-- Name: leases leases_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.leases
    ADD CONSTRAINT leases_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: legal_holds legal_holds_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.legal_holds
    ADD CONSTRAINT legal_holds_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE SET NULL (data_source_id);

-- Name: legal_holds legal_holds_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.legal_holds
    ADD CONSTRAINT legal_holds_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE SET NULL (document_id);

-- Name: legal_holds legal_holds_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.legal_holds
    ADD CONSTRAINT legal_holds_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: lexeme_frequencies lexeme_frequencies_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.lexeme_frequencies
    ADD CONSTRAINT lexeme_frequencies_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: partial_uploads partial_uploads_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.partial_uploads
    ADD CONSTRAINT partial_uploads_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: sync_failures sync_failures_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.sync_failures
    ADD CONSTRAINT sync_failures_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: sync_failures sync_failures_organization_id_document_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.sync_failures
    ADD CONSTRAINT sync_failures_organization_id_document_id_fkey FOREIGN KEY (organization_id, document_id) REFERENCES knowledge.documents(organization_id, id) ON DELETE CASCADE;

-- Name: tags tags_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.tags
    ADD CONSTRAINT tags_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: text_statistics text_statistics_organization_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.text_statistics
    ADD CONSTRAINT text_statistics_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES identity.organizations(id) ON DELETE CASCADE;

-- Name: tombstones tombstones_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.tombstones
    ADD CONSTRAINT tombstones_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: training_jobs training_jobs_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.training_jobs
    ADD CONSTRAINT training_jobs_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: upload_parts upload_parts_organization_id_partial_upload_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.upload_parts
    ADD CONSTRAINT upload_parts_organization_id_partial_upload_id_fkey FOREIGN KEY (organization_id, partial_upload_id) REFERENCES knowledge.partial_uploads(organization_id, id) ON DELETE CASCADE;

-- Name: uploads uploads_organization_id_data_source_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.uploads
    ADD CONSTRAINT uploads_organization_id_data_source_id_fkey FOREIGN KEY (organization_id, data_source_id) REFERENCES knowledge.data_sources(organization_id, id) ON DELETE CASCADE;

-- Name: uploads uploads_organization_id_user_id_fkey; Type: FK CONSTRAINT; Schema: knowledge; Owner: millrace_owner

ALTER TABLE ONLY knowledge.uploads
    ADD CONSTRAINT uploads_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES identity.users(organization_id, id) ON DELETE SET NULL (user_id);

-- Name: agent_data_sources; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.agent_data_sources ENABLE ROW LEVEL SECURITY;

-- Name: agent_file_types; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.agent_file_types ENABLE ROW LEVEL SECURITY;

-- Name: agent_tags; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.agent_tags ENABLE ROW LEVEL SECURITY;

-- Name: agents; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.agents ENABLE ROW LEVEL SECURITY;

-- Name: agents analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.agents AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: chatbots analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.chatbots AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: evaluation_runs analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.evaluation_runs AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: evaluation_scores analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.evaluation_scores AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: evaluation_sets analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.evaluation_sets AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: model_config_versions analyst; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY analyst ON bots.model_config_versions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: builds; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.builds ENABLE ROW LEVEL SECURITY;

-- Name: canned_answers; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.canned_answers ENABLE ROW LEVEL SECURITY;

-- Name: chatbot_data_sources; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.chatbot_data_sources ENABLE ROW LEVEL SECURITY;

-- Name: chatbots; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.chatbots ENABLE ROW LEVEL SECURITY;

-- Name: configuration_requests; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.configuration_requests ENABLE ROW LEVEL SECURITY;

-- Name: configuration_requests directory; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY directory ON bots.configuration_requests FOR SELECT TO millrace_directory USING (true);

-- Name: evaluation_judgments; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_judgments ENABLE ROW LEVEL SECURITY;

-- Name: evaluation_queries; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_queries ENABLE ROW LEVEL SECURITY;

-- Name: evaluation_results; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_results ENABLE ROW LEVEL SECURITY;

-- Name: evaluation_runs; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_runs ENABLE ROW LEVEL SECURITY;

-- Name: evaluation_scores; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_scores ENABLE ROW LEVEL SECURITY;

-- Name: evaluation_sets; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.evaluation_sets ENABLE ROW LEVEL SECURITY;

-- Name: model_config_versions; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.model_config_versions ENABLE ROW LEVEL SECURITY;

-- Name: agent_data_sources tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.agent_data_sources USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: agent_file_types tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.agent_file_types USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: agent_tags tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.agent_tags USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: agents tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.agents USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: builds tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.builds USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: canned_answers tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.canned_answers USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: chatbot_data_sources tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.chatbot_data_sources USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: chatbots tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.chatbots USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: configuration_requests tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.configuration_requests USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_judgments tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_judgments USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_queries tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_queries USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_results tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_results USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_runs tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_runs USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_scores tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_scores USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: evaluation_sets tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.evaluation_sets USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: model_config_versions tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.model_config_versions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: version_comparisons tenant; Type: POLICY; Schema: bots; Owner: millrace_owner

CREATE POLICY tenant ON bots.version_comparisons USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: version_comparisons; Type: ROW SECURITY; Schema: bots; Owner: millrace_owner

ALTER TABLE bots.version_comparisons ENABLE ROW LEVEL SECURITY;

-- Name: changed_days analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.changed_days AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: citations analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.citations AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: clustered_questions analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.clustered_questions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_answers analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_answers AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_citations analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_citations AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_latencies analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_latencies AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_opinions analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_opinions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_scores analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_scores AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_thumbs analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_thumbs AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: daily_usage analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.daily_usage AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: interactions analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.interactions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: message_feedback analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.message_feedback AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: question_cluster_passages analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.question_cluster_passages AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: question_clusters analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.question_clusters AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: retrieval_logs analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.retrieval_logs AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: sessions analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.sessions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: summed_days analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.summed_days AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: usage analyst; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY analyst ON conversations.usage AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: background_tasks; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.background_tasks ENABLE ROW LEVEL SECURITY;

-- Name: changed_days; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.changed_days ENABLE ROW LEVEL SECURITY;

-- Name: citations; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.citations ENABLE ROW LEVEL SECURITY;

-- Name: clustered_questions; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.clustered_questions ENABLE ROW LEVEL SECURITY;

-- Name: daily_answers; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_answers ENABLE ROW LEVEL SECURITY;

-- Name: daily_citations; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_citations ENABLE ROW LEVEL SECURITY;

-- Name: daily_latencies; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_latencies ENABLE ROW LEVEL SECURITY;

-- Name: daily_opinions; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_opinions ENABLE ROW LEVEL SECURITY;

-- Name: daily_scores; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_scores ENABLE ROW LEVEL SECURITY;

-- Name: daily_thumbs; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_thumbs ENABLE ROW LEVEL SECURITY;

-- Name: daily_usage; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.daily_usage ENABLE ROW LEVEL SECURITY;

-- Name: background_tasks directory; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY directory ON conversations.background_tasks FOR SELECT TO millrace_directory USING (true);

-- Name: interactions; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.interactions ENABLE ROW LEVEL SECURITY;

-- Name: logged_comparisons; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.logged_comparisons ENABLE ROW LEVEL SECURITY;

-- Name: message_feedback; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.message_feedback ENABLE ROW LEVEL SECURITY;

-- Name: messages; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.messages ENABLE ROW LEVEL SECURITY;

-- Name: promotions; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.promotions ENABLE ROW LEVEL SECURITY;

-- Name: question_cluster_passages; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.question_cluster_passages ENABLE ROW LEVEL SECURITY;

-- Name: question_clusters; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.question_clusters ENABLE ROW LEVEL SECURITY;

-- Name: retrieval_logs; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.retrieval_logs ENABLE ROW LEVEL SECURITY;

-- Name: sessions; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.sessions ENABLE ROW LEVEL SECURITY;

-- Name: source_issues; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.source_issues ENABLE ROW LEVEL SECURITY;

-- Name: summed_days; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.summed_days ENABLE ROW LEVEL SECURITY;

-- Name: background_tasks tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.background_tasks USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: changed_days tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.changed_days USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: citations tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.citations USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: clustered_questions tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.clustered_questions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_answers tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_answers USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_citations tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_citations USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_latencies tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_latencies USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_opinions tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_opinions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_scores tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_scores USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_thumbs tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_thumbs USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: daily_usage tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.daily_usage USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: interactions tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.interactions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: logged_comparisons tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.logged_comparisons USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: message_feedback tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.message_feedback USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: messages tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.messages USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: promotions tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.promotions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: question_cluster_passages tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.question_cluster_passages USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: question_clusters tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.question_clusters USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: retrieval_logs tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.retrieval_logs USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: sessions tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.sessions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: source_issues tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.source_issues USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: summed_days tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.summed_days USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: usage tenant; Type: POLICY; Schema: conversations; Owner: millrace_owner

CREATE POLICY tenant ON conversations.usage USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: usage; Type: ROW SECURITY; Schema: conversations; Owner: millrace_owner

ALTER TABLE conversations.usage ENABLE ROW LEVEL SECURITY;

-- Name: allowances; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.allowances ENABLE ROW LEVEL SECURITY;

-- Name: api_keys analyst; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY analyst ON identity.api_keys AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: expenses analyst; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY analyst ON identity.expenses AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: model_prices analyst; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY analyst ON identity.model_prices AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: analyst_logins; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.analyst_logins ENABLE ROW LEVEL SECURITY;

-- Name: api_keys; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.api_keys ENABLE ROW LEVEL SECURITY;

-- Name: audit_log; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.audit_log ENABLE ROW LEVEL SECURITY;

-- Name: browser_sessions; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.browser_sessions ENABLE ROW LEVEL SECURITY;

-- Name: budget_approvals; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.budget_approvals ENABLE ROW LEVEL SECURITY;

-- Name: budgets; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.budgets ENABLE ROW LEVEL SECURITY;

-- Name: analyst_logins directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.analyst_logins FOR SELECT TO millrace_directory USING (true);

-- Name: api_keys directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.api_keys FOR SELECT TO millrace_directory USING (true);

-- Name: browser_sessions directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.browser_sessions FOR SELECT TO millrace_directory USING (true);

-- Name: memberships directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.memberships FOR SELECT TO millrace_directory USING (true);

-- Name: notification_deliveries directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.notification_deliveries FOR SELECT TO millrace_directory USING (true);

-- Name: organizations directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.organizations FOR SELECT TO millrace_directory USING (true);

-- Name: sign_in_links directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.sign_in_links FOR SELECT TO millrace_directory USING (true);

-- Name: users directory; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY directory ON identity.users FOR SELECT TO millrace_directory USING (true);

-- Name: expenses; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.expenses ENABLE ROW LEVEL SECURITY;

-- Name: idempotent_requests; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.idempotent_requests ENABLE ROW LEVEL SECURITY;

-- Name: knowledge_settings; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.knowledge_settings ENABLE ROW LEVEL SECURITY;

-- Name: memberships; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.memberships ENABLE ROW LEVEL SECURITY;

-- Name: model_prices; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.model_prices ENABLE ROW LEVEL SECURITY;

-- Name: notification_channels; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.notification_channels ENABLE ROW LEVEL SECURITY;

-- Name: notification_deliveries; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.notification_deliveries ENABLE ROW LEVEL SECURITY;

-- Name: notifications; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.notifications ENABLE ROW LEVEL SECURITY;

-- Name: organizations; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.organizations ENABLE ROW LEVEL SECURITY;

-- Name: provider_keys; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.provider_keys ENABLE ROW LEVEL SECURITY;

-- Name: retention_settings; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.retention_settings ENABLE ROW LEVEL SECURITY;

-- Name: sign_in_links; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.sign_in_links ENABLE ROW LEVEL SECURITY;

-- Name: allowances tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.allowances USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: analyst_logins tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.analyst_logins USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: api_keys tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.api_keys USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: audit_log tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.audit_log USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: browser_sessions tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.browser_sessions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: budget_approvals tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.budget_approvals USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: budgets tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.budgets USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: expenses tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.expenses USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: idempotent_requests tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.idempotent_requests USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: knowledge_settings tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.knowledge_settings USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: memberships tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.memberships USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: model_prices tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.model_prices USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: notification_channels tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.notification_channels USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: notification_deliveries tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.notification_deliveries USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: notifications tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.notifications USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: organizations tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.organizations USING ((id = identity.current_organization())) WITH CHECK ((id = identity.current_organization()));

-- Name: provider_keys tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.provider_keys USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: retention_settings tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.retention_settings USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: sign_in_links tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.sign_in_links USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: users tenant; Type: POLICY; Schema: identity; Owner: millrace_owner

CREATE POLICY tenant ON identity.users USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: users; Type: ROW SECURITY; Schema: identity; Owner: millrace_owner

ALTER TABLE identity.users ENABLE ROW LEVEL SECURITY;

-- Name: data_source_tags analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.data_source_tags AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: data_sources analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.data_sources AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: document_versions analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.document_versions AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: documents analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.documents AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: embedding_models analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.embedding_models AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: index_recalls analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.index_recalls AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: sync_failures analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.sync_failures AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: tags analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.tags AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: training_jobs analyst; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY analyst ON knowledge.training_jobs AS RESTRICTIVE FOR SELECT TO millrace_analyst USING ((organization_id = ( SELECT identity.organization_of_analyst() AS organization_of_analyst)));

-- Name: chunks; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.chunks ENABLE ROW LEVEL SECURITY;

-- Name: data_source_tags; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.data_source_tags ENABLE ROW LEVEL SECURITY;

-- Name: data_sources; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.data_sources ENABLE ROW LEVEL SECURITY;

-- Name: deletion_batches; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.deletion_batches ENABLE ROW LEVEL SECURITY;

-- Name: deletions; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.deletions ENABLE ROW LEVEL SECURITY;

-- Name: data_sources directory; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY directory ON knowledge.data_sources FOR SELECT TO millrace_directory USING (true);

-- Name: leases directory; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY directory ON knowledge.leases FOR SELECT TO millrace_directory USING (true);

-- Name: training_jobs directory; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY directory ON knowledge.training_jobs FOR SELECT TO millrace_directory USING (true);

-- Name: document_versions; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.document_versions ENABLE ROW LEVEL SECURITY;

-- Name: documents; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.documents ENABLE ROW LEVEL SECURITY;

-- Name: embedding_models; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.embedding_models ENABLE ROW LEVEL SECURITY;

-- Name: embeddings; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.embeddings ENABLE ROW LEVEL SECURITY;

-- Name: erasure_receipts; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.erasure_receipts ENABLE ROW LEVEL SECURITY;

-- Name: file_types; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.file_types ENABLE ROW LEVEL SECURITY;

-- Name: index_recalls; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.index_recalls ENABLE ROW LEVEL SECURITY;

-- Name: leases; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.leases ENABLE ROW LEVEL SECURITY;

-- Name: legal_holds; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.legal_holds ENABLE ROW LEVEL SECURITY;

-- Name: lexeme_frequencies; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.lexeme_frequencies ENABLE ROW LEVEL SECURITY;

-- Name: partial_uploads; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.partial_uploads ENABLE ROW LEVEL SECURITY;

-- Name: chunks search; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY search ON knowledge.chunks FOR SELECT TO millrace_search USING (true);

-- Name: embeddings search; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY search ON knowledge.embeddings FOR SELECT TO millrace_search USING (true);

-- Name: text_statistics search; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY search ON knowledge.text_statistics FOR SELECT TO millrace_search USING (true);

-- Name: sync_failures; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.sync_failures ENABLE ROW LEVEL SECURITY;

-- Name: tags; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.tags ENABLE ROW LEVEL SECURITY;

-- Name: chunks tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.chunks USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: data_source_tags tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.data_source_tags USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: data_sources tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.data_sources USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: deletion_batches tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.deletion_batches USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: deletions tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.deletions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: document_versions tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.document_versions USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: documents tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.documents USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: embedding_models tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.embedding_models USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: embeddings tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.embeddings USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: erasure_receipts tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.erasure_receipts USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: file_types tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.file_types USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: index_recalls tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.index_recalls USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: leases tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.leases USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: legal_holds tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.legal_holds USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: lexeme_frequencies tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.lexeme_frequencies USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: partial_uploads tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.partial_uploads USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: sync_failures tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.sync_failures USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: tags tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.tags USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: text_statistics tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.text_statistics USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: tombstones tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.tombstones USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: training_jobs tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.training_jobs USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: upload_parts tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.upload_parts USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: uploads tenant; Type: POLICY; Schema: knowledge; Owner: millrace_owner

CREATE POLICY tenant ON knowledge.uploads USING ((organization_id = identity.current_organization())) WITH CHECK ((organization_id = identity.current_organization()));

-- Name: text_statistics; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.text_statistics ENABLE ROW LEVEL SECURITY;

-- Name: tombstones; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.tombstones ENABLE ROW LEVEL SECURITY;

-- Name: training_jobs; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.training_jobs ENABLE ROW LEVEL SECURITY;

-- Name: upload_parts; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.upload_parts ENABLE ROW LEVEL SECURITY;

-- Name: uploads; Type: ROW SECURITY; Schema: knowledge; Owner: millrace_owner

ALTER TABLE knowledge.uploads ENABLE ROW LEVEL SECURITY;

-- Name: SCHEMA analytics; Type: ACL; Schema: -; Owner: millrace_owner

GRANT USAGE ON SCHEMA analytics TO millrace_analyst;
GRANT USAGE ON SCHEMA analytics TO millrace_api;
GRANT USAGE ON SCHEMA analytics TO millrace_pipeline;

-- Name: SCHEMA bots; Type: ACL; Schema: -; Owner: millrace_owner

GRANT USAGE ON SCHEMA bots TO millrace_api;
GRANT USAGE ON SCHEMA bots TO millrace_pipeline;
GRANT USAGE ON SCHEMA bots TO millrace_search;
GRANT USAGE ON SCHEMA bots TO millrace_directory;
GRANT USAGE ON SCHEMA bots TO millrace_analyst;

-- Name: SCHEMA conversations; Type: ACL; Schema: -; Owner: millrace_owner

GRANT USAGE ON SCHEMA conversations TO millrace_api;
GRANT USAGE ON SCHEMA conversations TO millrace_pipeline;
GRANT USAGE ON SCHEMA conversations TO millrace_search;
GRANT USAGE ON SCHEMA conversations TO millrace_directory;
GRANT USAGE ON SCHEMA conversations TO millrace_analyst;

-- Name: SCHEMA identity; Type: ACL; Schema: -; Owner: millrace_owner

GRANT USAGE ON SCHEMA identity TO millrace_api;
GRANT USAGE ON SCHEMA identity TO millrace_pipeline;
GRANT USAGE ON SCHEMA identity TO millrace_search;
GRANT USAGE ON SCHEMA identity TO millrace_directory;
GRANT USAGE ON SCHEMA identity TO millrace_analyst;

-- Name: SCHEMA knowledge; Type: ACL; Schema: -; Owner: millrace_owner

GRANT USAGE ON SCHEMA knowledge TO millrace_api;
GRANT USAGE ON SCHEMA knowledge TO millrace_pipeline;
GRANT USAGE ON SCHEMA knowledge TO millrace_search;
GRANT USAGE ON SCHEMA knowledge TO millrace_directory;
GRANT USAGE ON SCHEMA knowledge TO millrace_analyst;

-- Name: TABLE daily_answers; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_answers TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_answers TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_answers TO millrace_analyst;

-- Name: TABLE daily_citations; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_citations TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_citations TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_citations TO millrace_analyst;

-- Name: TABLE daily_latencies; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_latencies TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_latencies TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_latencies TO millrace_analyst;

-- Name: TABLE daily_opinions; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_opinions TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_opinions TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_opinions TO millrace_analyst;

-- Name: TABLE daily_scores; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_scores TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_scores TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_scores TO millrace_analyst;

-- Name: TABLE daily_thumbs; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_thumbs TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_thumbs TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_thumbs TO millrace_analyst;

-- Name: TABLE daily_usage; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.daily_usage TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.daily_usage TO millrace_api;
GRANT SELECT ON TABLE conversations.daily_usage TO millrace_analyst;

-- Name: FUNCTION waiting_configurations(); Type: ACL; Schema: bots; Owner: millrace_directory

REVOKE ALL ON FUNCTION bots.waiting_configurations() FROM PUBLIC;
GRANT ALL ON FUNCTION bots.waiting_configurations() TO millrace_pipeline;

-- Name: FUNCTION organizations_with_tasks(); Type: ACL; Schema: conversations; Owner: millrace_directory

REVOKE ALL ON FUNCTION conversations.organizations_with_tasks() FROM PUBLIC;
GRANT ALL ON FUNCTION conversations.organizations_with_tasks() TO millrace_api;
GRANT ALL ON FUNCTION conversations.organizations_with_tasks() TO millrace_pipeline;

-- Name: FUNCTION browser_session_holder(session_id uuid); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.browser_session_holder(session_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION identity.browser_session_holder(session_id uuid) TO millrace_api;
GRANT ALL ON FUNCTION identity.browser_session_holder(session_id uuid) TO millrace_pipeline;

-- Name: FUNCTION forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone); Type: ACL; Schema: identity; Owner: millrace_owner

REVOKE ALL ON FUNCTION identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamp with time zone) TO millrace_pipeline;

-- Name: FUNCTION key_holder(key_id uuid); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.key_holder(key_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION identity.key_holder(key_id uuid) TO millrace_api;
GRANT ALL ON FUNCTION identity.key_holder(key_id uuid) TO millrace_pipeline;

-- Name: FUNCTION organization_directory(); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.organization_directory() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.organization_directory() TO millrace_pipeline;

-- Name: FUNCTION organization_of_analyst(); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.organization_of_analyst() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.organization_of_analyst() TO millrace_analyst;

-- Name: FUNCTION organizations_to_notify(); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.organizations_to_notify() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.organizations_to_notify() TO millrace_pipeline;

-- Name: FUNCTION sign_in_link_holder(link_id uuid); Type: ACL; Schema: identity; Owner: millrace_directory

REVOKE ALL ON FUNCTION identity.sign_in_link_holder(link_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION identity.sign_in_link_holder(link_id uuid) TO millrace_api;
GRANT ALL ON FUNCTION identity.sign_in_link_holder(link_id uuid) TO millrace_pipeline;

-- Name: TABLE documents; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.documents TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.documents TO millrace_api;

-- Name: COLUMN documents.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.data_source_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(data_source_id) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.title; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(title) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.file_path; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(file_path) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.language; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(language) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.status; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(status) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.current_version_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(current_version_id) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.soft_deleted_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(soft_deleted_at) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: COLUMN documents.created_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE knowledge.documents TO millrace_analyst;

-- Name: FUNCTION dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision); Type: ACL; Schema: knowledge; Owner: millrace_search

REVOKE ALL ON FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision) TO millrace_api;
GRANT ALL ON FUNCTION knowledge.dense_search(question public.vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, enough integer, breadth integer, floor double precision) TO millrace_pipeline;

-- Name: FUNCTION lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery); Type: ACL; Schema: knowledge; Owner: millrace_search

REVOKE ALL ON FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery) FROM PUBLIC;
GRANT ALL ON FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery) TO millrace_api;
GRANT ALL ON FUNCTION knowledge.lexical_search(candidates tsquery, term_weights public.sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer, phrases tsquery) TO millrace_pipeline;

-- Name: FUNCTION refresh_planner_statistics(); Type: ACL; Schema: knowledge; Owner: millrace_owner

REVOKE ALL ON FUNCTION knowledge.refresh_planner_statistics() FROM PUBLIC;
GRANT ALL ON FUNCTION knowledge.refresh_planner_statistics() TO millrace_pipeline;

-- Name: FUNCTION source_directory(); Type: ACL; Schema: knowledge; Owner: millrace_directory

REVOKE ALL ON FUNCTION knowledge.source_directory() FROM PUBLIC;
GRANT ALL ON FUNCTION knowledge.source_directory() TO millrace_pipeline;

-- Name: TABLE data_source_tags; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.data_source_tags TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.data_source_tags TO millrace_api;
GRANT SELECT ON TABLE knowledge.data_source_tags TO millrace_analyst;

-- Name: TABLE data_sources; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.data_sources TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.data_sources TO millrace_directory;

-- Name: COLUMN data_sources.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(organization_id) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(id) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.user_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(user_id) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.name; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(name) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(name) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.description; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(description) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.source_type; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(source_type) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(source_type) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.status; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(status) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(status) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.config; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(config) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.auto_sync; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(auto_sync) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(auto_sync) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.sync_frequency; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(sync_frequency) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(sync_frequency) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.last_sync; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(last_sync) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(last_sync) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.created_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(created_at) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.updated_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.deleted_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(deleted_at) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(deleted_at) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.cron; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(cron) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(cron) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.time_zone; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(time_zone) ON TABLE knowledge.data_sources TO millrace_api;
GRANT SELECT(time_zone) ON TABLE knowledge.data_sources TO millrace_analyst;

-- Name: COLUMN data_sources.deletion_share; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(deletion_share) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.deletion_floor; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(deletion_floor) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: COLUMN data_sources.retention_days; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(retention_days) ON TABLE knowledge.data_sources TO millrace_api;

-- Name: TABLE tags; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.tags TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.tags TO millrace_api;

-- Name: COLUMN tags.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.tags TO millrace_analyst;

-- Name: COLUMN tags.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.tags TO millrace_analyst;

-- Name: COLUMN tags.name; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(name) ON TABLE knowledge.tags TO millrace_analyst;

-- Name: COLUMN tags.deleted_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(deleted_at) ON TABLE knowledge.tags TO millrace_analyst;

-- Name: TABLE all_sources; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.all_sources TO millrace_api;
GRANT SELECT ON TABLE analytics.all_sources TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.all_sources TO millrace_analyst;

-- Name: TABLE agents; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.agents TO millrace_pipeline;
GRANT SELECT ON TABLE bots.agents TO millrace_api;

-- Name: COLUMN agents.organization_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE bots.agents TO millrace_analyst;

-- Name: COLUMN agents.id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(id) ON TABLE bots.agents TO millrace_analyst;

-- Name: COLUMN agents.name; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(name) ON TABLE bots.agents TO millrace_analyst;

-- Name: TABLE chatbots; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.chatbots TO millrace_pipeline;
GRANT SELECT ON TABLE bots.chatbots TO millrace_api;

-- Name: COLUMN chatbots.organization_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE bots.chatbots TO millrace_analyst;

-- Name: COLUMN chatbots.id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(id) ON TABLE bots.chatbots TO millrace_analyst;

-- Name: COLUMN chatbots.name; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(name) ON TABLE bots.chatbots TO millrace_analyst;

-- Name: TABLE model_config_versions; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.model_config_versions TO millrace_pipeline;
GRANT SELECT ON TABLE bots.model_config_versions TO millrace_api;

-- Name: COLUMN model_config_versions.organization_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE bots.model_config_versions TO millrace_analyst;

-- Name: COLUMN model_config_versions.id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(id) ON TABLE bots.model_config_versions TO millrace_analyst;

-- Name: COLUMN model_config_versions.chatbot_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(chatbot_id) ON TABLE bots.model_config_versions TO millrace_analyst;

-- Name: COLUMN model_config_versions.number; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(number) ON TABLE bots.model_config_versions TO millrace_analyst;

-- Name: COLUMN model_config_versions.status; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(status) ON TABLE bots.model_config_versions TO millrace_analyst;

-- Name: TABLE interactions; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.interactions TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.interactions TO millrace_api;

-- Name: COLUMN interactions.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.session_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(session_id) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.agent_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(agent_id) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.answer_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(answer_id) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.results; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(results) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.question_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(question_at) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.detailed_question_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(detailed_question_at) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: COLUMN interactions.answer_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(answer_at) ON TABLE conversations.interactions TO millrace_analyst;

-- Name: TABLE retrieval_logs; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.retrieval_logs TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.retrieval_logs TO millrace_api;

-- Name: COLUMN retrieval_logs.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.chatbot_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(chatbot_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.session_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(session_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.message_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(message_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.model_config_version_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(model_config_version_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.query; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(query) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.retrieval_threshold; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(retrieval_threshold) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.elapsed_ms; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(elapsed_ms) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.created_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.detailed_question; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(detailed_question) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.found; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(found) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.best_score; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(best_score) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: COLUMN retrieval_logs.best_document_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(best_document_id) ON TABLE conversations.retrieval_logs TO millrace_analyst;

-- Name: TABLE sessions; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.sessions TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.sessions TO millrace_api;

-- Name: COLUMN sessions.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.sessions TO millrace_analyst;

-- Name: COLUMN sessions.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.sessions TO millrace_analyst;

-- Name: COLUMN sessions.chatbot_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(chatbot_id) ON TABLE conversations.sessions TO millrace_analyst;

-- Name: COLUMN sessions.deleted_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(deleted_at) ON TABLE conversations.sessions TO millrace_analyst;

-- Name: TABLE usage; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.usage TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.usage TO millrace_api;

-- Name: COLUMN usage.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.chatbot_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(chatbot_id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.agent_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(agent_id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.message_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(message_id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.model; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(model) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.prompt_tokens; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(prompt_tokens) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.completion_tokens; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(completion_tokens) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.tokens_used; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(tokens_used) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.cost; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(cost) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.response_time; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(response_time) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.created_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.api_key_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(api_key_id) ON TABLE conversations.usage TO millrace_analyst;

-- Name: COLUMN usage.door; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(door) ON TABLE conversations.usage TO millrace_analyst;

-- Name: TABLE answers; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.answers TO millrace_api;
GRANT SELECT ON TABLE analytics.answers TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.answers TO millrace_analyst;

-- Name: TABLE message_feedback; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.message_feedback TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.message_feedback TO millrace_api;

-- Name: COLUMN message_feedback.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.message_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(message_id) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.feedback; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(feedback) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.reason; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(reason) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.created_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: COLUMN message_feedback.updated_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE conversations.message_feedback TO millrace_analyst;

-- Name: TABLE answers_feedback; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.answers_feedback TO millrace_api;
GRANT SELECT ON TABLE analytics.answers_feedback TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.answers_feedback TO millrace_analyst;

-- Name: TABLE daily_citations; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_citations TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_citations TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_citations TO millrace_analyst;

-- Name: TABLE daily_opinions; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_opinions TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_opinions TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_opinions TO millrace_analyst;

-- Name: TABLE cited_documents; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.cited_documents TO millrace_api;
GRANT SELECT ON TABLE analytics.cited_documents TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.cited_documents TO millrace_analyst;

-- Name: TABLE clustered_questions; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.clustered_questions TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.clustered_questions TO millrace_api;
GRANT SELECT ON TABLE conversations.clustered_questions TO millrace_analyst;

-- Name: TABLE clustered_questions; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.clustered_questions TO millrace_api;
GRANT SELECT ON TABLE analytics.clustered_questions TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.clustered_questions TO millrace_analyst;

-- Name: TABLE daily_metrics; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_metrics TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_metrics TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_metrics TO millrace_analyst;

-- Name: TABLE daily_answers; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_answers TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_answers TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_answers TO millrace_analyst;

-- Name: TABLE expenses; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.expenses TO millrace_pipeline;
GRANT SELECT,INSERT ON TABLE identity.expenses TO millrace_api;

-- Name: COLUMN expenses.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.kind; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(kind) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.model; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(model) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.tokens; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(tokens) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.cost; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(cost) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.is_settled; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(is_settled) ON TABLE identity.expenses TO millrace_analyst;

-- Name: COLUMN expenses.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.expenses TO millrace_analyst;

-- Name: TABLE daily_expenses; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_expenses TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_expenses TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_expenses TO millrace_analyst;

-- Name: TABLE daily_thumbs; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_thumbs TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_thumbs TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_thumbs TO millrace_analyst;

-- Name: TABLE daily_feedback; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_feedback TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_feedback TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_feedback TO millrace_analyst;

-- Name: TABLE api_keys; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.api_keys TO millrace_pipeline;
GRANT SELECT ON TABLE identity.api_keys TO millrace_directory;

-- Name: COLUMN api_keys.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.api_keys TO millrace_api;
GRANT SELECT(organization_id) ON TABLE identity.api_keys TO millrace_analyst;

-- Name: COLUMN api_keys.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.api_keys TO millrace_api;
GRANT SELECT(id) ON TABLE identity.api_keys TO millrace_analyst;

-- Name: COLUMN api_keys.user_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(user_id) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.name; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(name) ON TABLE identity.api_keys TO millrace_api;
GRANT SELECT(name) ON TABLE identity.api_keys TO millrace_analyst;

-- Name: COLUMN api_keys.scopes; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(scopes) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.expires_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(expires_at) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.revoked_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(revoked_at) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.last_used_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(last_used_at),UPDATE(last_used_at) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.updated_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.rate_limit_per_hour; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(rate_limit_per_hour) ON TABLE identity.api_keys TO millrace_api;

-- Name: COLUMN api_keys.rate_limit_per_day; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(rate_limit_per_day) ON TABLE identity.api_keys TO millrace_api;

-- Name: TABLE daily_key_usage; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_key_usage TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_key_usage TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_key_usage TO millrace_analyst;

-- Name: TABLE daily_usage; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.daily_usage TO millrace_api;
GRANT SELECT ON TABLE analytics.daily_usage TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.daily_usage TO millrace_analyst;

-- Name: TABLE disliked_documents; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.disliked_documents TO millrace_api;
GRANT SELECT ON TABLE analytics.disliked_documents TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.disliked_documents TO millrace_analyst;

-- Name: TABLE evaluation_runs; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_runs TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_runs TO millrace_api;

-- Name: COLUMN evaluation_runs.organization_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: COLUMN evaluation_runs.id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(id) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: COLUMN evaluation_runs.evaluation_set_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(evaluation_set_id) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: COLUMN evaluation_runs.model_config_version_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(model_config_version_id) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: COLUMN evaluation_runs.created_at; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: COLUMN evaluation_runs.split; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(split) ON TABLE bots.evaluation_runs TO millrace_analyst;

-- Name: TABLE evaluation_scores; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_scores TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_scores TO millrace_api;
GRANT SELECT ON TABLE bots.evaluation_scores TO millrace_analyst;

-- Name: TABLE evaluation_sets; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_sets TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_sets TO millrace_api;

-- Name: COLUMN evaluation_sets.organization_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE bots.evaluation_sets TO millrace_analyst;

-- Name: COLUMN evaluation_sets.id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(id) ON TABLE bots.evaluation_sets TO millrace_analyst;

-- Name: COLUMN evaluation_sets.chatbot_id; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(chatbot_id) ON TABLE bots.evaluation_sets TO millrace_analyst;

-- Name: COLUMN evaluation_sets.name; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT(name) ON TABLE bots.evaluation_sets TO millrace_analyst;

-- Name: TABLE evaluation_by_version; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.evaluation_by_version TO millrace_api;
GRANT SELECT ON TABLE analytics.evaluation_by_version TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.evaluation_by_version TO millrace_analyst;

-- Name: TABLE sync_failures; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.sync_failures TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.sync_failures TO millrace_api;

-- Name: COLUMN sync_failures.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.data_source_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(data_source_id) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.stage; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(stage) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.outcome; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(outcome) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.attempts; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(attempts) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.next_attempt_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(next_attempt_at) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.created_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: COLUMN sync_failures.state; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(state) ON TABLE knowledge.sync_failures TO millrace_analyst;

-- Name: TABLE failures_backlog; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.failures_backlog TO millrace_api;
GRANT SELECT ON TABLE analytics.failures_backlog TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.failures_backlog TO millrace_analyst;

-- Name: TABLE embedding_models; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.embedding_models TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.embedding_models TO millrace_api;

-- Name: COLUMN embedding_models.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.embedding_models TO millrace_analyst;

-- Name: COLUMN embedding_models.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.embedding_models TO millrace_analyst;

-- Name: COLUMN embedding_models.name; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(name) ON TABLE knowledge.embedding_models TO millrace_analyst;

-- Name: TABLE index_recalls; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.index_recalls TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.index_recalls TO millrace_api;
GRANT SELECT ON TABLE knowledge.index_recalls TO millrace_analyst;

-- Name: TABLE index_recall; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.index_recall TO millrace_api;
GRANT SELECT ON TABLE analytics.index_recall TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.index_recall TO millrace_analyst;

-- Name: TABLE latency_by_stage; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.latency_by_stage TO millrace_api;
GRANT SELECT ON TABLE analytics.latency_by_stage TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.latency_by_stage TO millrace_analyst;

-- Name: TABLE model_prices; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.model_prices TO millrace_pipeline;
GRANT SELECT ON TABLE identity.model_prices TO millrace_api;

-- Name: COLUMN model_prices.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: COLUMN model_prices.model; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(model) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: COLUMN model_prices.input; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(input) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: COLUMN model_prices.output; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(output) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: COLUMN model_prices.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: COLUMN model_prices.since; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(since) ON TABLE identity.model_prices TO millrace_analyst;

-- Name: TABLE model_prices; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.model_prices TO millrace_api;
GRANT SELECT ON TABLE analytics.model_prices TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.model_prices TO millrace_analyst;

-- Name: TABLE citations; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.citations TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.citations TO millrace_api;

-- Name: COLUMN citations.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.citations TO millrace_analyst;

-- Name: COLUMN citations.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.citations TO millrace_analyst;

-- Name: COLUMN citations.message_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(message_id) ON TABLE conversations.citations TO millrace_analyst;

-- Name: COLUMN citations.document_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(document_id) ON TABLE conversations.citations TO millrace_analyst;

-- Name: COLUMN citations.created_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE conversations.citations TO millrace_analyst;

-- Name: TABLE never_cited_documents; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.never_cited_documents TO millrace_api;
GRANT SELECT ON TABLE analytics.never_cited_documents TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.never_cited_documents TO millrace_analyst;

-- Name: TABLE queries_without_result; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.queries_without_result TO millrace_api;
GRANT SELECT ON TABLE analytics.queries_without_result TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.queries_without_result TO millrace_analyst;

-- Name: TABLE question_cluster_passages; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.question_cluster_passages TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.question_cluster_passages TO millrace_api;
GRANT SELECT ON TABLE conversations.question_cluster_passages TO millrace_analyst;

-- Name: TABLE question_clusters; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.question_clusters TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.question_clusters TO millrace_api;

-- Name: COLUMN question_clusters.organization_id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.id; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(id) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.embedding_model; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(embedding_model) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.words; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(words) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.standing; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(standing) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.nearest_score; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(nearest_score) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.low_score; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(low_score) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.usual_score; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(usual_score) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.alike; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(alike) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.alike_answered; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(alike_answered) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: COLUMN question_clusters.updated_at; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE conversations.question_clusters TO millrace_analyst;

-- Name: TABLE question_clusters; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.question_clusters TO millrace_api;
GRANT SELECT ON TABLE analytics.question_clusters TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.question_clusters TO millrace_analyst;

-- Name: TABLE retrieval_scores; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.retrieval_scores TO millrace_api;
GRANT SELECT ON TABLE analytics.retrieval_scores TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.retrieval_scores TO millrace_analyst;

-- Name: TABLE score_drift; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.score_drift TO millrace_api;
GRANT SELECT ON TABLE analytics.score_drift TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.score_drift TO millrace_analyst;

-- Name: TABLE training_jobs; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.training_jobs TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.training_jobs TO millrace_api;

-- Name: COLUMN training_jobs.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.training_jobs TO millrace_directory;
GRANT SELECT(organization_id) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.data_source_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(data_source_id) ON TABLE knowledge.training_jobs TO millrace_directory;
GRANT SELECT(data_source_id) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.status; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(status) ON TABLE knowledge.training_jobs TO millrace_directory;
GRANT SELECT(status) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.embedded; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(embedded) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.started_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(started_at) ON TABLE knowledge.training_jobs TO millrace_directory;

-- Name: COLUMN training_jobs.completed_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(completed_at) ON TABLE knowledge.training_jobs TO millrace_directory;
GRANT SELECT(completed_at) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.created_at; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE knowledge.training_jobs TO millrace_directory;
GRANT SELECT(created_at) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.tokens; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(tokens) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: COLUMN training_jobs.cost; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(cost) ON TABLE knowledge.training_jobs TO millrace_analyst;

-- Name: TABLE source_cost; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.source_cost TO millrace_api;
GRANT SELECT ON TABLE analytics.source_cost TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.source_cost TO millrace_analyst;

-- Name: TABLE source_coverage; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.source_coverage TO millrace_api;
GRANT SELECT ON TABLE analytics.source_coverage TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.source_coverage TO millrace_analyst;

-- Name: TABLE document_versions; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.document_versions TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.document_versions TO millrace_api;

-- Name: COLUMN document_versions.organization_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE knowledge.document_versions TO millrace_analyst;

-- Name: COLUMN document_versions.id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(id) ON TABLE knowledge.document_versions TO millrace_analyst;

-- Name: COLUMN document_versions.document_id; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(document_id) ON TABLE knowledge.document_versions TO millrace_analyst;

-- Name: COLUMN document_versions.valid_from; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT(valid_from) ON TABLE knowledge.document_versions TO millrace_analyst;

-- Name: TABLE source_freshness; Type: ACL; Schema: analytics; Owner: millrace_owner

GRANT SELECT ON TABLE analytics.source_freshness TO millrace_api;
GRANT SELECT ON TABLE analytics.source_freshness TO millrace_pipeline;
GRANT SELECT ON TABLE analytics.source_freshness TO millrace_analyst;

-- Name: TABLE agent_data_sources; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.agent_data_sources TO millrace_pipeline;
GRANT SELECT ON TABLE bots.agent_data_sources TO millrace_api;

-- Name: TABLE agent_file_types; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.agent_file_types TO millrace_pipeline;
GRANT SELECT ON TABLE bots.agent_file_types TO millrace_api;

-- Name: TABLE agent_tags; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.agent_tags TO millrace_pipeline;
GRANT SELECT ON TABLE bots.agent_tags TO millrace_api;

-- Name: TABLE builds; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.builds TO millrace_pipeline;
GRANT SELECT ON TABLE bots.builds TO millrace_api;

-- Name: TABLE canned_answers; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.canned_answers TO millrace_pipeline;
GRANT SELECT ON TABLE bots.canned_answers TO millrace_api;

-- Name: TABLE chatbot_data_sources; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.chatbot_data_sources TO millrace_pipeline;
GRANT SELECT ON TABLE bots.chatbot_data_sources TO millrace_api;

-- Name: TABLE configuration_requests; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.configuration_requests TO millrace_pipeline;
GRANT SELECT ON TABLE bots.configuration_requests TO millrace_api;
GRANT SELECT ON TABLE bots.configuration_requests TO millrace_directory;

-- Name: TABLE evaluation_judgments; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_judgments TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_judgments TO millrace_api;

-- Name: TABLE evaluation_queries; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_queries TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_queries TO millrace_api;

-- Name: TABLE evaluation_results; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.evaluation_results TO millrace_pipeline;
GRANT SELECT ON TABLE bots.evaluation_results TO millrace_api;

-- Name: TABLE version_comparisons; Type: ACL; Schema: bots; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE bots.version_comparisons TO millrace_pipeline;
GRANT SELECT ON TABLE bots.version_comparisons TO millrace_api;

-- Name: TABLE background_tasks; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.background_tasks TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.background_tasks TO millrace_api;
GRANT SELECT ON TABLE conversations.background_tasks TO millrace_directory;

-- Name: TABLE changed_days; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.changed_days TO millrace_pipeline;
GRANT SELECT,INSERT ON TABLE conversations.changed_days TO millrace_api;
GRANT SELECT ON TABLE conversations.changed_days TO millrace_analyst;

-- Name: TABLE logged_comparisons; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.logged_comparisons TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.logged_comparisons TO millrace_api;

-- Name: TABLE messages; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.messages TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE conversations.messages TO millrace_api;

-- Name: TABLE promotions; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.promotions TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.promotions TO millrace_api;

-- Name: TABLE source_issues; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.source_issues TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.source_issues TO millrace_api;

-- Name: TABLE summed_days; Type: ACL; Schema: conversations; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE conversations.summed_days TO millrace_pipeline;
GRANT SELECT ON TABLE conversations.summed_days TO millrace_api;
GRANT SELECT ON TABLE conversations.summed_days TO millrace_analyst;

-- Name: TABLE allowances; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.allowances TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE identity.allowances TO millrace_api;

-- Name: TABLE analyst_logins; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.analyst_logins TO millrace_pipeline;
GRANT SELECT ON TABLE identity.analyst_logins TO millrace_api;

-- Name: COLUMN analyst_logins.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.analyst_logins TO millrace_directory;

-- Name: COLUMN analyst_logins.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.analyst_logins TO millrace_directory;

-- Name: TABLE audit_log; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT ON TABLE identity.audit_log TO millrace_pipeline;
GRANT SELECT,INSERT ON TABLE identity.audit_log TO millrace_api;

-- Name: TABLE browser_sessions; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.browser_sessions TO millrace_pipeline;
GRANT INSERT ON TABLE identity.browser_sessions TO millrace_api;
GRANT SELECT ON TABLE identity.browser_sessions TO millrace_directory;

-- Name: COLUMN browser_sessions.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.user_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(user_id) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.browser; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(browser) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.expires_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(expires_at) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.ended_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(ended_at),UPDATE(ended_at) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.last_used_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(last_used_at),UPDATE(last_used_at) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: COLUMN browser_sessions.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.browser_sessions TO millrace_api;

-- Name: TABLE budget_approvals; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.budget_approvals TO millrace_pipeline;
GRANT SELECT ON TABLE identity.budget_approvals TO millrace_api;

-- Name: TABLE budgets; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.budgets TO millrace_pipeline;
GRANT SELECT ON TABLE identity.budgets TO millrace_api;

-- Name: TABLE idempotent_requests; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.idempotent_requests TO millrace_pipeline;

-- Name: TABLE knowledge_settings; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.knowledge_settings TO millrace_pipeline;
GRANT SELECT ON TABLE identity.knowledge_settings TO millrace_api;

-- Name: TABLE memberships; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.memberships TO millrace_pipeline;
GRANT SELECT ON TABLE identity.memberships TO millrace_api;
GRANT SELECT ON TABLE identity.memberships TO millrace_directory;

-- Name: TABLE notification_channels; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.notification_channels TO millrace_pipeline;

-- Name: COLUMN notification_channels.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.name; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(name) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.kind; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(kind) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.destination; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(destination) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.events; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(events) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.is_active; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(is_active) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.notification_channels TO millrace_api;

-- Name: COLUMN notification_channels.updated_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE identity.notification_channels TO millrace_api;

-- Name: TABLE notification_deliveries; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.notification_deliveries TO millrace_pipeline;
GRANT SELECT,INSERT ON TABLE identity.notification_deliveries TO millrace_api;
GRANT SELECT ON TABLE identity.notification_deliveries TO millrace_directory;

-- Name: TABLE notifications; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.notifications TO millrace_pipeline;
GRANT SELECT,INSERT,UPDATE ON TABLE identity.notifications TO millrace_api;

-- Name: TABLE organizations; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.organizations TO millrace_pipeline;
GRANT SELECT ON TABLE identity.organizations TO millrace_api;
GRANT SELECT ON TABLE identity.organizations TO millrace_directory;

-- Name: TABLE provider_keys; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.provider_keys TO millrace_pipeline;

-- Name: COLUMN provider_keys.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.user_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(user_id) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.provider; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(provider) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.ciphertext; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(ciphertext) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.provider_keys TO millrace_api;

-- Name: COLUMN provider_keys.updated_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(updated_at) ON TABLE identity.provider_keys TO millrace_api;

-- Name: TABLE retention_settings; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.retention_settings TO millrace_pipeline;
GRANT SELECT ON TABLE identity.retention_settings TO millrace_api;

-- Name: TABLE sign_in_links; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.sign_in_links TO millrace_pipeline;
GRANT SELECT ON TABLE identity.sign_in_links TO millrace_directory;

-- Name: COLUMN sign_in_links.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: COLUMN sign_in_links.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: COLUMN sign_in_links.user_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(user_id) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: COLUMN sign_in_links.expires_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(expires_at) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: COLUMN sign_in_links.used_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(used_at),UPDATE(used_at) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: COLUMN sign_in_links.created_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(created_at) ON TABLE identity.sign_in_links TO millrace_api;

-- Name: TABLE users; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.users TO millrace_pipeline;
GRANT SELECT ON TABLE identity.users TO millrace_api;

-- Name: COLUMN users.organization_id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(organization_id) ON TABLE identity.users TO millrace_directory;

-- Name: COLUMN users.id; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(id) ON TABLE identity.users TO millrace_directory;

-- Name: COLUMN users.username; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(username) ON TABLE identity.users TO millrace_directory;

-- Name: COLUMN users.is_active; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT SELECT(is_active) ON TABLE identity.users TO millrace_directory;

-- Name: COLUMN users.last_login_at; Type: ACL; Schema: identity; Owner: millrace_owner

GRANT UPDATE(last_login_at) ON TABLE identity.users TO millrace_api;

-- Name: TABLE chunks; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.chunks TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.chunks TO millrace_api;
GRANT SELECT ON TABLE knowledge.chunks TO millrace_search;

-- Name: TABLE chunk_health; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.chunk_health TO millrace_pipeline;

-- Name: TABLE deletion_batches; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.deletion_batches TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.deletion_batches TO millrace_api;

-- Name: TABLE deletions; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.deletions TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.deletions TO millrace_api;

-- Name: TABLE document_states; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.document_states TO millrace_pipeline;

-- Name: TABLE embeddings; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.embeddings TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.embeddings TO millrace_api;
GRANT SELECT ON TABLE knowledge.embeddings TO millrace_search;

-- Name: TABLE erasure_receipts; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT ON TABLE knowledge.erasure_receipts TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.erasure_receipts TO millrace_api;

-- Name: TABLE file_types; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.file_types TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.file_types TO millrace_api;

-- Name: TABLE leases; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.leases TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.leases TO millrace_api;
GRANT SELECT ON TABLE knowledge.leases TO millrace_directory;

-- Name: TABLE legal_holds; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.legal_holds TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.legal_holds TO millrace_api;

-- Name: TABLE lexeme_frequencies; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.lexeme_frequencies TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.lexeme_frequencies TO millrace_api;

-- Name: TABLE upload_parts; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.upload_parts TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.upload_parts TO millrace_api;

-- Name: TABLE uploads; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.uploads TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.uploads TO millrace_api;

-- Name: TABLE named_objects; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.named_objects TO millrace_pipeline;

-- Name: TABLE partial_uploads; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.partial_uploads TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.partial_uploads TO millrace_api;

-- Name: TABLE readable_texts; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.readable_texts TO millrace_api;
GRANT SELECT ON TABLE knowledge.readable_texts TO millrace_pipeline;

-- Name: TABLE reconciliation; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.reconciliation TO millrace_pipeline;

-- Name: TABLE text_statistics; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.text_statistics TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.text_statistics TO millrace_api;
GRANT SELECT ON TABLE knowledge.text_statistics TO millrace_search;

-- Name: TABLE tombstones; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE knowledge.tombstones TO millrace_pipeline;
GRANT SELECT ON TABLE knowledge.tombstones TO millrace_api;

-- Name: TABLE vector_health; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.vector_health TO millrace_pipeline;

-- Name: TABLE vector_indexes; Type: ACL; Schema: knowledge; Owner: millrace_owner

GRANT SELECT ON TABLE knowledge.vector_indexes TO millrace_pipeline;
