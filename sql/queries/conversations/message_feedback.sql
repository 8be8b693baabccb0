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
