-- select_page: questions that were disliked, not answered or found nothing, each once, the worst first.
with worst as (
    select a.chatbot, l.query as question, count(*) as times,
           count(*) filter (where f.given) as disliked,
           count(*) filter (where a.outcome = 'no_answer' or l.found = 0) as unanswered,
           max(a.asked_at) as last_asked_at,
           (array_agg(a.answer_id order by f.given desc nulls last, a.asked_at desc, a.answer_id))[1] as answer_id
    from analytics.answers a
    join conversations.retrieval_logs l on l.organization_id = %(organization_id)s and l.message_id = a.answer_id
    join conversations.sessions s
        on s.organization_id = %(organization_id)s and s.id = a.session_id and s.deleted_at is null
    left join (
        select message_id, true as given from conversations.message_feedback
        where organization_id = %(organization_id)s and feedback = 'negative'
        group by message_id
    ) f on f.message_id = a.answer_id
    where a.organization_id = %(organization_id)s and a.day >= %(since)s::date and a.day < %(until)s::date
      and (a.outcome = 'no_answer' or l.found = 0 or f.given)
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
    group by a.chatbot, l.query
    order by disliked desc, times desc, last_asked_at desc, answer_id
    limit %(at_most)s offset %(skip)s
)
select w.question, w.chatbot, w.times, w.disliked, w.unanswered, w.last_asked_at, w.answer_id,
    (select string_agg(distinct m.reason, '; ') from conversations.message_feedback m
     where m.organization_id = %(organization_id)s and m.message_id = w.answer_id and m.reason <> '') as reason,
    (select q.state from conversations.promotions p
     join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = p.evaluation_query_id
     where p.organization_id = %(organization_id)s and p.message_id = w.answer_id) as review,
    (select count(*) from conversations.source_issues i
     where i.organization_id = %(organization_id)s and i.message_id = w.answer_id and i.state = 'open') as open_issues
from worst w
order by w.disliked desc, w.times desc, w.last_asked_at desc, w.answer_id;
