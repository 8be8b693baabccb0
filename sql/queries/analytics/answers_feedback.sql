-- select_sums: thumbs for the answers of spans of time, as a whole or in parts.
with by_part as materialized (
    select case when %(middle)s::date is not null and a.day >= %(middle)s::date then %(middle)s::date
                when %(middle)s::date is not null or %(each)s::text is null then %(since)s::date
                else date_trunc(%(each)s::text, a.day::timestamp)::date end as period,
           case when 'chatbot' = any (%(by)s::text[]) or 'configuration' = any (%(by)s::text[]) then a.chatbot end
               as chatbot,
           case when 'agent' = any (%(by)s::text[]) then a.agent end as agent,
           case when 'configuration' = any (%(by)s::text[]) then a.configuration end as configuration,
           case when 'model' = any (%(by)s::text[]) then a.model end as model,
           case when 'source' = any (%(by)s::text[]) then a.source end as source,
           case when 'language' = any (%(by)s::text[]) then a.language end as language,
           sum(a.given) as given, sum(a.positive) as positive
    from analytics.daily_thumbs a
    where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
      and analytics.is_wanted(
        a.chatbot, a.agent, a.configuration, a.model, a.source, a.language, a.tags, %(chatbot)s,
        %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
        group by 1, 2, 3, 4, 5, 6, 7
)
select p.period, g.by, g.part, sum(p.given)::bigint as given, sum(p.positive)::bigint as positive
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
