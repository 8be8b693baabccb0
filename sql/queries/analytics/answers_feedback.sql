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
