-- select_all: the reasons that were given with thumbs down, the commonest first; those that say nothing as null.
select nullif(lower(btrim(f.reason)), '') as reason, count(*) as given, max(f.updated_at) as last_given_at
from conversations.message_feedback f
cross join lateral (
    select a.* from analytics.answers a
    where a.organization_id = %(organization_id)s and a.answer_id = f.message_id
      and a.asked_at >= %(since)s::date::timestamp at time zone 'UTC'
      and a.asked_at < %(until)s::date::timestamp at time zone 'UTC'
    offset 0  -- thumbs are few: each looks up its answer
) a
where f.organization_id = %(organization_id)s and f.feedback = 'negative'
  and f.created_at >= %(since)s::date::timestamp at time zone 'UTC'
  and analytics.is_wanted(
    a.chatbot, a.agent, a.configuration, a.model, a.source, a.language, a.tags, %(chatbot)s,
    %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
group by 1
order by given desc, reason nulls last
limit %(at_most)s;
