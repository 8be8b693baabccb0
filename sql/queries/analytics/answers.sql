-- select_sums: what questions came to, in spans of time, as a whole or in parts.
with picked as (
    select case when %(middle)s::date is not null and m.day >= %(middle)s::date then %(middle)s::date
                when %(middle)s::date is not null or %(each)s::text is null then %(since)s::date
                else date_trunc(%(each)s::text, m.day::timestamp)::date end as period, m.*
    from analytics.daily_metrics m
    where m.organization_id = %(organization_id)s and m.day >= %(since)s::date and m.day < %(until)s::date
      and (%(chatbot)s::text is null or m.chatbot = %(chatbot)s::text)
      and (%(agent)s::text is null or m.agent = %(agent)s::text)
      and (%(configuration)s::integer is null or m.configuration = %(configuration)s::integer)
      and (%(model)s::text is null or m.model = %(model)s::text)
      and (%(source)s::text is null or m.source = %(source)s::text)
      and (%(language)s::text is null or m.language = %(language)s::text)
      and (%(tag)s::text is null or m.source_id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
), by_part as materialized (
    select period, chatbot, agent, configuration, model, source, language,
           sum(questions) as questions, sum(answered + canned) as answered, sum(no_answer) as no_answer,
           sum(failed) as failed, sum(handed_over) as handed_over, sum(searches) as searches,
           sum(without_result) as without_result,
           sum(seconds_n) as seconds_n, sum(seconds_sum) as seconds_sum, sum(seconds_squares) as seconds_squares,
           sum(retrieval_n) as retrieval_n, sum(retrieval_sum) as retrieval_sum,
           sum(retrieval_squares) as retrieval_squares,
           sum(score_n) as score_n, sum(score_sum) as score_sum, sum(score_squares) as score_squares,
           sum(prompt_n) as prompt_n, sum(prompt_sum) as prompt_sum, sum(prompt_squares) as prompt_squares,
           sum(cost_n) as cost_n, sum(cost_sum) as cost_sum, sum(cost_squares) as cost_squares,
           string_agg(seconds, ''::bytea) as seconds
    from picked
    group by period, chatbot, agent, configuration, model, source, language
)
select p.period, g.by, g.part, sum(p.questions)::bigint as questions,
       sum(p.answered + p.no_answer + p.failed + p.handed_over)::bigint as due, sum(p.answered)::bigint as answered,
       sum(p.no_answer)::bigint as no_answer, sum(p.failed)::bigint as failed,
       sum(p.handed_over)::bigint as handed_over, sum(p.searches)::bigint as searches,
       sum(p.without_result)::bigint as without_result,
       sum(p.seconds_n)::bigint as seconds_n, sum(p.seconds_sum) as seconds_sum,
       sum(p.seconds_squares) as seconds_squares,
       sum(p.retrieval_n)::bigint as retrieval_n, sum(p.retrieval_sum) as retrieval_sum,
       sum(p.retrieval_squares) as retrieval_squares,
       sum(p.score_n)::bigint as score_n, sum(p.score_sum) as score_sum, sum(p.score_squares) as score_squares,
       sum(p.prompt_n)::bigint as prompt_n, sum(p.prompt_sum)::double precision as prompt_sum,
       sum(p.prompt_squares) as prompt_squares,
       sum(p.cost_n)::bigint as cost_n, sum(p.cost_sum) as cost, sum(p.cost_squares) as cost_squares,
       string_agg(p.seconds, ''::bytea) as seconds
from by_part p
cross join lateral (
    select d.by, case d.by
        when 'chatbot' then p.chatbot
        when 'agent' then p.agent
        when 'configuration' then p.chatbot || ' #' || p.configuration
        when 'model' then p.model
        when 'source' then p.source
        when 'language' then p.language end as part
    from unnest(%(by)s::text[]) d (by)
) g
group by 1, 2, 3
order by 1, 2, 3;
