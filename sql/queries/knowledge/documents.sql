-- get: a document that is not deleted.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at
from knowledge.documents
where organization_id = %(organization_id)s and id = %(id)s and soft_deleted_at is null

-- find_by_path: the document of a path, deleted or not.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at
from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and file_path = %(file_path)s

-- select_of_source: the documents of a source that are not deleted, by path.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at
from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
order by file_path

-- select_ids_of_source: the documents of a source that are not deleted.
select id from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
order by id

-- select_known: a page of what is known of a source's items, deleted ones too, by path; members are not listed by it.
select d.id, d.file_path, d.file_size, d.modified_ns, d.revision, d.soft_deleted_at is not null as is_deleted,
       coalesce(f.stage = 'fetching', false) as is_failing,
       coalesce(f.stage = 'fetching' and f.state = 'retrying' and f.next_attempt_at <= clock_timestamp(), false) as is_due
from knowledge.documents d
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path
where d.organization_id = %(organization_id)s
  and d.data_source_id = %(data_source_id)s
  and d.parent_id is null
  and d.file_path > %(after)s
order by d.file_path
limit %(at_most)s

-- count_present: the documents of a source that are not deleted, but for members of containers.
select count(*) from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
  and parent_id is null

-- place: the row of a path, made where it is missing, and locked until the transaction ends.
insert into knowledge.documents (organization_id, data_source_id, title, original_filename, file_path, file_size)
values (%(organization_id)s, %(data_source_id)s, %(original_filename)s, %(original_filename)s, %(file_path)s,
        %(file_size)s)
on conflict (organization_id, data_source_id, file_path) do update set file_path = excluded.file_path, parent_id = null
returning id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id,
    soft_deleted_at

-- lock: these documents, as far as they are not deleted, are nobody else's to change; all writers lock them by path.
select id from knowledge.documents
where organization_id = %(organization_id)s and id = any (%(ids)s) and soft_deleted_at is null
order by data_source_id, file_path
for update

-- set_seen: the item is as it was; only its size and time were looked at again.
update knowledge.documents set file_size = %(file_size)s, modified_ns = %(modified_ns)s
where organization_id = %(organization_id)s and id = %(id)s

-- set_fetched: the item has new bytes, or is back; what was ready before stays ready until these are.
update knowledge.documents
set file_size = %(file_size)s, modified_ns = %(modified_ns)s, mime_type = %(mime_type)s,
    file_type_id = %(file_type_id)s, soft_deleted_at = null, soft_deleted_reason = null,
    expires_at = case when soft_deleted_at is null then expires_at end,
    status = case when current_version_id is null then 'pending' else 'ready' end
where organization_id = %(organization_id)s and id = %(id)s

-- set_failed: the item could not be carried through; a document that has a ready version keeps serving it.
update knowledge.documents
set status = case when current_version_id is null then 'failed' else status end,
    processing_log = jsonb_path_query_array(processing_log, '$[last - 48 to last]')
        || jsonb_build_object('at', clock_timestamp(), 'stage', %(stage)s::text, 'outcome', %(outcome)s::text,
                              'reason', %(reason)s::text)
where organization_id = %(organization_id)s and id = %(id)s

-- set_unread: what could not be read keeps its size and time, so that it is read again only when it changed or is due.
update knowledge.documents
set file_size = %(file_size)s, modified_ns = %(modified_ns)s, soft_deleted_at = null, soft_deleted_reason = null,
    expires_at = case when soft_deleted_at is null then expires_at end
where organization_id = %(organization_id)s and id = %(id)s

-- forget_time: read the item again at the next sync, whatever its time says.
update knowledge.documents set modified_ns = null
where organization_id = %(organization_id)s and id = %(id)s

-- publish: readers see these versions from now on.
update knowledge.documents d
set current_version_id = v.id, title = coalesce(v.title, d.original_filename), language = v.language, status = 'ready',
    processing_log = jsonb_path_query_array(d.processing_log, '$[last - 48 to last]')
        || jsonb_build_object('at', clock_timestamp(), 'stage', 'embedding', 'outcome', 'ready', 'version', v.number)
from knowledge.document_versions v
where d.organization_id = %(organization_id)s
  and v.organization_id = %(organization_id)s
  and v.document_id = d.id
  and v.id = any (%(version_ids)s)
  and d.current_version_id is distinct from v.id

-- remove: the items are gone; readers see nothing of them.
update knowledge.documents
set soft_deleted_at = clock_timestamp(), soft_deleted_reason = %(reason)s, current_version_id = null,
    status = 'pending', unpacked_checksum = null
where organization_id = %(organization_id)s and id = any (%(ids)s) and soft_deleted_at is null

-- lock_all: these documents, deleted or not, are nobody else's to change.
select id, soft_deleted_at is not null as is_deleted from knowledge.documents
where organization_id = %(organization_id)s and id = any (%(ids)s)
order by data_source_id, file_path
for update

-- set_expires_at: the day on which a document goes, whatever the rules say; null: as they say.
update knowledge.documents set expires_at = %(expires_at)s
where organization_id = %(organization_id)s and id = %(id)s and soft_deleted_at is null

-- erase: these documents are no more, nor is anything that hangs on them.
delete from knowledge.documents
where organization_id = %(organization_id)s and id = any (%(ids)s)

-- select_with_members: these documents and, of containers among them, all that stands in them and is not deleted.
with recursive family as (
    select id from knowledge.documents where organization_id = %(organization_id)s and id = any (%(ids)s)
    union
    select m.id from knowledge.documents m join family on m.parent_id = family.id
    where m.organization_id = %(organization_id)s and m.soft_deleted_at is null
)
select id from family
