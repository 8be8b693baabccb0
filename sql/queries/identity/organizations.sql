-- create: an organization under the id that its transaction already names.
insert into identity.organizations (id, slug, name)
values (%(organization_id)s, %(slug)s, %(name)s)
returning id, slug, name;

-- get: the organization of this transaction.
select id, slug, name from identity.organizations where id = %(organization_id)s;

-- select_all: the organizations there are, by slug (any organization).
select id, slug, name from identity.organization_directory();

-- find_by_slug: the organization that bears a slug (any organization).
select id, slug, name from identity.organization_directory() where slug = %(slug)s;

-- remove: an organization, and everything that is its own.
delete from identity.organizations
where id = %(organization_id)s;

-- set_name: how an organization is called.
update identity.organizations set name = %(name)s
where id = %(organization_id)s
returning id, slug, name;
