-- select_all: how the sources stand, by name.
select source, status, auto_sync, cron, time_zone, every_seconds, created_at, last_sync, seconds_since_sync, is_stale,
    newest_version_at, now() as now
from analytics.source_freshness
where organization_id = %(organization_id)s
  and (%(source)s::text is null or source = %(source)s::text)
  and (%(tag)s::text is null or %(tag)s::text = any (tags))
order by source;
