-- place: a document, or all of a source, may not go.
insert into knowledge.legal_holds (organization_id, name, reason, data_source_id, document_id, placed_by)
values (%(organization_id)s, %(name)s, %(reason)s, %(data_source_id)s, %(document_id)s, %(placed_by)s)
returning id;

-- release_one: what one hold kept may go again.
update knowledge.legal_holds set released_at = clock_timestamp(), released_by = %(released_by)s
where organization_id = %(organization_id)s and id = %(id)s and released_at is null;

-- release: what was held by a name may go again.
update knowledge.legal_holds set released_at = clock_timestamp(), released_by = %(released_by)s
where organization_id = %(organization_id)s and name = %(name)s and released_at is null;

-- select_all: the holds, those in force first.
select h.id, h.name, h.reason, h.data_source_id, h.document_id, s.name as source_name, d.file_path, h.placed_by,
       h.released_by, h.released_at, h.created_at
from knowledge.legal_holds h
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = h.document_id
left join knowledge.data_sources s
    on s.organization_id = %(organization_id)s and s.id = coalesce(h.data_source_id, d.data_source_id)
where h.organization_id = %(organization_id)s
order by h.released_at desc nulls first, h.created_at desc, h.name, h.id;

-- find_of_documents: a hold in force on one of these documents, or on its source.
select h.id, h.name, h.reason, h.data_source_id, h.document_id, s.name as source_name, d.file_path, h.placed_by,
       h.released_by, h.released_at, h.created_at
from knowledge.documents d
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
join knowledge.legal_holds h
    on h.organization_id = %(organization_id)s and h.released_at is null
   and (h.document_id = d.id or h.data_source_id = d.data_source_id)
where d.organization_id = %(organization_id)s and d.id = any (%(document_ids)s)
order by h.created_at, h.name, h.id
limit 1;

-- find_of_source: a hold in force on a source or on a document of it.
select h.id, h.name, h.reason, h.data_source_id, h.document_id, s.name as source_name, d.file_path, h.placed_by,
       h.released_by, h.released_at, h.created_at
from knowledge.legal_holds h
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = h.document_id
join knowledge.data_sources s
    on s.organization_id = %(organization_id)s and s.id = coalesce(h.data_source_id, d.data_source_id)
where h.organization_id = %(organization_id)s and h.released_at is null and s.id = %(data_source_id)s
order by h.created_at, h.name, h.id
limit 1;

-- select_held: of these documents, those that are on hold, or whose source is.
select d.id
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.id = any (%(document_ids)s)
  and exists (
      select from knowledge.legal_holds h
      where h.organization_id = %(organization_id)s and h.released_at is null
        and (h.document_id = d.id or h.data_source_id = d.data_source_id));
