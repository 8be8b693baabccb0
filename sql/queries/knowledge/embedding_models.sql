-- register: the row of a model, made where it is missing.
insert into knowledge.embedding_models (organization_id, name, version, dimension)
values (%(organization_id)s, %(name)s, %(version)s, %(dimension)s)
on conflict (organization_id, name, version) do update set name = excluded.name
returning id, name, version, dimension

-- get: a model by its id.
select id, name, version, dimension from knowledge.embedding_models
where organization_id = %(organization_id)s and id = %(id)s

-- find: a model by its name and version.
select id, name, version, dimension from knowledge.embedding_models
where organization_id = %(organization_id)s and name = %(name)s and version = %(version)s

-- select_all: the models of an organization, the newest first.
select id, name, version, dimension from knowledge.embedding_models
where organization_id = %(organization_id)s
order by created_at desc, name
