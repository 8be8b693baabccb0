-- create: something that was said in a session.
insert into conversations.messages
    (organization_id, id, session_id, role, sender_id, content, status, reply_to_id, metadata)
values
    (%(organization_id)s, %(id)s, %(session_id)s, %(role)s, %(sender_id)s, %(content)s, %(status)s, %(reply_to_id)s,
     %(metadata)s);

-- select_for_session: what was said in a session, in order.
select id, session_id, role, sender_id, content, status, reply_to_id, metadata, created_at
from conversations.messages
where organization_id = %(organization_id)s and session_id = %(session_id)s and deleted_at is null
order by created_at, id;

-- select_page: what was said in a session after a message, in order.
select m.id, m.session_id, m.role, m.sender_id, m.content, m.status, m.reply_to_id, m.metadata, m.created_at
from conversations.messages m
left join conversations.messages given
    on given.organization_id = %(organization_id)s and given.session_id = %(session_id)s and given.id = %(after)s
where m.organization_id = %(organization_id)s and m.session_id = %(session_id)s and m.deleted_at is null
  and (%(after)s::uuid is null or (m.created_at, m.id) > (given.created_at, given.id))
order by m.created_at, m.id
limit %(at_most)s;

-- select_latest: the last things that were said in a session within so many days, the newest first.
select id, session_id, role, sender_id, content, status, reply_to_id, metadata, created_at
from conversations.messages
where organization_id = %(organization_id)s and session_id = %(session_id)s and deleted_at is null
  and (%(days)s::integer is null or created_at > clock_timestamp() - make_interval(days => %(days)s::integer))
order by created_at desc, id desc
limit %(at_most)s;

-- select_thread: a message of a session and those it answers, the newest first.
with recursive thread as (
    select m.id, m.session_id, m.role, m.sender_id, m.content, m.status, m.reply_to_id, m.metadata, m.created_at,
        1 as depth
    from conversations.messages m
    where m.organization_id = %(organization_id)s and m.session_id = %(session_id)s and m.id = %(id)s
      and m.deleted_at is null
    union all
    select m.id, m.session_id, m.role, m.sender_id, m.content, m.status, m.reply_to_id, m.metadata, m.created_at,
        thread.depth + 1
    from thread
    join conversations.messages m on m.organization_id = %(organization_id)s and m.session_id = %(session_id)s
        and m.id = thread.reply_to_id and m.deleted_at is null
    where thread.depth < %(at_most)s
)
select id, session_id, role, sender_id, content, status, reply_to_id, metadata, created_at
from thread
where %(days)s::integer is null or created_at > clock_timestamp() - make_interval(days => %(days)s::integer)
order by depth;

-- find: a message by id.
select m.id, m.session_id, m.role, m.sender_id, m.content, m.status, m.reply_to_id, m.metadata, m.created_at
from conversations.messages m
join conversations.sessions s on s.organization_id = %(organization_id)s and s.id = m.session_id
where m.organization_id = %(organization_id)s and m.id = %(id)s and m.deleted_at is null and s.deleted_at is null;

-- set_status: what was said to the asker has come that far.
update conversations.messages set status = %(status)s
where organization_id = %(organization_id)s and session_id = %(session_id)s and role = 'assistant'
  and status = any (%(former)s::text[]);

-- blank: answers that rested on what has been erased say so instead.
update conversations.messages
set content = %(content)s, metadata = metadata || '{"erased": true}'
where organization_id = %(organization_id)s and id = any (%(ids)s) and role = 'assistant';

-- select_answers_since: these answers, and those that came after them in their conversations.
select distinct later.id from conversations.messages given
join conversations.messages later on later.organization_id = %(organization_id)s
    and later.session_id = given.session_id and later.created_at >= given.created_at
where given.organization_id = %(organization_id)s and given.id = any (%(ids)s) and later.role = 'assistant'
order by later.id;

-- have_erased: whether the words of one of these messages were taken away.
select exists (
    select from conversations.messages
    where organization_id = %(organization_id)s and id = any (%(ids)s) and metadata ? 'erased');
