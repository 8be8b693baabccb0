-- select_departing: the newest bytes of documents that readers see and their source lists no more.
select d.id, d.file_type_id, d.source_title, v.checksum
from knowledge.documents d
cross join lateral (
    select n.checksum from knowledge.document_versions n
    where n.organization_id = %(organization_id)s and n.document_id = d.id
    order by n.number desc
    limit 1
) v
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.id = any (%(ids)s) and d.soft_deleted_at is null and d.current_version_id is not null

-- select_members: the bytes of the members that a container has.
select m.file_path,
       (select n.checksum from knowledge.document_versions n
        where n.organization_id = %(organization_id)s and n.document_id = m.id
        order by n.number desc
        limit 1) as checksum
from knowledge.documents m
join knowledge.documents c on c.organization_id = m.organization_id and c.id = m.parent_id
where m.organization_id = %(organization_id)s and m.data_source_id = %(data_source_id)s
  and c.file_path = %(file_path)s and m.soft_deleted_at is null
