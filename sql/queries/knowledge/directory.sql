-- select_all: the sources of all organizations, for pipelines (any organization).
select organization_id, organization_slug, id, name, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, leased_until is not null and leased_until > clock_timestamp() as is_leased, is_asked_for, took_s,
    clock_timestamp() as now
from knowledge.source_directory()

-- find: one source, for pipelines (any organization).
select organization_id, organization_slug, id, name, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, leased_until is not null and leased_until > clock_timestamp() as is_leased, is_asked_for, took_s,
    clock_timestamp() as now
from knowledge.source_directory()
where organization_slug = %(organization_slug)s and name = %(name)s
