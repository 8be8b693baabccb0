-- select_all: the reasons that were given with thumbs down, the commonest first; those that say nothing as null.
select nullif(lower(btrim(a.reason)), '') as reason, count(*) as given, max(a.given_at) as last_given_at
from analytics.answers_feedback a
where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
  and a.feedback = 'negative'
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
group by 1
order by given desc, reason nulls last
limit %(at_most)s;
