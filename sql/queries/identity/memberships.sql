-- set_role: give a user a role, in place of any they had.
insert into identity.memberships (organization_id, user_id, role)
values (%(organization_id)s, %(user_id)s, %(role)s)
on conflict (organization_id, user_id) do update set role = excluded.role
returning user_id, role, rate_limit_per_hour, rate_limit_per_day;

-- find: the membership of a user.
select user_id, role, rate_limit_per_hour, rate_limit_per_day from identity.memberships
where organization_id = %(organization_id)s and user_id = %(user_id)s;

-- select_all: the memberships of the organization, the oldest first.
select user_id, role, rate_limit_per_hour, rate_limit_per_day from identity.memberships
where organization_id = %(organization_id)s
order by created_at, user_id;

-- remove: take a user's role away.
delete from identity.memberships where organization_id = %(organization_id)s and user_id = %(user_id)s;

-- set_rate_limits: how often a user may ask in an hour and a day; null for as often as they like.
update identity.memberships
set rate_limit_per_hour = %(per_hour)s, rate_limit_per_day = %(per_day)s
where organization_id = %(organization_id)s and user_id = %(user_id)s;

-- select_owners: who owns the organization and may come in; nobody's role changes until the transaction ends.
select m.user_id
from identity.memberships m
join identity.users u on u.organization_id = %(organization_id)s and u.id = m.user_id and u.is_active
where m.organization_id = %(organization_id)s and m.role = 'owner'
order by m.user_id
for update;
