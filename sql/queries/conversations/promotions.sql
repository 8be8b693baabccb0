-- select_candidates: answers that somebody was (not) content with, or that found nothing, and made no question yet.
select a.id as message_id, coalesce(i.detailed_question, q.content) as question, coalesce(q.sender_id, s.user_id) as user_id,
    f.signal
from conversations.messages a
join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = a.session_id and s.deleted_at is null
join conversations.messages q
    on q.organization_id = %(organization_id)s and q.id = a.reply_to_id and q.role = 'user' and q.deleted_at is null
left join conversations.interactions i on i.organization_id = %(organization_id)s and i.answer_id = a.id
cross join lateral (
    select case when bool_or(m.feedback = 'negative') then 'negative' when count(*) > 0 then 'positive'
                when a.metadata ->> 'outcome' = 'no_answer' then 'no_answer' end as signal
    from conversations.message_feedback m
    where m.organization_id = %(organization_id)s and m.message_id = a.id
) f
where a.organization_id = %(organization_id)s and a.role = 'assistant' and a.deleted_at is null
  and s.chatbot_id = %(chatbot_id)s
  and a.created_at >= clock_timestamp() - make_interval(days => %(days)s)
  and not a.metadata ? 'erased'
  and f.signal = any (%(signals)s)
  and not exists (
      select from conversations.promotions p
      where p.organization_id = %(organization_id)s and p.message_id = a.id)
order by a.created_at desc, a.id
limit %(at_most)s;

-- find_picked: an answer as a candidate, whatever became of it.
select a.id as message_id, coalesce(i.detailed_question, q.content) as question, coalesce(q.sender_id, s.user_id) as user_id,
    coalesce(f.signal, 'picked') as signal, s.chatbot_id, a.metadata ? 'erased' as is_erased
from conversations.messages a
join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = a.session_id and s.deleted_at is null
join conversations.messages q
    on q.organization_id = %(organization_id)s and q.id = a.reply_to_id and q.role = 'user' and q.deleted_at is null
left join conversations.interactions i on i.organization_id = %(organization_id)s and i.answer_id = a.id
cross join lateral (
    select case when bool_or(m.feedback = 'negative') then 'negative' when count(*) > 0 then 'positive'
                when a.metadata ->> 'outcome' = 'no_answer' then 'no_answer' end as signal
    from conversations.message_feedback m
    where m.organization_id = %(organization_id)s and m.message_id = a.id
) f
where a.organization_id = %(organization_id)s and a.id = %(message_id)s and a.role = 'assistant'
  and a.deleted_at is null;

-- find_standing: the question that an answer made, and its set.
select q.id as evaluation_query_id, e.id as evaluation_set_id, e.name as evaluation_set, e.chatbot_id, q.external_id
from conversations.promotions p
join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = p.evaluation_query_id
join bots.evaluation_sets e on e.organization_id = %(organization_id)s and e.id = q.evaluation_set_id
where p.organization_id = %(organization_id)s and p.message_id = %(message_id)s;

-- create: which answer made a question, and why.
insert into conversations.promotions (organization_id, evaluation_query_id, message_id, user_id, signal)
values (%(organization_id)s, %(evaluation_query_id)s, %(message_id)s, %(user_id)s, %(signal)s)
on conflict (organization_id, message_id) do nothing;

-- select_cited: what an answer cited, as judgments; what has been purged is left out.
select distinct c.document_id, c.quote, c.start_char
from conversations.citations c
join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.id = c.document_id and d.soft_deleted_at is null
    and d.current_version_id = c.document_version_id
where c.organization_id = %(organization_id)s and c.message_id = %(message_id)s and c.purged_at is null
order by c.document_id, c.start_char;

-- select_asked: when questions were asked, what was answered, and what their askers said of that; the latest first.
select p.evaluation_query_id, p.signal, p.created_at, p.message_id, a.content as answer, a.created_at as answered_at,
    (select string_agg(m.reason, '; ' order by m.created_at) from conversations.message_feedback m
     where m.organization_id = %(organization_id)s and m.message_id = p.message_id and m.reason <> '') as reason
from conversations.promotions p
left join conversations.messages a on a.organization_id = %(organization_id)s and a.id = p.message_id
where p.organization_id = %(organization_id)s and p.evaluation_query_id = any (%(query_ids)s)
order by p.created_at desc, p.id;

-- select_offered: the documents that were cited and found for an answer, in their order; each once.
select found.document_id, s.name as source, d.file_path as path, d.title, min(found.place) as place,
    bool_or(found.is_cited) as is_cited, max(found.score) as score
from (
    select c.document_id, 0 as place, true as is_cited, null::double precision as score
    from conversations.citations c
    where c.organization_id = %(organization_id)s and c.message_id = %(message_id)s
    union all
    select hit.document_id, hit.place::integer, false, hit.score
    from conversations.retrieval_logs l
    cross join lateral unnest(l.retrieved_document_ids, l.similarity_scores) with ordinality
        as hit (document_id, score, place)
    where l.organization_id = %(organization_id)s and l.message_id = %(message_id)s
) found
join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.id = found.document_id and d.soft_deleted_at is null
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
group by found.document_id, s.name, d.file_path, d.title
order by place, s.name, d.file_path;

-- select_sole_of_user: the promoted questions that this user alone asked, by name or in one of these conversations.
select p.evaluation_query_id
from conversations.promotions p
join bots.evaluation_queries q
    on q.organization_id = %(organization_id)s and q.id = p.evaluation_query_id and q.origin = 'promoted'
left join conversations.messages a on a.organization_id = %(organization_id)s and a.id = p.message_id
where p.organization_id = %(organization_id)s
group by p.evaluation_query_id
having bool_and(coalesce(p.user_id = %(user_id)s, false) or coalesce(a.session_id = any (%(session_ids)s), false));

-- select_sole_of_sessions: the questions that nobody decided on yet and that were asked in these conversations alone.
select p.evaluation_query_id
from conversations.promotions p
join bots.evaluation_queries q
    on q.organization_id = %(organization_id)s and q.id = p.evaluation_query_id and q.state <> 'accepted'
    and q.origin = 'promoted'
left join conversations.messages a on a.organization_id = %(organization_id)s and a.id = p.message_id
where p.organization_id = %(organization_id)s
group by p.evaluation_query_id
having bool_and(coalesce(a.session_id = any (%(session_ids)s), p.message_id is null));

-- remove_of_user: that this user asked something, by name or in one of these conversations.
delete from conversations.promotions p
where p.organization_id = %(organization_id)s
  and (p.user_id = %(user_id)s
       or p.message_id in (
           select m.id from conversations.messages m
           where m.organization_id = %(organization_id)s and m.session_id = any (%(session_ids)s)));
