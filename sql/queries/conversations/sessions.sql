-- create: a new conversation with a chatbot.
insert into conversations.sessions (organization_id, id, chatbot_id, agent_id, user_id, title, status, timezone)
values (%(organization_id)s, %(id)s, %(chatbot_id)s, %(agent_id)s, %(user_id)s, %(title)s, %(status)s, %(timezone)s);

-- get: a conversation by id.
select id, chatbot_id, agent_id, user_id, title, status, session_start, session_end, updated_at, timezone, context,
    handed_over_at, handed_over_because
from conversations.sessions
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- hold: keep a conversation from being taken away until the transaction ends; none where it has been.
select id from conversations.sessions
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
for update;

-- select_recent: the latest conversations of a chatbot, the newest first.
select id, chatbot_id, agent_id, user_id, title, status, session_start, session_end, updated_at, timezone, context,
    handed_over_at, handed_over_because
from conversations.sessions
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and deleted_at is null
order by created_at desc, id
limit %(at_most)s;

-- select_page: conversations, the latest used first, each with its chatbot, who answered last, and how much was said.
select s.id, s.chatbot_id, c.name as chatbot, a.name as agent, s.title, s.status, s.session_start, s.session_end, s.updated_at,
    s.handed_over_at, s.handed_over_because, s.context,
    (select count(*) from conversations.messages m
     where m.organization_id = %(organization_id)s and m.session_id = s.id and m.deleted_at is null) as messages
from conversations.sessions s
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = %(organization_id)s and a.id = s.agent_id
where s.organization_id = %(organization_id)s and s.deleted_at is null
  and (%(agent)s::text is null or %(agent)s in (a.name, a.id::text))
  and (%(topic)s::text is null or s.context -> 'topics' ? %(topic)s)
  and (%(chatbot_id)s::uuid is null or s.chatbot_id = %(chatbot_id)s)
  and (%(user_id)s::uuid is null or s.user_id = %(user_id)s)
  and (%(status)s::text is null or s.status = %(status)s)
  and (not %(is_handed_over)s::boolean or s.handed_over_at is not null)
  and (%(before_at)s::timestamptz is null
       or case when %(oldest_first)s::boolean then (s.updated_at, s.id) > (%(before_at)s, %(before_id)s::uuid)
               else (s.updated_at, s.id) < (%(before_at)s, %(before_id)s::uuid) end)
order by case when %(oldest_first)s::boolean then s.updated_at end, case when %(oldest_first)s::boolean then s.id end,
    s.updated_at desc, s.id desc
limit %(at_most)s;

-- set_title: what a conversation is called.
update conversations.sessions set title = %(title)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- set_said: something more was said in a conversation, and by which agent.
update conversations.sessions
set agent_id = coalesce(%(agent_id)s, agent_id), status = %(status)s,
    session_end = case when %(status)s = 'completed' then clock_timestamp() end
where organization_id = %(organization_id)s and id = %(id)s;

-- hand_over: a conversation waits for a person from now on.
update conversations.sessions set handed_over_at = clock_timestamp(), handed_over_because = %(because)s
where organization_id = %(organization_id)s and id = %(id)s and handed_over_at is null;

-- hand_back: a conversation waits for nobody any more.
update conversations.sessions set handed_over_at = null, handed_over_because = null
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null and handed_over_at is not null;

-- set_context: what a background agent made of a conversation.
update conversations.sessions set context = %(context)s, title = coalesce(%(title)s, title)
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- withdraw: a conversation that is shown no more; the nightly retention takes it away.
update conversations.sessions set deleted_at = clock_timestamp(), handed_over_at = null, handed_over_because = null
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- remove: conversations that are no more, with all that was said in them.
delete from conversations.sessions
where organization_id = %(organization_id)s and id = any (%(ids)s);

-- hold_of_messages: the conversations of these messages, kept from being added to until the transaction ends.
select s.id from conversations.sessions s
where s.organization_id = %(organization_id)s and s.id in (
    select m.session_id from conversations.messages m
    where m.organization_id = %(organization_id)s and m.id = any (%(message_ids)s))
order by s.id
for update;

-- forget: what was made of these conversations is no more.
update conversations.sessions set context = '{}'
where organization_id = %(organization_id)s and id = any (%(ids)s) and context <> '{}';
