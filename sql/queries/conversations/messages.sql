-- create: something that was said in a session.
insert into conversations.messages
    (organization_id, id, session_id, role, sender_id, content, status, reply_to_id, metadata)
values
    (%(organization_id)s, coalesce(%(id)s, gen_random_uuid()), %(session_id)s, %(role)s, %(sender_id)s, %(content)s,
     %(status)s, %(reply_to_id)s, %(metadata)s)
returning id;

-- select_for_session: what was said in a session, in order.
select id, session_id, role, sender_id, content, status, reply_to_id, metadata, created_at
from conversations.messages
where organization_id = %(organization_id)s and session_id = %(session_id)s and deleted_at is null
order by created_at, id;

-- blank: answers that rested on what has been erased say so instead.
update conversations.messages
set content = %(content)s, metadata = metadata || '{"erased": true}'
where organization_id = %(organization_id)s and id = any (%(ids)s) and role = 'assistant';
