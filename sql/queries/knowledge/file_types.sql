-- create: a kind of file, unless its name is taken.
insert into knowledge.file_types (organization_id, name, category, mime_types, extensions, parsers)
values (%(organization_id)s, %(name)s, %(category)s, %(mime_types)s, %(extensions)s, %(parsers)s)
on conflict (organization_id, name) do nothing

-- select_active: the kinds of file that are read; the newest first, so that an organization's own win.
select id, name, category, mime_types, extensions, parsers
from knowledge.file_types
where organization_id = %(organization_id)s and is_active
order by created_at desc, name

-- count: how many of these kinds of file there are, read or not.
select count(*) from knowledge.file_types where organization_id = %(organization_id)s and name = any (%(names)s)

-- select_all: the kinds of file by name, read or not, and how many documents of each there are.
select t.id, t.name, t.category, t.mime_types, t.extensions, t.parsers, t.is_active,
       t.embedding_models, t.created_at, t.updated_at,
       (select count(*) from knowledge.documents d
        where d.organization_id = %(organization_id)s and d.file_type_id = t.id and d.soft_deleted_at is null) as documents
from knowledge.file_types t
where t.organization_id = %(organization_id)s
order by t.name

-- put: a kind of file as it is known from now on.
insert into knowledge.file_types (organization_id, name, category, mime_types, extensions, parsers)
values (%(organization_id)s, %(name)s, %(category)s, %(mime_types)s, %(extensions)s, %(parsers)s)
on conflict (organization_id, name) do update set extensions = excluded.extensions, parsers = excluded.parsers
returning id, name, category, mime_types, extensions, parsers

-- describe: what a kind of file is, and whether it is read; what is null stays as it is.
update knowledge.file_types
set category = coalesce(%(category)s, category), mime_types = coalesce(%(mime_types)s::text[], mime_types),
    embedding_models = coalesce(%(embedding_models)s::text[], embedding_models),
    is_active = coalesce(%(is_active)s, is_active)
where organization_id = %(organization_id)s and id = %(id)s

-- hold: a kind of file, which nothing new is bound to until the transaction ends.
select id from knowledge.file_types where organization_id = %(organization_id)s and id = %(id)s for update

-- remove: a kind of file that no document is of.
delete from knowledge.file_types t
where t.organization_id = %(organization_id)s and t.id = %(id)s
  and not exists (select from knowledge.documents d
                  where d.organization_id = %(organization_id)s and d.file_type_id = t.id and d.soft_deleted_at is null)
