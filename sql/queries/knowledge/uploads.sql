-- put: a document was pushed, or pushed again. Nothing is returned where it was there just so.
insert into knowledge.uploads as u
    (organization_id, data_source_id, path, checksum, file_size, media_type, title, address, metadata, user_id)
values
    (%(organization_id)s, %(data_source_id)s, %(path)s, %(checksum)s, %(file_size)s, %(media_type)s, %(title)s,
     %(address)s, %(metadata)s, %(user_id)s)
on conflict (organization_id, data_source_id, path) do update
set checksum = excluded.checksum, file_size = excluded.file_size, media_type = excluded.media_type,
    title = excluded.title, address = excluded.address, metadata = excluded.metadata, user_id = excluded.user_id
where (u.checksum, u.media_type, u.title, u.address, u.metadata)
    is distinct from (excluded.checksum, excluded.media_type, excluded.title, excluded.address, excluded.metadata)
returning xmax = 0 as is_new;

-- find: what was pushed under a path.
select id, data_source_id, path, checksum, file_size, media_type, title, address, metadata, updated_at
from knowledge.uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path = %(path)s;

-- select_page: what was pushed into a source, by path.
select id, data_source_id, path, checksum, file_size, media_type, title, address, metadata, updated_at
from knowledge.uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path > %(after)s
order by path
limit %(at_most)s;

-- remove: what was pushed under a path is not wanted any more.
delete from knowledge.uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path = %(path)s;

-- erase: what was pushed and is no more; where a checksum is named, only what still says just that.
delete from knowledge.uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path = %(path)s
  and (%(checksum)s::text is null or checksum = %(checksum)s)
returning checksum;

-- select_present: of these paths those that something is pushed under, which nobody takes back until this transaction ends.
select path from knowledge.uploads
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and path = any (%(paths)s::text[])
order by path
for share;

-- find_hold_on_only_copy: the hold that keeps what is pushed under a path and says something else, while no version says it.
select h.name
from knowledge.uploads u
left join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.data_source_id = u.data_source_id and d.file_path = u.path
join knowledge.legal_holds h
    on h.organization_id = %(organization_id)s and h.released_at is null
   and (h.data_source_id = u.data_source_id or h.document_id = d.id)
where u.organization_id = %(organization_id)s and u.data_source_id = %(data_source_id)s and u.path = %(path)s
  and u.checksum is distinct from %(checksum)s
  and not exists (
      select from knowledge.document_versions v
      where v.organization_id = %(organization_id)s and v.document_id = d.id and v.checksum = u.checksum)
order by h.created_at, h.name, h.id
limit 1;
