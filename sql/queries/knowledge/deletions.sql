-- lock_open: the batches of a source that somebody may decide about are nobody else's to change.
select id from knowledge.deletion_batches
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
  and status in ('waiting', 'rejected')
order by id
for update

-- select_open: what stands about documents of a source that were missing in former listings.
select h.document_id, b.status
from knowledge.deletions h
join knowledge.deletion_batches b on b.organization_id = %(organization_id)s and b.id = h.deletion_batch_id
where h.organization_id = %(organization_id)s and b.data_source_id = %(data_source_id)s

-- remove: these documents wait no longer.
delete from knowledge.deletions
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s)

-- outdate: the source lists something else by now than when it was asked.
update knowledge.deletion_batches
set status = 'outdated', decided_at = clock_timestamp()
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'waiting'

-- remove_outdated: what is outdated holds nothing.
delete from knowledge.deletions h
using knowledge.deletion_batches b
where h.organization_id = %(organization_id)s and b.organization_id = %(organization_id)s
  and b.id = h.deletion_batch_id and b.data_source_id = %(data_source_id)s and b.status = 'outdated'

-- find_waiting: the batch of a source that waits.
select id from knowledge.deletion_batches
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'waiting'

-- create: a batch that waits for somebody.
insert into knowledge.deletion_batches (organization_id, data_source_id, documents, known)
values (%(organization_id)s, %(data_source_id)s, %(documents)s, %(known)s)
returning id

-- add: the documents of a batch.
insert into knowledge.deletions (organization_id, document_id, deletion_batch_id)
select %(organization_id)s, d.id, %(deletion_batch_id)s
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.id = any (%(document_ids)s)

-- set_documents: how many documents a batch that waits has now.
update knowledge.deletion_batches set documents = %(documents)s
where organization_id = %(organization_id)s and id = %(id)s

-- get: a batch.
select b.id, b.data_source_id, s.name as source_name, b.status, b.documents, b.known, b.decided_by, b.decided_at,
    b.created_at
from knowledge.deletion_batches b
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = b.data_source_id
where b.organization_id = %(organization_id)s and b.id = %(id)s

-- select_all: the batches of a source or of all that are not removed, in some state or any, the latest first; after one.
select b.id, b.data_source_id, s.name as source_name, b.status, b.documents, b.known, b.decided_by, b.decided_at,
    b.created_at
from knowledge.deletion_batches b
join knowledge.data_sources s
    on s.organization_id = %(organization_id)s and s.id = b.data_source_id and s.deleted_at is null
where b.organization_id = %(organization_id)s
  and (%(data_source_id)s::uuid is null or b.data_source_id = %(data_source_id)s)
  and (%(statuses)s::text[] is null or b.status = any (%(statuses)s))
  and (%(after)s::uuid is null or exists (
      select from knowledge.deletion_batches a
      where a.organization_id = %(organization_id)s and a.id = %(after)s
        and case when %(oldest_first)s::boolean then (b.created_at, b.id) > (a.created_at, a.id)
            else (b.created_at, b.id) < (a.created_at, a.id) end))
order by case when %(oldest_first)s::boolean then b.created_at end, case when %(oldest_first)s::boolean then b.id end,
    b.created_at desc, b.id desc
limit %(at_most)s

-- select_documents: a page of the documents of a batch that readers still see, by path.
select h.document_id, d.file_path, d.title
from knowledge.deletions h
join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = h.document_id
where h.organization_id = %(organization_id)s and h.deletion_batch_id = %(deletion_batch_id)s
  and d.soft_deleted_at is null and d.file_path > %(after)s
order by d.file_path
limit %(at_most)s

-- decide: what somebody decided about a batch.
update knowledge.deletion_batches
set status = %(status)s, decided_by = %(decided_by)s, decided_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and status = any (%(from_statuses)s)
