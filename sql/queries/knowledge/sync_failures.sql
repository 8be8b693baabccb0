-- record: an item failed (again), and is tried again after some seconds, unless it is parked or ignored.
insert into knowledge.sync_failures
    (organization_id, data_source_id, document_id, file_path, stage, outcome, reason, attempts, state, next_attempt_at)
values
    (%(organization_id)s, %(data_source_id)s, %(document_id)s, %(file_path)s, %(stage)s, %(outcome)s, %(reason)s,
     %(attempts)s, %(state)s, clock_timestamp() + make_interval(secs => %(wait_s)s))
on conflict (organization_id, data_source_id, file_path) do update
set document_id = excluded.document_id, stage = excluded.stage, outcome = excluded.outcome, reason = excluded.reason,
    attempts = excluded.attempts, state = excluded.state, next_attempt_at = excluded.next_attempt_at

-- retry: these failures are due at once, whatever became of them.
update knowledge.sync_failures
set state = 'retrying', attempts = 0, next_attempt_at = clock_timestamp()
where organization_id = %(organization_id)s
  and (%(ids)s::uuid[] is null or id = any (%(ids)s))
  and (%(data_source_id)s::uuid is null or data_source_id = %(data_source_id)s)

-- ignore: nobody minds these failures any more.
update knowledge.sync_failures set state = 'ignored'
where organization_id = %(organization_id)s and id = any (%(ids)s)

-- move: the item of a document has another path.
update knowledge.sync_failures set file_path = %(file_path)s
where organization_id = %(organization_id)s and document_id = %(document_id)s

-- remove: an item fails no longer at these stages.
delete from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and file_path = %(file_path)s
  and stage = any (%(stages)s)

-- remove_of_documents: these documents fail no longer at these stages, or are no more.
delete from knowledge.sync_failures
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s) and stage = any (%(stages)s)

-- remove_of_source: nothing of a source fails any more.
delete from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s

-- find: a failure by its id, or by its item.
select f.id, f.data_source_id, s.name as source_name, f.document_id, f.file_path, f.stage, f.outcome, f.reason,
    f.attempts, f.state, f.next_attempt_at, f.created_at as failing_since
from knowledge.sync_failures f
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = f.data_source_id
where f.organization_id = %(organization_id)s
  and (f.id = %(id)s or f.data_source_id = %(data_source_id)s and f.file_path = %(file_path)s)

-- select_all: what fails at present, of one source or of all, at some stages, in some states; what comes after one.
select f.id, f.data_source_id, s.name as source_name, f.document_id, f.file_path, f.stage, f.outcome, f.reason,
    f.attempts, f.state, f.next_attempt_at, f.created_at as failing_since
from knowledge.sync_failures f
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = f.data_source_id
where f.organization_id = %(organization_id)s
  and (%(data_source_id)s::uuid is null or f.data_source_id = %(data_source_id)s)
  and (%(stages)s::text[] is null or f.stage = any (%(stages)s))
  and (%(states)s::text[] is null or f.state = any (%(states)s))
  and (%(after)s::uuid is null or exists (
      select from knowledge.sync_failures a
      where a.organization_id = %(organization_id)s and a.id = %(after)s
        and case when %(oldest_first)s::boolean then (f.updated_at, f.id) > (a.updated_at, a.id)
            else (f.updated_at, f.id) < (a.updated_at, a.id) end))
order by case when %(oldest_first)s::boolean then f.updated_at end, case when %(oldest_first)s::boolean then f.id end,
    f.updated_at desc, f.id desc
limit %(at_most)s

-- count_at: how many items of a source fail at these stages, but for those that are ignored.
select count(*) from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and stage = any (%(stages)s)
  and state <> 'ignored'

-- count_by_state: how many items of a source fail in each state.
select state, count(*) as items from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
group by state

-- remove_outdated: what a sync that listed its source whole did not meet again; documents have failures of their own.
delete from knowledge.sync_failures f
where f.organization_id = %(organization_id)s and f.data_source_id = %(data_source_id)s and f.document_id is null
  and f.updated_at < (
      select j.started_at from knowledge.training_jobs j
      where j.organization_id = %(organization_id)s and j.id = %(training_job_id)s)

-- move_members: members whose container has another path have one, too, and so do their failures.
update knowledge.sync_failures f set file_path = m.file_path
from knowledge.documents m
where f.organization_id = %(organization_id)s and f.data_source_id = %(data_source_id)s
  and m.organization_id = %(organization_id)s and m.id = f.document_id and m.parent_id is not null
  and starts_with(f.file_path, %(former_path)s || %(between)s) and f.file_path <> m.file_path
