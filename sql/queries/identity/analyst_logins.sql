-- create: a login for somebody else's tool.
insert into identity.analyst_logins (organization_id, name) values (%(organization_id)s, %(name)s)
returning id, name, created_at;

-- select_all: an organization's logins by name.
select id, name, created_at from identity.analyst_logins where organization_id = %(organization_id)s order by name;

-- get: one by its name.
select id, name, created_at from identity.analyst_logins
where organization_id = %(organization_id)s and name = %(name)s;

-- remove: it is bound to nothing any more.
delete from identity.analyst_logins where organization_id = %(organization_id)s and id = %(id)s;
