-- select_all: the sources of all organizations, for pipelines (any organization).
select organization_id, organization_slug, id, name, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, leased_until is not null and leased_until > clock_timestamp() as is_leased, leased_to,
    is_asked_for, took_s, clock_timestamp() as now
from knowledge.source_directory()

-- select_of_organization: the sources of one organization, for pipelines.
select organization_id, organization_slug, id, name, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, leased_until is not null and leased_until > clock_timestamp() as is_leased, leased_to,
    is_asked_for, took_s, clock_timestamp() as now
from knowledge.source_directory()
where organization_id = %(organization_id)s

-- find: one source, for pipelines (any organization).
select organization_id, organization_slug, id, name, status, auto_sync, sync_frequency, cron, time_zone, created_at,
    last_sync, leased_until is not null and leased_until > clock_timestamp() as is_leased, leased_to,
    is_asked_for, took_s, clock_timestamp() as now
from knowledge.source_directory()
where organization_slug = %(organization_slug)s and name = %(name)s
