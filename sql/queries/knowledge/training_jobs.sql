-- queue: a sync is asked for; one that waits already is that sync.
insert into knowledge.training_jobs (organization_id, data_source_id, dagster_run_id, status)
values (%(organization_id)s, %(data_source_id)s, %(dagster_run_id)s, 'queued')
on conflict (organization_id, data_source_id) where status = 'queued'
    do update set dagster_run_id = coalesce(excluded.dagster_run_id, knowledge.training_jobs.dagster_run_id)
returning id

-- start_queued: the sync that waits begins.
update knowledge.training_jobs
set status = 'processing', dagster_run_id = coalesce(%(dagster_run_id)s, dagster_run_id),
    started_at = clock_timestamp(), stage = 'listing', stage_started_at = clock_timestamp()
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'queued'
returning id

-- start: a sync begins that nobody asked for before.
insert into knowledge.training_jobs
    (organization_id, data_source_id, dagster_run_id, status, started_at, stage, stage_started_at)
values
    (%(organization_id)s, %(data_source_id)s, %(dagster_run_id)s, 'processing', clock_timestamp(), 'listing',
     clock_timestamp())
returning id

-- end_open: a sync of a source that never ended, ended now.
update knowledge.training_jobs
set status = 'failed', reason = 'it was interrupted; the next sync goes on from there', completed_at = clock_timestamp()
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'processing'

-- end_queued: a sync that waits will not begin.
update knowledge.training_jobs
set status = 'failed', reason = %(reason)s, completed_at = clock_timestamp()
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'queued'

-- set_progress: how far a sync is in its stage, and since when it is in that.
update knowledge.training_jobs
set stage_started_at = case when stage is distinct from %(stage)s then clock_timestamp() else stage_started_at end,
    stage = %(stage)s, done = %(done)s, total = %(total)s
where organization_id = %(organization_id)s and id = %(id)s and status = 'processing'

-- find_open: the sync of a source that runs now.
select id from knowledge.training_jobs
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and status = 'processing'
order by created_at desc
limit 1

-- advance: add to what a sync did.
update knowledge.training_jobs
set listed = listed + %(listed)s, changed = changed + %(changed)s, unchanged = unchanged + %(unchanged)s,
    deleted = deleted + %(deleted)s, moved = moved + %(moved)s, held = held + %(held)s, failed = failed + %(failed)s,
    chunks = chunks + %(chunks)s, embedded = embedded + %(embedded)s, reused = reused + %(reused)s
where organization_id = %(organization_id)s and id = %(id)s

-- spend: what a sync gave to a model, and what that cost; one cost that is not known makes the whole unknown.
update knowledge.training_jobs
set tokens = tokens + %(tokens)s,
    cost = case when tokens = 0 then %(cost)s::numeric else cost + %(cost)s::numeric end
where organization_id = %(organization_id)s and id = %(id)s

-- complete: a sync ended well, or as well as its items allowed.
update knowledge.training_jobs set status = 'completed', completed_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and status = 'processing'

-- fail: a sync could not go on.
update knowledge.training_jobs set status = 'failed', reason = %(reason)s, completed_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and status = 'processing'

-- record_cleanup: a source was removed, and all that came from it.
insert into knowledge.training_jobs
    (organization_id, data_source_id, status, deleted, started_at, completed_at)
values (%(organization_id)s, %(data_source_id)s, 'cleanup_completed', %(deleted)s, clock_timestamp(), clock_timestamp())

-- get: a sync by its id.
select id, data_source_id, status, dagster_run_id, stage, done, total, stage_started_at, listed, changed, unchanged,
    moved, deleted, held, failed, chunks, embedded, reused, tokens, cost, reason, created_at, started_at, completed_at,
    clock_timestamp() as now
from knowledge.training_jobs
where organization_id = %(organization_id)s and id = %(id)s

-- select_latest: the latest syncs of a source, or of all sources, newest first; what comes after one.
select id, data_source_id, status, dagster_run_id, stage, done, total, stage_started_at, listed, changed, unchanged,
    moved, deleted, held, failed, chunks, embedded, reused, tokens, cost, reason, created_at, started_at, completed_at,
    clock_timestamp() as now
from knowledge.training_jobs
where organization_id = %(organization_id)s
  and (%(data_source_id)s::uuid is null or data_source_id = %(data_source_id)s)
  and (%(after)s::uuid is null or (created_at, id) < (
      select a.created_at, a.id from knowledge.training_jobs a
      where a.organization_id = %(organization_id)s and a.id = %(after)s))
order by created_at desc, id desc
limit %(at_most)s

-- remove: syncs whose history is kept no longer.
delete from knowledge.training_jobs
where organization_id = %(organization_id)s and id = any (%(ids)s)
