-- create: a user of the organization.
insert into identity.users
    (organization_id, username, email, first_name, last_name, is_staff, is_superuser, created_by)
values (%(organization_id)s, %(username)s, %(email)s, %(first_name)s, %(last_name)s, %(is_staff)s, %(is_superuser)s,
        %(created_by)s)
returning id, username, email, first_name, last_name, is_active, is_staff, is_superuser, created_by, last_login_at,
    created_at, updated_at;

-- get: a user by id.
select id, username, email, first_name, last_name, is_active, is_staff, is_superuser, created_by, last_login_at,
    created_at, updated_at
from identity.users
where organization_id = %(organization_id)s and id = %(id)s;

-- find_by_username: a user by the name they go by.
select id, username, email, first_name, last_name, is_active, is_staff, is_superuser, created_by, last_login_at,
    created_at, updated_at
from identity.users
where organization_id = %(organization_id)s and username = %(username)s;

-- select_all: the users of the organization, by name.
select id, username, email, first_name, last_name, is_active, is_staff, is_superuser, created_by, last_login_at,
    created_at, updated_at
from identity.users
where organization_id = %(organization_id)s
order by username;

-- remove: a user is no more, nor are their keys, settings and memberships.
delete from identity.users
where organization_id = %(organization_id)s and id = %(id)s;

-- set_signed_in: the user came in just now.
update identity.users set last_login_at = now()
where organization_id = %(organization_id)s and id = %(id)s;

-- set: who a user is, and whether they may come in.
update identity.users
set username = %(username)s, email = %(email)s, first_name = %(first_name)s, last_name = %(last_name)s,
    is_active = %(is_active)s, is_staff = %(is_staff)s, is_superuser = %(is_superuser)s
where organization_id = %(organization_id)s and id = %(id)s
returning id, username, email, first_name, last_name, is_active, is_staff, is_superuser, created_by, last_login_at,
    created_at, updated_at;
