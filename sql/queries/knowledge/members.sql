-- select_waiting: a page of containers whose members are not those of their newest bytes, or with one to try again.
-- `depth`: in how many containers it stands itself.
select d.id, d.file_path, d.original_filename, d.file_type_id, d.address, v.id as version_id, v.checksum, v.dagster_run_id,
       (d.parent_id is not null)::integer + (p.parent_id is not null)::integer + (pp.parent_id is not null)::integer as depth
from knowledge.documents d
cross join lateral (
    select n.id, n.checksum, n.status, n.dagster_run_id
    from knowledge.document_versions n
    where n.organization_id = %(organization_id)s and n.document_id = d.id
    order by n.number desc
    limit 1
) v
left join knowledge.documents p on p.organization_id = %(organization_id)s and p.id = d.parent_id
left join knowledge.documents pp on pp.organization_id = %(organization_id)s and pp.id = p.parent_id
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path
where d.organization_id = %(organization_id)s
  and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null
  and (d.file_type_id = any (%(file_type_ids)s) or d.unpacked_checksum is not null)
  and d.file_path > %(after)s
  and coalesce(f.stage not in ('parsing', 'chunking')
               or (f.state = 'retrying' and f.next_attempt_at <= clock_timestamp()),
               v.status <> 'failed' or d.unpacked_checksum is distinct from v.checksum)
  and (d.unpacked_checksum is distinct from v.checksum
       or exists (
           select from knowledge.documents m
           join knowledge.sync_failures mf on mf.organization_id = m.organization_id and mf.document_id = m.id
           where m.organization_id = %(organization_id)s and m.parent_id = d.id and m.soft_deleted_at is null
             and mf.stage = 'fetching' and mf.state = 'retrying' and mf.next_attempt_at <= clock_timestamp()))
order by d.file_path
limit %(at_most)s

-- select_of_container: the members that a container has or had, by path.
select m.id, m.file_path, m.soft_deleted_at is not null as is_deleted,
       exists (select from knowledge.sync_failures f
               where f.organization_id = m.organization_id and f.document_id = m.id and f.stage = 'fetching') as is_failing,
       (select n.checksum from knowledge.document_versions n
        where n.organization_id = %(organization_id)s and n.document_id = m.id
        order by n.number desc
        limit 1) as checksum
from knowledge.documents m
where m.organization_id = %(organization_id)s and m.parent_id = %(parent_id)s
order by m.file_path

-- place: the document of a member; nothing where its path belongs to somebody else's.
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

-- set_seen: these members are in their container's new bytes as they were in the old ones.
update knowledge.documents set revision = %(revision)s
where organization_id = %(organization_id)s and id = any (%(ids)s)

-- move: a member has another name in its container, unless that name was taken once.
update knowledge.documents m set file_path = %(file_path)s, original_filename = %(original_filename)s
where m.organization_id = %(organization_id)s and m.id = %(id)s
  and not exists (
      select from knowledge.documents other
      where other.organization_id = %(organization_id)s and other.data_source_id = m.data_source_id
        and other.file_path = %(file_path)s)

-- follow: what stands in a container that has another path has one, too, unless that was taken once.
update knowledge.documents m set file_path = %(path)s || substr(m.file_path, length(%(former_path)s) + 1)
where m.organization_id = %(organization_id)s and m.data_source_id = %(data_source_id)s and m.parent_id is not null
  and starts_with(m.file_path, %(former_path)s || %(between)s)
  and not exists (
      select from knowledge.documents other
      where other.organization_id = %(organization_id)s and other.data_source_id = %(data_source_id)s
        and other.file_path = %(path)s || substr(m.file_path, length(%(former_path)s) + 1))

-- follow_failures: and so do the failures of what stands in it.
update knowledge.sync_failures f set file_path = m.file_path
from knowledge.documents m
where f.organization_id = %(organization_id)s and f.data_source_id = %(data_source_id)s
  and m.organization_id = %(organization_id)s and m.id = f.document_id and m.parent_id is not null
  and starts_with(f.file_path, %(former_path)s || %(between)s) and f.file_path <> m.file_path

-- set_unpacked: the members of these containers are those of these bytes.
update knowledge.documents d set unpacked_checksum = u.checksum
from unnest(%(ids)s::uuid[], %(checksums)s::text[]) u (id, checksum)
where d.organization_id = %(organization_id)s and d.id = u.id and d.soft_deleted_at is null

-- select_gone: members that are not in the bytes of their container that readers see.
select m.id
from knowledge.documents m
join knowledge.documents c on c.organization_id = m.organization_id and c.id = m.parent_id
join knowledge.document_versions v on v.organization_id = c.organization_id and v.id = c.current_version_id
where m.organization_id = %(organization_id)s and m.data_source_id = %(data_source_id)s
  and m.parent_id is not null and m.soft_deleted_at is null
  and c.unpacked_checksum = v.checksum and m.revision is distinct from c.unpacked_checksum
order by m.file_path
limit %(at_most)s

-- count_failing: members that cannot be taken out of their containers, or are of kinds that nothing reads.
select count(*)
from knowledge.sync_failures f
join knowledge.documents m on m.organization_id = f.organization_id and m.id = f.document_id
where f.organization_id = %(organization_id)s and f.data_source_id = %(data_source_id)s
  and f.stage = 'fetching' and f.state <> 'ignored' and m.parent_id is not null and m.soft_deleted_at is null
