-- select_sums: what questions came to, in spans of time, as a whole or in parts.
select case when %(middle)s::date is not null and a.day >= %(middle)s::date then %(middle)s::date
            when %(middle)s::date is not null or %(each)s::text is null then %(since)s::date
            else date_trunc(%(each)s::text, a.day::timestamp)::date end as period,
       g.by, g.part,
       count(*) as questions,
       count(*) filter (where a.outcome in ('answered', 'canned', 'no_answer', 'failed', 'handed_over')) as due,
       count(*) filter (where a.outcome in ('answered', 'canned')) as answered,
       count(*) filter (where a.outcome = 'no_answer') as no_answer,
       count(*) filter (where a.outcome = 'failed') as failed,
       count(*) filter (where a.outcome = 'handed_over') as handed_over,
       count(a.found) as searches, count(*) filter (where a.found = 0) as without_result,
       count(a.seconds) as seconds_n, avg(a.seconds)::double precision as seconds_mean,
       stddev_samp(a.seconds)::double precision as seconds_deviation,
       percentile_cont(0.5) within group (order by a.seconds) as seconds_median,
       percentile_cont(0.95) within group (order by a.seconds) as seconds_95,
       count(a.retrieval_seconds) as retrieval_n, avg(a.retrieval_seconds)::double precision as retrieval_mean,
       stddev_samp(a.retrieval_seconds)::double precision as retrieval_deviation,
       count(a.best_score) as score_n, avg(a.best_score)::double precision as score_mean,
       stddev_samp(a.best_score)::double precision as score_deviation,
       count(a.prompt_tokens) as prompt_n, avg(a.prompt_tokens)::double precision as prompt_mean,
       stddev_samp(a.prompt_tokens)::double precision as prompt_deviation,
       count(a.cost) as cost_n, avg(a.cost)::double precision as cost_mean,
       stddev_samp(a.cost)::double precision as cost_deviation,
       sum(a.cost) as cost
from analytics.answers a
cross join lateral (
    select d.by, case d.by
        when 'chatbot' then a.chatbot
        when 'agent' then a.agent
        when 'configuration' then a.chatbot || ' #' || a.configuration
        when 'model' then a.model
        when 'source' then a.source
        when 'language' then a.language end as part
    from unnest(%(by)s::text[]) d (by)
) g
where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
  and (%(chatbot)s::text is null or a.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or a.agent = %(agent)s::text)
  and (%(configuration)s::integer is null or a.configuration = %(configuration)s::integer)
  and (%(model)s::text is null or a.model = %(model)s::text)
  and (%(source)s::text is null or a.source = %(source)s::text)
  and (%(language)s::text is null or a.language = %(language)s::text)
  and (%(tag)s::text is null or a.source_id in (
    select b.data_source_id from knowledge.data_source_tags b
    join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
    where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
group by 1, 2, 3
order by 1, 2, 3;
