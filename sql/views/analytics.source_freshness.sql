-- How old what each source says may be.
create or replace view analytics.source_freshness with (security_invoker = true) as
select o.organization_id, o.id as source_id, o.name as source, o.source_type as type, o.status, o.auto_sync, o.cron,
       o.time_zone, o.sync_frequency as every_seconds, o.created_at, o.last_sync,
       extract(epoch from now() - o.last_sync)::double precision as seconds_since_sync,
       case when o.cron is null and o.auto_sync and o.status <> 'inactive' then
           extract(epoch from now() - coalesce(o.last_sync, o.created_at))
               > greatest(4 * o.sync_frequency, o.sync_frequency + 900) end as is_stale,
       v.newest_version_at, z.tags
from knowledge.data_sources o
join analytics.all_sources z on z.organization_id = o.organization_id and z.source_id = o.id
left join (
    select d.organization_id, d.data_source_id, max(v.valid_from) as newest_version_at
    from knowledge.documents d
    join knowledge.document_versions v on v.organization_id = d.organization_id and v.id = d.current_version_id
    where d.soft_deleted_at is null
    group by d.organization_id, d.data_source_id
) v on v.organization_id = o.organization_id and v.data_source_id = o.id
where o.deleted_at is null;
alter view analytics.source_freshness owner to millrace_owner;
grant select on analytics.source_freshness to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.source_freshness is $$One row for each source. It is stale when it missed more than three of its times.
Example: what is out of date:
select source, last_sync from analytics.source_freshness where is_stale;$$;
comment on column analytics.source_freshness.organization_id is 'Whose it is.';
comment on column analytics.source_freshness.source_id is 'The source.';
comment on column analytics.source_freshness.source is 'Its name.';
comment on column analytics.source_freshness.type is 'file, web, database, api or upload.';
comment on column analytics.source_freshness.status is 'active, inactive (paused) or error.';
comment on column analytics.source_freshness.auto_sync is 'Whether it is synced by itself.';
comment on column analytics.source_freshness.cron is 'Its cron expression, where it has one.';
comment on column analytics.source_freshness.time_zone is 'In which that is meant.';
comment on column analytics.source_freshness.every_seconds is 'How often it is synced where it has no cron expression.';
comment on column analytics.source_freshness.created_at is 'Since when it is there.';
comment on column analytics.source_freshness.last_sync is 'When it was last found in step; null for never.';
comment on column analytics.source_freshness.seconds_since_sync is 'How long ago that was.';
comment on column analytics.source_freshness.is_stale is 'Whether it missed more than three of its times; null where it is not synced by itself, or by cron (Millrace''s own report says it then).';
comment on column analytics.source_freshness.newest_version_at is 'When something in it last changed, as far as readers see it.';
comment on column analytics.source_freshness.tags is 'The tags of the source, in their order.';
