-- create: a new conversation with a chatbot.
insert into conversations.sessions (organization_id, chatbot_id, agent_id, user_id, title, status)
values (%(organization_id)s, %(chatbot_id)s, %(agent_id)s, %(user_id)s, %(title)s, %(status)s)
returning id;

-- get: a conversation by id.
select id, chatbot_id, agent_id, user_id, title, status, session_start
from conversations.sessions
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- select_recent: the latest conversations of a chatbot, the newest first.
select id, chatbot_id, agent_id, user_id, title, status, session_start
from conversations.sessions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and deleted_at is null
order by created_at desc, id
limit %(at_most)s;

-- remove: conversations that are no more, with all that was said in them.
delete from conversations.sessions
where organization_id = %(organization_id)s and id = any (%(ids)s);
