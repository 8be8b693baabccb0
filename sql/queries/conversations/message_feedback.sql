-- replace: thumbs up or down of a user on an answer, instead of what they said before.
insert into conversations.message_feedback (organization_id, message_id, user_id, feedback, reason)
values (%(organization_id)s, %(message_id)s, %(user_id)s, %(feedback)s, %(reason)s)
on conflict (organization_id, message_id, user_id) do update
set feedback = excluded.feedback, reason = excluded.reason
returning id, message_id, user_id, feedback, reason, created_at, updated_at;

-- select_for_messages: what was said of these answers.
select id, message_id, user_id, feedback, reason, created_at, updated_at
from conversations.message_feedback
where organization_id = %(organization_id)s and message_id = any (%(message_ids)s)
order by created_at, id;

-- get: what a user said of an answer.
select f.id, f.message_id, f.user_id, f.feedback, f.reason, f.created_at, f.updated_at, m.session_id, c.name as chatbot
from conversations.message_feedback f
join conversations.messages m on m.organization_id = %(organization_id)s and m.id = f.message_id
join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = m.session_id
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
where f.organization_id = %(organization_id)s and f.id = %(id)s and s.deleted_at is null;

-- select_page: what was said of answers, the latest first; not of conversations that were deleted.
select f.id, f.message_id, f.user_id, f.feedback, f.reason, f.created_at, f.updated_at, m.session_id, c.name as chatbot
from conversations.message_feedback f
join conversations.messages m on m.organization_id = %(organization_id)s and m.id = f.message_id
join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = m.session_id
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
where f.organization_id = %(organization_id)s and s.deleted_at is null
  and (%(feedback)s::text is null or f.feedback = %(feedback)s)
  and (%(chatbot)s::text is null or c.name = %(chatbot)s)
  and (%(after_at)s::timestamptz is null
       or case when %(oldest_first)s::boolean then (f.created_at, f.id) > (%(after_at)s, %(after_id)s::uuid)
               else (f.created_at, f.id) < (%(after_at)s, %(after_id)s::uuid) end)
order by case when %(oldest_first)s::boolean then f.created_at end, case when %(oldest_first)s::boolean then f.id end,
    f.created_at desc, f.id desc
limit %(at_most)s;
