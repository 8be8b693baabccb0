-- select_page: documents of a source by path, with what readers see of each and why they see no more.
select d.id, d.file_path as path, d.title,
       case when d.soft_deleted_at is not null then 'deleted'
            when d.status = 'ready' and f.id is not null then 'outdated'
            else d.status end as state,
       d.mime_type, d.language, d.file_size, d.address, v.number as version, v.valid_from as as_of,
       v.dagster_run_id as run_id,
       (select count(*)::integer from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.document_version_id = d.current_version_id and c.is_active)
           as chunks,
       f.stage, f.outcome, f.reason, f.attempts, f.next_attempt_at, d.expires_at, d.soft_deleted_at as deleted_at
from knowledge.documents d
left join knowledge.document_versions v
    on v.organization_id = d.organization_id and v.id = d.current_version_id
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.file_path > %(after)s
  and (%(path)s::text is null or d.file_path = %(path)s)
  and (%(state)s::text is null
       or %(state)s = case when d.soft_deleted_at is not null then 'deleted'
                           when d.status = 'ready' and f.id is not null then 'outdated'
                           else d.status end)
order by d.file_path
limit %(at_most)s
