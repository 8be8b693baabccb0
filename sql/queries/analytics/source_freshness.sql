-- select_all: how the sources stand, by name.
select source, status, auto_sync, cron, time_zone, every_seconds, created_at, last_sync, seconds_since_sync, is_stale,
    newest_version_at, now() as now
from analytics.source_freshness
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
  and (%(tag)s::text is null or source_id in (
    select b.data_source_id from knowledge.data_source_tags b
    join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
    where b.organization_id = %(organization_id)s and t.name = %(tag)s::text and t.deleted_at is null))
order by source;
