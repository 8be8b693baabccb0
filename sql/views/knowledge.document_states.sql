-- How does each document stand: what do readers see of it, since when, and what failed last?
create or replace view knowledge.document_states with (security_invoker = true) as
select d.organization_id, d.data_source_id, d.id, d.file_path as path, d.title,
       case when d.soft_deleted_at is not null then 'deleted'
            when d.status = 'ready' and f.id is not null then 'outdated'
            else d.status end as state,
       d.mime_type, d.language, d.file_size, d.address, v.number as version, v.valid_from as as_of,
       v.dagster_run_id as run_id,
       (select count(*)::integer from knowledge.chunks c
        where c.organization_id = d.organization_id and c.document_version_id = d.current_version_id and c.is_active)
           as chunks,
       f.stage, f.outcome, f.reason, f.attempts, f.next_attempt_at, d.expires_at, d.soft_deleted_at as deleted_at
from knowledge.documents d
left join knowledge.document_versions v
    on v.organization_id = d.organization_id and v.id = d.current_version_id
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path;
alter view knowledge.document_states owner to millrace_owner;
grant select on knowledge.document_states to millrace_pipeline;
comment on view knowledge.document_states is
    'Documents as a person asks for them. state: pending, ready, outdated (an older version is seen, the newest failed), failed or deleted.';
