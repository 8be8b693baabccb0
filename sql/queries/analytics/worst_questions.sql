-- select_page: questions whose answers were disliked, or that found none, each once, what went wrong most often first.
-- So many of the latest are looked at.
with thumbs as (
    select f.message_id from conversations.message_feedback f
    where f.organization_id = %(organization_id)s and f.feedback = 'negative'
      and f.created_at >= %(since)s::date::timestamp at time zone 'UTC'
    group by f.message_id
), asked as (
    (
        select i.*
        from thumbs t
        cross join lateral (
            select i.answer_id, i.session_id, i.agent_id, i.question_at, i.question_digest,
                   i.results ->> 'outcome' = 'no_answer' as is_unanswered
            from conversations.interactions i
            where i.organization_id = %(organization_id)s and i.answer_id = t.message_id
              and i.question_at >= %(since)s::date::timestamp at time zone 'UTC'
              and i.question_at < %(until)s::date::timestamp at time zone 'UTC'
            offset 0
        ) i
        where %(why)s::text = 'disliked'
        order by i.question_at desc
        limit %(looked_at)s
    )
    union all
    (
        select i.answer_id, i.session_id, i.agent_id, i.question_at, i.question_digest, true
        from conversations.interactions i
        where %(why)s::text = 'unanswered'
          and i.organization_id = %(organization_id)s and i.results ->> 'outcome' = 'no_answer'
          and i.question_at >= %(since)s::date::timestamp at time zone 'UTC'
          and i.question_at < %(until)s::date::timestamp at time zone 'UTC'
        order by i.question_at desc
        limit %(looked_at)s
    )
), worst as (
    select s.chatbot_id, count(*) as times, count(t.message_id) as disliked,
           count(*) filter (where i.is_unanswered) as unanswered, max(i.question_at) as last_asked_at,
           (array_agg(i.answer_id order by i.question_at desc, i.answer_id))[1] as answer_id
    from asked i
    cross join lateral (
        select s.chatbot_id from conversations.sessions s
        where s.organization_id = %(organization_id)s and s.id = i.session_id and s.deleted_at is null offset 0
    ) s
    left join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
    left join conversations.retrieval_logs l
        on l.organization_id = %(organization_id)s and l.message_id = i.answer_id
    left join bots.agents a on a.organization_id = %(organization_id)s and a.id = i.agent_id
    left join bots.model_config_versions v
        on v.organization_id = %(organization_id)s and v.id = l.model_config_version_id
    left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = l.best_document_id
    left join analytics.all_sources o on o.organization_id = %(organization_id)s and o.source_id = d.data_source_id
    left join conversations.usage u on u.organization_id = %(organization_id)s and u.message_id = i.answer_id
    left join thumbs t on t.message_id = i.answer_id
    where analytics.is_wanted(
        c.name, a.name, v.number, u.model, o.source, d.language, o.tags, %(chatbot)s,
        %(agent)s, %(configuration)s, %(model)s, %(source)s, %(language)s, %(tag)s)
    group by s.chatbot_id, i.question_digest
    order by times desc, last_asked_at desc, answer_id
    limit %(at_most)s offset %(skip)s
)
select l.query as question, c.name as chatbot, w.times, w.disliked, w.unanswered, w.last_asked_at, w.answer_id,
    (select string_agg(distinct m.reason, '; ') from conversations.message_feedback m
     where m.organization_id = %(organization_id)s and m.message_id = w.answer_id and m.reason <> '') as reason,
    (select q.state from conversations.promotions p
     join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = p.evaluation_query_id
     where p.organization_id = %(organization_id)s and p.message_id = w.answer_id) as review,
    (select count(*) from conversations.source_issues x
     where x.organization_id = %(organization_id)s and x.message_id = w.answer_id and x.state = 'open') as open_issues
from worst w
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = w.chatbot_id
left join conversations.retrieval_logs l on l.organization_id = %(organization_id)s and l.message_id = w.answer_id
order by w.times desc, w.last_asked_at desc, w.answer_id;
