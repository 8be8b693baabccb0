-- create: a label.
insert into knowledge.tags (organization_id, name, description)
values (%(organization_id)s, %(name)s, %(description)s)
returning id, name, description, created_at, updated_at

-- find_by_name: the label of a name.
select id, name, description, created_at, updated_at from knowledge.tags
where organization_id = %(organization_id)s and name = %(name)s and deleted_at is null

-- select_all: the labels of an organization by name.
select id, name, description, created_at, updated_at from knowledge.tags
where organization_id = %(organization_id)s and deleted_at is null
order by name

-- select_of_source: the labels that a source bears, by name.
select t.id, t.name, t.description, t.created_at, t.updated_at
from knowledge.tags t
join knowledge.data_source_tags st on st.organization_id = t.organization_id and st.tag_id = t.id
where t.organization_id = %(organization_id)s and st.data_source_id = %(data_source_id)s and t.deleted_at is null
order by t.name

-- attach: a source bears a label from now on.
insert into knowledge.data_source_tags (organization_id, data_source_id, tag_id)
values (%(organization_id)s, %(data_source_id)s, %(tag_id)s)
on conflict do nothing

-- detach: a source bears a label no more.
delete from knowledge.data_source_tags
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and tag_id = %(tag_id)s

-- remove: nobody sees a label any more; its name is free.
update knowledge.tags set deleted_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- set: how a label is called, and what it means.
update knowledge.tags set name = %(name)s, description = %(description)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
returning id, name, description, created_at, updated_at

-- detach_all: a source bears no label.
delete from knowledge.data_source_tags
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
