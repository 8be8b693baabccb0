-- What a day comes to, from the rows themselves: read for days that are not summed, and kept for those that are over.
-- A planner that saw into it would think of every day there could be; they are few: today, and what changed since.
create or replace function analytics.unsummed_days(of_sums text) returns table (day date)
    language plpgsql stable parallel safe rows 3
    as $$
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
alter function analytics.unsummed_days(text) owner to millrace_owner;
comment on function analytics.unsummed_days(text) is
    'The days whose answers, thumbs, scores, usage, citations or opinions are read from the rows: those that are not summed, or have changed since.';

create or replace function analytics.answers_of_day(of_day date) returns setof conversations.daily_answers
    language sql stable parallel safe rows 100
    as $$
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
alter function analytics.answers_of_day(date) owner to millrace_owner;
comment on function analytics.answers_of_day(date) is 'What the questions of a day came to, from the rows.';

create or replace function analytics.thumbs_of_day(of_day date) returns setof conversations.daily_thumbs
    language sql stable parallel safe rows 100
    as $$
        select a.organization_id, gen_random_uuid(), of_day, a.chatbot_id, a.agent_id, a.configuration_id, a.model,
               a.source_id, a.language,
               count(*), count(*) filter (where a.feedback = 'positive'), count(*) filter (where a.reason <> '')
        from analytics.answers_feedback a
        where a.organization_id = identity.current_organization()
          and a.asked_at >= of_day::timestamp at time zone 'UTC'
          and a.asked_at < (of_day + 1)::timestamp at time zone 'UTC'
        group by a.organization_id, a.chatbot_id, a.agent_id, a.configuration_id, a.model, a.source_id, a.language
    $$;
alter function analytics.thumbs_of_day(date) owner to millrace_owner;
comment on function analytics.thumbs_of_day(date) is 'The thumbs for the answers to a day''s questions, from the rows.';

create or replace function analytics.latencies_of_day(of_day date) returns setof conversations.daily_latencies
    language sql stable parallel safe rows 10
    as $$
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
alter function analytics.latencies_of_day(date) owner to millrace_owner;
comment on function analytics.latencies_of_day(date) is 'How long the answers of a day took, stage by stage, from the rows.';

create or replace function analytics.scores_of_day(of_day date) returns setof conversations.daily_scores
    language sql stable parallel safe rows 10
    as $$
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
alter function analytics.scores_of_day(date) owner to millrace_owner;
comment on function analytics.scores_of_day(date) is 'How sure the searches of a day were, from the rows.';

create or replace function analytics.usage_of_day(of_day date) returns setof conversations.daily_usage
    language sql stable parallel safe rows 100
    as $$
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
alter function analytics.usage_of_day(date) owner to millrace_owner;
comment on function analytics.usage_of_day(date) is 'What was asked of models on a day, from the rows.';

create or replace function analytics.citations_of_day(of_day date) returns setof conversations.daily_citations
    language sql stable parallel safe rows 1000
    as $$
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
alter function analytics.citations_of_day(date) owner to millrace_owner;
comment on function analytics.citations_of_day(date) is
    'How often answers of a day cite each document, and each source as a whole, from the rows.';

create or replace function analytics.opinions_of_day(of_day date) returns setof conversations.daily_opinions
    language sql stable parallel safe rows 300
    as $$
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
alter function analytics.opinions_of_day(date) owner to millrace_owner;
comment on function analytics.opinions_of_day(date) is
    'Thumbs that were given on a day, by the documents that the answers cite, from the rows.';

-- What the questions of each day came to, in the finest parts that filters name: what a year is summed from.
create or replace view analytics.daily_metrics with (security_invoker = true) as
select s.organization_id, s.day, s.chatbot_id, c.name as chatbot, s.agent_id, a.name as agent, s.configuration_id,
       m.number as configuration, s.model, s.source_id, o.source, s.language, s.questions, s.answered,
       s.no_answer, s.failed, s.cancelled, s.canned, s.handed_over, s.turned_away, s.searches, s.without_result,
       s.seconds_n, s.seconds_sum, s.seconds_squares, s.retrieval_n, s.retrieval_sum, s.retrieval_squares, s.score_n,
       s.score_sum, s.score_squares, s.prompt_n, s.prompt_sum, s.prompt_squares, s.completion_sum, s.cost_n,
       s.cost_sum, s.cost_squares, s.seconds, s.answered_scores, s.unanswered_scores, o.tags
from (
    select t.organization_id, t.day, t.chatbot_id, t.agent_id, t.configuration_id, t.model, t.source_id, t.language,
           t.questions, t.answered, t.no_answer, t.failed, t.cancelled, t.canned, t.handed_over, t.turned_away, t.searches, t.without_result,
           t.seconds_n, t.seconds_sum, t.seconds_squares, t.retrieval_n, t.retrieval_sum, t.retrieval_squares,
           t.score_n, t.score_sum, t.score_squares, t.prompt_n, t.prompt_sum, t.prompt_squares, t.completion_sum,
           t.cost_n, t.cost_sum, t.cost_squares, t.seconds, t.answered_scores,
           t.unanswered_scores
    from conversations.daily_answers t
    where not exists (select from analytics.unsummed_days('answers') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.agent_id, l.configuration_id, l.model, l.source_id, l.language,
           l.questions, l.answered, l.no_answer, l.failed, l.cancelled, l.canned, l.handed_over, l.turned_away, l.searches, l.without_result,
           l.seconds_n, l.seconds_sum, l.seconds_squares, l.retrieval_n, l.retrieval_sum, l.retrieval_squares,
           l.score_n, l.score_sum, l.score_squares, l.prompt_n, l.prompt_sum, l.prompt_squares, l.completion_sum,
           l.cost_n, l.cost_sum, l.cost_squares, l.seconds, l.answered_scores,
           l.unanswered_scores
    from analytics.unsummed_days('answers') d cross join lateral analytics.answers_of_day(d.day) l
) s
left join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = s.organization_id and a.id = s.agent_id
left join bots.model_config_versions m on m.organization_id = s.organization_id and m.id = s.configuration_id
left join analytics.all_sources o on o.organization_id = s.organization_id and o.source_id = s.source_id;
alter view analytics.daily_metrics owner to millrace_owner;
grant select on analytics.daily_metrics to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_metrics is $$Counts and sums, by day, chatbot, agent, configuration, model, source and language; a mean is a sum by its n.
Example: the share of questions without an answer and the mean seconds of each month, by source:
select date_trunc('month', day) as month, source, sum(no_answer)::float / nullif(sum(questions - turned_away - cancelled), 0),
    sum(seconds_sum) / nullif(sum(seconds_n), 0) from analytics.daily_metrics group by 1, 2 order by 1, 2;$$;
comment on column analytics.daily_metrics.organization_id is 'Whose it is.';
comment on column analytics.daily_metrics.day is 'The day of UTC on which the questions came.';
comment on column analytics.daily_metrics.chatbot_id is 'Which chatbot was asked.';
comment on column analytics.daily_metrics.chatbot is 'The name that it has now.';
comment on column analytics.daily_metrics.agent_id is 'Which agent took them; null where the agent is gone.';
comment on column analytics.daily_metrics.agent is 'The name that it has now.';
comment on column analytics.daily_metrics.configuration_id is 'Which configuration retrieved; null where nothing was searched for.';
comment on column analytics.daily_metrics.configuration is 'Its number among those of its chatbot.';
comment on column analytics.daily_metrics.model is 'Who spoke.';
comment on column analytics.daily_metrics.source_id is 'The source of the document that stood first, to which a question is counted.';
comment on column analytics.daily_metrics.source is 'The name that it has now.';
comment on column analytics.daily_metrics.language is 'The language of that document.';
comment on column analytics.daily_metrics.questions is 'All of them.';
comment on column analytics.daily_metrics.answered is 'Answered from the documents.';
comment on column analytics.daily_metrics.no_answer is 'The documents did not say.';
comment on column analytics.daily_metrics.failed is 'Something broke off.';
comment on column analytics.daily_metrics.cancelled is 'The asker left before the end.';
comment on column analytics.daily_metrics.canned is 'Answered with a prepared text.';
comment on column analytics.daily_metrics.handed_over is 'Left to a person.';
comment on column analytics.daily_metrics.turned_away is 'Not taken: spam or abuse.';
comment on column analytics.daily_metrics.searches is 'Those that were searched for.';
comment on column analytics.daily_metrics.without_result is 'Those whose search found no passage.';
comment on column analytics.daily_metrics.seconds_n is 'Answers that ended.';
comment on column analytics.daily_metrics.seconds_sum is 'Seconds from the question to the last word, summed; null where there are none, as in all sums.';
comment on column analytics.daily_metrics.seconds_squares is 'Their squares, summed.';
comment on column analytics.daily_metrics.retrieval_n is 'Searches.';
comment on column analytics.daily_metrics.retrieval_sum is 'Seconds of search, summed.';
comment on column analytics.daily_metrics.retrieval_squares is 'Their squares, summed.';
comment on column analytics.daily_metrics.score_n is 'Searches that found something.';
comment on column analytics.daily_metrics.score_sum is 'Their best scores, summed.';
comment on column analytics.daily_metrics.score_squares is 'Their squares, summed.';
comment on column analytics.daily_metrics.prompt_n is 'Answers whose tokens are known.';
comment on column analytics.daily_metrics.prompt_sum is 'Tokens read, summed.';
comment on column analytics.daily_metrics.prompt_squares is 'Their squares, summed.';
comment on column analytics.daily_metrics.completion_sum is 'Tokens spoken, summed.';
comment on column analytics.daily_metrics.cost_n is 'Answers with a price, or free.';
comment on column analytics.daily_metrics.cost_sum is 'Cost, summed.';
comment on column analytics.daily_metrics.cost_squares is 'Their squares, summed.';
comment on column analytics.daily_metrics.seconds is 'The seconds of each answer, four bytes each (float4, the high byte first): medians are made of them.';
comment on column analytics.daily_metrics.answered_scores is 'The best scores of searches that found an answer, in the same way.';
comment on column analytics.daily_metrics.unanswered_scores is 'The best scores of searches that found passages, but no answer.';
comment on column analytics.daily_metrics.tags is 'The tags of the source, in their order.';

-- Thumbs for the answers to the questions of each day, in the finest parts that filters name.
create or replace view analytics.daily_thumbs with (security_invoker = true) as
select s.organization_id, s.day, s.chatbot_id, c.name as chatbot, s.agent_id, a.name as agent, s.configuration_id,
       m.number as configuration, s.model, s.source_id, o.source, s.language, s.given, s.positive,
       s.with_reason, o.tags
from (
    select t.organization_id, t.day, t.chatbot_id, t.agent_id, t.configuration_id, t.model, t.source_id, t.language, t.given, t.positive,
           t.with_reason
    from conversations.daily_thumbs t
    where not exists (select from analytics.unsummed_days('thumbs') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.agent_id, l.configuration_id, l.model, l.source_id, l.language, l.given, l.positive,
           l.with_reason
    from analytics.unsummed_days('thumbs') d cross join lateral analytics.thumbs_of_day(d.day) l
) s
left join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = s.organization_id and a.id = s.agent_id
left join bots.model_config_versions m on m.organization_id = s.organization_id and m.id = s.configuration_id
left join analytics.all_sources o on o.organization_id = s.organization_id and o.source_id = s.source_id;
alter view analytics.daily_thumbs owner to millrace_owner;
grant select on analytics.daily_thumbs to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_thumbs is $$Thumbs, whenever given, by the day of the question, chatbot, agent, configuration, model, source and language.
Example: what share of thumbs is up, by source and month:
select date_trunc('month', day) as month, source, sum(positive)::float / nullif(sum(given), 0)
from analytics.daily_thumbs group by 1, 2 order by 1, 2;$$;
comment on column analytics.daily_thumbs.organization_id is 'Whose it is.';
comment on column analytics.daily_thumbs.day is 'The day of UTC on which the questions came.';
comment on column analytics.daily_thumbs.chatbot_id is 'Which chatbot was asked.';
comment on column analytics.daily_thumbs.chatbot is 'The name that it has now.';
comment on column analytics.daily_thumbs.agent_id is 'Which agent took them; null where the agent is gone.';
comment on column analytics.daily_thumbs.agent is 'The name that it has now.';
comment on column analytics.daily_thumbs.configuration_id is 'Which configuration retrieved; null where nothing was searched for.';
comment on column analytics.daily_thumbs.configuration is 'Its number among those of its chatbot.';
comment on column analytics.daily_thumbs.model is 'Who spoke.';
comment on column analytics.daily_thumbs.source_id is 'The source of the document that stood first, to which a question is counted.';
comment on column analytics.daily_thumbs.source is 'The name that it has now.';
comment on column analytics.daily_thumbs.language is 'The language of that document.';
comment on column analytics.daily_thumbs.given is 'Thumbs.';
comment on column analytics.daily_thumbs.positive is 'Thumbs up.';
comment on column analytics.daily_thumbs.with_reason is 'Thumbs with words.';
comment on column analytics.daily_thumbs.tags is 'The tags of the source, in their order.';

-- How often answers cite each document and source, day by day.
create or replace view analytics.daily_citations with (security_invoker = true) as
select t.organization_id, t.day, t.source_id, t.document_id, t.answers, t.citations, t.first_cited_at, t.last_cited_at
from conversations.daily_citations t
where not exists (select from analytics.unsummed_days('citations') d where d.day = t.day)
union all
select l.organization_id, d.day, l.source_id, l.document_id, l.answers, l.citations, l.first_cited_at, l.last_cited_at
from analytics.unsummed_days('citations') d cross join lateral analytics.citations_of_day(d.day) l;
alter view analytics.daily_citations owner to millrace_owner;
grant select on analytics.daily_citations to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_citations is $$How often answers of a day cite each document; rows without a document are of a source as a whole.
Example: what the answers of the last 30 days rest on most:
select document_id, sum(answers) from analytics.daily_citations
where day >= current_date - 30 and document_id is not null group by 1 order by 2 desc limit 20;$$;
comment on column analytics.daily_citations.organization_id is 'Whose it is.';
comment on column analytics.daily_citations.day is 'The day of UTC.';
comment on column analytics.daily_citations.source_id is 'The source of the document; null where that is purged.';
comment on column analytics.daily_citations.document_id is 'The document; null in the row of a whole source.';
comment on column analytics.daily_citations.answers is 'Answers that cite it.';
comment on column analytics.daily_citations.citations is 'Quotes of it in answers.';
comment on column analytics.daily_citations.first_cited_at is 'The first of the day.';
comment on column analytics.daily_citations.last_cited_at is 'The last of the day.';

-- Thumbs for the answers that cite each document, day by day.
create or replace view analytics.daily_opinions with (security_invoker = true) as
select t.organization_id, t.day, t.document_id, t.liked, t.disliked
from conversations.daily_opinions t
where not exists (select from analytics.unsummed_days('opinions') d where d.day = t.day)
union all
select l.organization_id, d.day, l.document_id, l.liked, l.disliked
from analytics.unsummed_days('opinions') d cross join lateral analytics.opinions_of_day(d.day) l;
alter view analytics.daily_opinions owner to millrace_owner;
grant select on analytics.daily_opinions to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_opinions is $$Thumbs by the day on which they were given, and by the documents that the answers cite.
Example: what was disliked last week:
select document_id, sum(disliked) from analytics.daily_opinions
where day >= current_date - 7 group by 1 order by 2 desc limit 20;$$;
comment on column analytics.daily_opinions.organization_id is 'Whose it is.';
comment on column analytics.daily_opinions.day is 'The day of UTC.';
comment on column analytics.daily_opinions.document_id is 'The document that the answer cites.';
comment on column analytics.daily_opinions.liked is 'Thumbs up.';
comment on column analytics.daily_opinions.disliked is 'Thumbs down.';
