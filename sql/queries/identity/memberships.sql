-- set_role: give a user a role, in place of any they had.
insert into identity.memberships (organization_id, user_id, role)
values (%(organization_id)s, %(user_id)s, %(role)s)
on conflict (organization_id, user_id) do update set role = excluded.role
returning user_id, role;

-- find: the membership of a user.
select user_id, role from identity.memberships
where organization_id = %(organization_id)s and user_id = %(user_id)s;

-- select_all: the memberships of the organization, the oldest first.
select user_id, role from identity.memberships
where organization_id = %(organization_id)s
order by created_at, user_id;

-- remove: take a user's role away.
delete from identity.memberships where organization_id = %(organization_id)s and user_id = %(user_id)s;
