-- select_expiring: documents whose time is over: by their own date, or so many days after their content last changed.
select d.id, d.data_source_id, 'document' as what, s.name || '/' || d.file_path as label, due.rule, due.due_at,
       hold.name as held_by
from knowledge.documents d
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
left join identity.knowledge_settings k
    on k.organization_id = %(organization_id)s and k.user_id = coalesce(d.user_id, s.user_id)
left join identity.retention_settings r on r.organization_id = %(organization_id)s
cross join lateral (
    select case when d.expires_at is not null then 'its own date'
                when s.retention_days is not null then 'its source keeps documents for ' || s.retention_days || ' days'
                when k.document_retention_days is not null
                    then 'its owner keeps documents for ' || k.document_retention_days || ' days'
                else 'the organization keeps documents for ' || r.document_days || ' days' end as rule,
           coalesce(d.expires_at, (
               select max(v.created_at) from knowledge.document_versions v
               where v.organization_id = %(organization_id)s and v.document_id = d.id)
               + make_interval(days => coalesce(s.retention_days, k.document_retention_days, r.document_days)))
               as due_at
) due
left join lateral (
    select h.name from knowledge.legal_holds h
    where h.organization_id = %(organization_id)s and h.released_at is null
      and (h.document_id = d.id or h.data_source_id = d.data_source_id)
    order by h.created_at, h.name, h.id
    limit 1
) hold on true
where d.organization_id = %(organization_id)s and d.soft_deleted_at is null and s.deleted_at is null
  and (d.expires_at is not null or coalesce(s.retention_days, k.document_retention_days, r.document_days) is not null)
  and due.due_at <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
  and (%(even_held)s or hold.name is null)
order by due.due_at, d.id
limit %(at_most)s;

-- select_purgeable: documents that are deleted, and whose time of grace is over.
select d.id, d.data_source_id, 'document' as what, s.name || '/' || d.file_path as label,
       coalesce(d.soft_deleted_reason, 'deleted') || ', then kept for '
           || coalesce(r.grace_days, %(grace_days)s) || ' days' as rule,
       d.soft_deleted_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s)) as due_at,
       hold.name as held_by
from knowledge.documents d
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
left join identity.retention_settings r on r.organization_id = %(organization_id)s
left join lateral (
    select h.name from knowledge.legal_holds h
    where h.organization_id = %(organization_id)s and h.released_at is null
      and (h.document_id = d.id or h.data_source_id = d.data_source_id or h.document_id in (
          select m.id from knowledge.documents m
          where m.organization_id = %(organization_id)s and m.parent_id = d.id))
    order by h.created_at, h.name, h.id
    limit 1
) hold on true
where d.organization_id = %(organization_id)s and d.soft_deleted_at is not null
  and d.soft_deleted_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s))
      <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
  and (%(even_held)s or hold.name is null)
order by d.soft_deleted_at, d.id
limit %(at_most)s;

-- select_old_versions: versions that were replaced so many days ago, or never were read, of documents that are there.
select v.id, d.data_source_id, 'version' as what, s.name || '/' || d.file_path || ' version ' || v.number as label,
       'former versions are kept for ' || r.version_days || ' days' as rule,
       coalesce(v.valid_to, v.created_at) + make_interval(days => r.version_days) as due_at, hold.name as held_by
from knowledge.document_versions v
join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = v.document_id
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
join identity.retention_settings r on r.organization_id = %(organization_id)s
left join lateral (
    select h.name from knowledge.legal_holds h
    where h.organization_id = %(organization_id)s and h.released_at is null
      and (h.document_id = d.id or h.data_source_id = d.data_source_id)
    order by h.created_at, h.name, h.id
    limit 1
) hold on true
where v.organization_id = %(organization_id)s and d.soft_deleted_at is null
  and v.id is distinct from d.current_version_id
  and (v.valid_to is not null or v.valid_from is null)
  and coalesce(v.valid_to, v.created_at) + make_interval(days => r.version_days)
      <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
  and v.number < (
      select max(n.number) from knowledge.document_versions n
      where n.organization_id = %(organization_id)s and n.document_id = v.document_id)
  and (%(even_held)s or hold.name is null)
order by v.created_at, v.id
limit %(at_most)s;

-- select_ended_sources: removed sources of which no document is left, after their time of grace.
select s.id, s.id as data_source_id, 'source' as what, s.name as label,
       'removed, then kept for ' || coalesce(r.grace_days, %(grace_days)s) || ' days' as rule,
       s.deleted_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s)) as due_at, hold.name as held_by
from knowledge.data_sources s
left join identity.retention_settings r on r.organization_id = %(organization_id)s
left join lateral (
    select h.name from knowledge.legal_holds h
    where h.organization_id = %(organization_id)s and h.released_at is null and h.data_source_id = s.id
    order by h.created_at, h.name, h.id
    limit 1
) hold on true
where s.organization_id = %(organization_id)s and s.deleted_at is not null
  and s.deleted_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s))
      <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
  and not exists (
      select from knowledge.documents d
      where d.organization_id = %(organization_id)s and d.data_source_id = s.id)
  and (%(even_held)s or hold.name is null)
order by s.deleted_at, s.id
limit %(at_most)s;

-- select_old_jobs: syncs that ended so many days ago; the latest of each source stays.
select j.id, j.data_source_id, 'sync' as what, s.name as label,
       'the history of syncs is kept for ' || coalesce(r.history_days, %(history_days)s) || ' days' as rule,
       coalesce(j.completed_at, j.created_at) + make_interval(days => coalesce(r.history_days, %(history_days)s))
           as due_at, null as held_by
from knowledge.training_jobs j
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = j.data_source_id
left join identity.retention_settings r on r.organization_id = %(organization_id)s
where j.organization_id = %(organization_id)s and j.status not in ('queued', 'processing')
  and coalesce(j.completed_at, j.created_at) + make_interval(days => coalesce(r.history_days, %(history_days)s))
      <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
  and exists (
      select from knowledge.training_jobs later
      where later.organization_id = %(organization_id)s and later.data_source_id = j.data_source_id
        and (later.created_at, later.id) > (j.created_at, j.id))
order by j.created_at, j.id
limit %(at_most)s;

-- select_family: these documents, the members of those that are containers, and theirs.
with recursive family (id) as (
    select unnest(%(ids)s::uuid[])
    union
    select d.id
    from family
    join knowledge.documents d on d.organization_id = %(organization_id)s and d.parent_id = family.id
)
select id from family;

-- select_copies: other documents of the same source that say now, byte for byte, what this one says.
select d.id
from knowledge.documents d
join knowledge.document_versions v on v.organization_id = %(organization_id)s and v.document_id = d.id
where d.organization_id = %(organization_id)s and d.id <> %(id)s
  and d.data_source_id = (
      select o.data_source_id from knowledge.documents o
      where o.organization_id = %(organization_id)s and o.id = %(id)s)
  and (v.id = d.current_version_id or v.number = (
      select max(n.number) from knowledge.document_versions n
      where n.organization_id = %(organization_id)s and n.document_id = d.id))
  and v.checksum in (
      select mine.checksum
      from knowledge.document_versions mine
      join knowledge.documents o on o.organization_id = %(organization_id)s and o.id = mine.document_id
      where mine.organization_id = %(organization_id)s and mine.document_id = %(id)s
        and (mine.id = o.current_version_id or mine.number = (
            select max(n.number) from knowledge.document_versions n
            where n.organization_id = %(organization_id)s and n.document_id = o.id)))
group by d.id
order by d.id;

-- select_buried: what tombstones must know of these documents, and how much hangs on each.
select d.id, d.data_source_id, d.file_path, d.file_size, d.modified_ns, d.revision,
       array(
           select distinct v.checksum from knowledge.document_versions v
           where v.organization_id = %(organization_id)s and v.document_id = d.id
             and (v.id = d.current_version_id or v.number = (
                 select max(n.number) from knowledge.document_versions n
                 where n.organization_id = %(organization_id)s and n.document_id = d.id))) as checksums,
       (select count(*)::integer from knowledge.document_versions v
        where v.organization_id = %(organization_id)s and v.document_id = d.id) as versions,
       (select count(*)::integer from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.document_id = d.id) as chunks
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.id = any (%(ids)s)
order by d.data_source_id, d.file_path;

-- select_checksums: the stored bytes that these documents name.
select distinct checksum
from knowledge.document_versions
where organization_id = %(organization_id)s and document_id = any (%(ids)s)
order by checksum;

-- find_container: the path of the container that a document is a member of.
select c.file_path
from knowledge.documents d
join knowledge.documents c on c.organization_id = %(organization_id)s and c.id = d.parent_id
where d.organization_id = %(organization_id)s and d.id = %(id)s;
