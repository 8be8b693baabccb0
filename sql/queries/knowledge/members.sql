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
