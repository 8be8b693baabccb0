-- create: a browser in which somebody signed in.
insert into identity.browser_sessions (organization_id, id, user_id, digest, browser, expires_at)
values (%(organization_id)s, %(id)s, %(user_id)s, %(digest)s, %(browser)s, clock_timestamp() + %(lasts)s);

-- holder: who is signed in, as what, and the digest to compare with (any organization).
select organization_id, id, user_id, name, digest, role, rate_limit_per_hour, rate_limit_per_day
from identity.browser_session_holder(%(id)s);

-- touch: remember that it was used, at most once a minute.
update identity.browser_sessions set last_used_at = now()
where organization_id = %(organization_id)s and id = %(id)s
  and (last_used_at is null or last_used_at < now() - interval '1 minute');

-- end: sign out.
update identity.browser_sessions set ended_at = coalesce(ended_at, now())
where organization_id = %(organization_id)s and id = %(id)s;

-- end_of_user: sign a person out everywhere.
update identity.browser_sessions set ended_at = now()
where organization_id = %(organization_id)s and user_id = %(user_id)s and ended_at is null;

-- select_open: the browsers in which a person is signed in, the newest first.
select id, browser, created_at, last_used_at, expires_at
from identity.browser_sessions
where organization_id = %(organization_id)s and user_id = %(user_id)s and ended_at is null and expires_at > now()
order by created_at desc, id;

-- remove_over: sessions that ended some days ago.
delete from identity.browser_sessions
where organization_id = %(organization_id)s and least(expires_at, ended_at) < now() - interval '30 days';
