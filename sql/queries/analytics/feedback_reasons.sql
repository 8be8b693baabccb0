-- select_all: the reasons that were given with thumbs down, the commonest first; those that say nothing as null.
with given as (
    select f.message_id, f.reason, f.updated_at from conversations.message_feedback f
    where f.organization_id = %(organization_id)s and f.feedback = 'negative'
      and f.created_at >= %(since)s::date::timestamp at time zone 'UTC'
), told as (
    select nullif(lower(btrim(g.reason)), '') as reason, g.updated_at
    from given g
    cross join lateral (
        select i.answer_id, i.session_id, i.agent_id
        from conversations.interactions i
        where i.organization_id = %(organization_id)s and i.answer_id = g.message_id
          and i.question_at >= %(since)s::date::timestamp at time zone 'UTC'
          and i.question_at < %(until)s::date::timestamp at time zone 'UTC'
        offset 0
    ) i
    left join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = i.session_id
    left join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
    left join conversations.retrieval_logs l
        on l.organization_id = %(organization_id)s and l.message_id = i.answer_id
    left join bots.agents a on a.organization_id = %(organization_id)s and a.id = i.agent_id
    left join bots.model_config_versions v
        on v.organization_id = %(organization_id)s and v.id = l.model_config_version_id
    left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = l.best_document_id
    left join knowledge.data_sources o on o.organization_id = %(organization_id)s and o.id = d.data_source_id
    left join conversations.usage u on u.organization_id = %(organization_id)s and u.message_id = i.answer_id
    where (%(chatbot)s::text is null or c.name = %(chatbot)s::text)
      and (%(agent)s::text is null or a.name = %(agent)s::text)
      and (%(configuration)s::integer is null or v.number = %(configuration)s::integer)
      and (%(model)s::text is null or u.model = %(model)s::text)
      and (%(source)s::text is null or o.name = %(source)s::text)
      and (%(language)s::text is null or d.language = %(language)s::text)
      and (%(tag)s::text is null or o.id in (
        select b.data_source_id from knowledge.data_source_tags b
        join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
        where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
)
select reason, count(*) as given, max(updated_at) as last_given_at
from told
group by 1
order by given desc, reason nulls last
limit %(at_most)s;
