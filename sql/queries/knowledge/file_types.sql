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
