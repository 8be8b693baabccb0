-- ask_for: let the background agents of a chatbot work on a session; a task that waits already serves.
insert into conversations.background_tasks (organization_id, session_id, agent_id)
select a.organization_id, %(session_id)s, a.id from bots.agents a
where a.organization_id = %(organization_id)s and a.chatbot_id = %(chatbot_id)s and a.type = 'background'
  and a.is_active and a.deleted_at is null
on conflict (organization_id, session_id, agent_id) where status = 'waiting' do nothing;

-- claim: a task that is due, taken for a while by whoever asks first. Chosen once, not for each row that a join may meet.
with due as materialized (
    select w.id from conversations.background_tasks w
    where w.organization_id = %(organization_id)s and w.status = 'waiting' and w.next_attempt_at <= clock_timestamp()
    order by w.next_attempt_at, w.id
    limit 1
    for update skip locked
)
update conversations.background_tasks t
set attempts = t.attempts + 1, next_attempt_at = clock_timestamp() + %(seconds)s * interval '1 second'
from due
where t.organization_id = %(organization_id)s and t.id = due.id
returning t.id, t.session_id, t.agent_id, t.attempts;

-- finish: a task that has ended, unless somebody else has taken it meanwhile.
update conversations.background_tasks
set status = %(status)s, failure = %(failure)s, done_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and status = 'waiting' and attempts = %(attempts)s;

-- postpone: a task that did not work, and is tried again later.
update conversations.background_tasks
set failure = %(failure)s, next_attempt_at = clock_timestamp() + %(seconds)s * interval '1 second'
where organization_id = %(organization_id)s and id = %(id)s and status = 'waiting' and attempts = %(attempts)s;

-- select_for_session: what background agents did and are to do for a session, the newest first.
select t.id, t.session_id, t.agent_id, a.name as agent, t.status, t.attempts, t.failure, t.created_at, t.done_at
from conversations.background_tasks t
join bots.agents a on a.organization_id = %(organization_id)s and a.id = t.agent_id
where t.organization_id = %(organization_id)s and t.session_id = %(session_id)s
order by t.created_at desc, t.id
limit %(at_most)s;

-- select_organizations: the organizations with tasks that are due (any organization).
select organization_id from conversations.organizations_with_tasks();
