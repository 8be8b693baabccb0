-- get: a document that is not deleted.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at,
    address, source_title
from knowledge.documents
where organization_id = %(organization_id)s and id = %(id)s and soft_deleted_at is null

-- find_by_path: the document of a path, deleted or not.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at,
    address, source_title
from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and file_path = %(file_path)s

-- select_of_source: the documents of a source that are not deleted, by path.
select id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id, soft_deleted_at,
    address, source_title
from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
order by file_path

-- select_ids_of_source: the documents of a source that are not deleted.
select id from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
order by id

-- select_known: a page of what is known of a source's items, deleted ones too, by path; members are not listed by it.
select d.id, d.file_path, d.file_size, d.modified_ns, d.revision, d.soft_deleted_at is not null as is_deleted,
       coalesce(f.stage = 'fetching', false) as is_failing, coalesce(f.state = 'ignored', false) as is_ignored,
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

-- select_shown: the items of a source that readers see; members of containers go with those.
select id from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null
  and parent_id is null and current_version_id is not null

-- place: the row of a path, made where it is missing, and locked until the transaction ends. An item goes before a member.
insert into knowledge.documents (organization_id, data_source_id, title, original_filename, file_path, file_size)
values (%(organization_id)s, %(data_source_id)s, %(original_filename)s, %(original_filename)s, %(file_path)s,
        %(file_size)s)
on conflict (organization_id, data_source_id, file_path) do update set file_path = excluded.file_path, parent_id = null
returning id, data_source_id, title, file_path, file_size, mime_type, language, status, current_version_id,
    soft_deleted_at, address, source_title

-- lock: these documents, as far as they are not deleted, are nobody else's to change; all writers lock them by path.
select id from knowledge.documents
where organization_id = %(organization_id)s and id = any (%(ids)s) and soft_deleted_at is null
order by data_source_id, file_path
for update

-- set_seen: the item is as it was; only what surrounds its content was looked at again.
update knowledge.documents
set file_size = %(file_size)s, modified_ns = %(modified_ns)s, revision = %(revision)s, address = %(address)s,
    source_metadata = %(source_metadata)s
where organization_id = %(organization_id)s and id = %(id)s

-- set_fetched: the item has new bytes, or is back; what was ready before stays ready until these are.
update knowledge.documents
set file_size = %(file_size)s, modified_ns = %(modified_ns)s, revision = %(revision)s, address = %(address)s,
    source_title = %(source_title)s, source_metadata = %(source_metadata)s, mime_type = %(mime_type)s,
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

-- remark: what a person should know of a document that is well otherwise.
update knowledge.documents
set processing_log = jsonb_path_query_array(processing_log, '$[last - 48 to last]')
        || jsonb_build_object('at', clock_timestamp(), 'stage', %(stage)s::text, 'outcome', %(outcome)s::text,
                              'reason', %(reason)s::text)
where organization_id = %(organization_id)s and id = %(id)s

-- set_unread: what could not be read keeps its size and time, so that it is read again only when it changed or is due.
update knowledge.documents
set file_size = %(file_size)s, modified_ns = %(modified_ns)s, revision = %(revision)s, address = %(address)s,
    soft_deleted_at = null, soft_deleted_reason = null,
    expires_at = case when soft_deleted_at is null then expires_at end
where organization_id = %(organization_id)s and id = %(id)s

-- forget_time: read the item again at the next sync, whatever its time and revision say.
update knowledge.documents set modified_ns = null, revision = null
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

-- place_member: the document of a member; nothing where its path belongs to somebody else's.
insert into knowledge.documents
    (organization_id, data_source_id, parent_id, title, original_filename, file_path, file_size, mime_type, file_type_id,
     revision, address)
values
    (%(organization_id)s, %(data_source_id)s, %(parent_id)s, %(original_filename)s, %(original_filename)s, %(file_path)s,
     %(file_size)s, %(mime_type)s, %(file_type_id)s, %(revision)s, %(address)s)
on conflict (organization_id, data_source_id, file_path) do update
set parent_id = excluded.parent_id, file_size = excluded.file_size, revision = excluded.revision,
    address = excluded.address, mime_type = coalesce(excluded.mime_type, documents.mime_type),
    file_type_id = coalesce(excluded.file_type_id, documents.file_type_id),
    soft_deleted_at = null, soft_deleted_reason = null,
    expires_at = case when documents.soft_deleted_at is null then documents.expires_at end,
    status = case when documents.current_version_id is null then 'pending' else 'ready' end
where documents.parent_id = excluded.parent_id or documents.soft_deleted_at is not null
returning id

-- set_members_seen: these members are in their container's new bytes as they were in the old ones.
update knowledge.documents set revision = %(revision)s
where organization_id = %(organization_id)s and id = any (%(ids)s)

-- move_member: a member has another name in its container, unless that name was taken once.
update knowledge.documents m set file_path = %(file_path)s, original_filename = %(original_filename)s
where m.organization_id = %(organization_id)s and m.id = %(id)s
  and not exists (
      select from knowledge.documents other
      where other.organization_id = %(organization_id)s and other.data_source_id = m.data_source_id
        and other.file_path = %(file_path)s)

-- move_members: what stands in a container that has another path has one, too, unless that was taken once.
update knowledge.documents m set file_path = %(path)s || substr(m.file_path, length(%(former_path)s) + 1)
where m.organization_id = %(organization_id)s and m.data_source_id = %(data_source_id)s and m.parent_id is not null
  and starts_with(m.file_path, %(former_path)s || %(between)s)
  and not exists (
      select from knowledge.documents other
      where other.organization_id = %(organization_id)s and other.data_source_id = %(data_source_id)s
        and other.file_path = %(path)s || substr(m.file_path, length(%(former_path)s) + 1))

-- set_unpacked: the members of these containers are those of these bytes.
update knowledge.documents d set unpacked_checksum = u.checksum
from unnest(%(ids)s::uuid[], %(checksums)s::text[]) u (id, checksum)
where d.organization_id = %(organization_id)s and d.id = u.id and d.soft_deleted_at is null

-- select_moves: documents that vanished, each with one that readers never saw and that has its bytes, in pairs by path.
with gone as (
    select d.id, d.file_path, d.file_type_id, d.source_title, v.checksum,
           row_number() over (
               partition by v.checksum, d.file_type_id, d.source_title order by d.file_path) as place
    from knowledge.documents d
    cross join lateral (
        select n.checksum from knowledge.document_versions n
        where n.organization_id = %(organization_id)s and n.document_id = d.id
        order by n.number desc
        limit 1
    ) v
    where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
      and d.id = any (%(ids)s) and d.soft_deleted_at is null and d.current_version_id is not null
), arrived as (
    select d.id, d.file_path, d.file_type_id, d.source_title, v.checksum, v.created_at,
           row_number() over (
               partition by v.checksum, d.file_type_id, d.source_title order by d.file_path) as place
    from knowledge.documents d
    join knowledge.document_versions v
        on v.organization_id = %(organization_id)s and v.document_id = d.id and v.number = 1
    where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
      and d.soft_deleted_at is null and d.current_version_id is null and d.parent_id is null
      and v.valid_from is null
      and not exists (
          select from knowledge.document_versions later
          where later.organization_id = %(organization_id)s and later.document_id = d.id and later.number > 1)
      and not exists (
          select from knowledge.documents member
          where member.organization_id = %(organization_id)s and member.parent_id = d.id)
      and not d.id = any (%(ids)s)
)
select gone.id, gone.file_path as former_path, arrived.id as arrived_id, arrived.file_path as path,
       arrived.created_at >= %(since)s as is_new
from gone
join arrived
    on arrived.checksum = gone.checksum and arrived.place = gone.place
   and arrived.file_type_id is not distinct from gone.file_type_id
   and arrived.source_title is not distinct from gone.source_title
order by gone.file_path

-- move: a document takes the place of another one, which readers never saw and which is no more.
with arrived as (
    delete from knowledge.documents
    where organization_id = %(organization_id)s and id = %(arrived_id)s and current_version_id is null
    returning file_path, original_filename, file_size, modified_ns, revision, address, source_metadata, mime_type
)
update knowledge.documents d
set file_path = arrived.file_path, original_filename = arrived.original_filename, file_size = arrived.file_size,
    modified_ns = arrived.modified_ns, revision = arrived.revision, address = arrived.address,
    source_metadata = arrived.source_metadata, mime_type = arrived.mime_type,
    title = case when d.title = d.original_filename then arrived.original_filename else d.title end,
    processing_log = jsonb_path_query_array(d.processing_log, '$[last - 48 to last]')
        || jsonb_build_object('at', clock_timestamp(), 'stage', 'fetching', 'outcome', 'moved', 'from', d.file_path)
from arrived
where d.organization_id = %(organization_id)s and d.id = %(id)s

-- forget_unpacked: what stands in these containers is looked at anew.
update knowledge.documents set unpacked_checksum = ''
where organization_id = %(organization_id)s and id = any (%(ids)s) and unpacked_checksum is not null

-- forget_members_seen: whether these containers still hold their members is not known.
update knowledge.documents set revision = ''
where organization_id = %(organization_id)s and parent_id = any (%(ids)s)
