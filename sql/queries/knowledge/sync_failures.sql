-- record: an item failed (again); it is tried again after 1 minute, then 4, 16 … up to a day.
insert into knowledge.sync_failures as f
    (organization_id, data_source_id, document_id, file_path, stage, outcome, reason, next_attempt_at)
values
    (%(organization_id)s, %(data_source_id)s, %(document_id)s, %(file_path)s, %(stage)s, %(outcome)s, %(reason)s,
     clock_timestamp() + interval '1 minute')
on conflict (organization_id, data_source_id, file_path) do update
set document_id = excluded.document_id, stage = excluded.stage, outcome = excluded.outcome, reason = excluded.reason,
    attempts = f.attempts + 1,
    next_attempt_at = clock_timestamp() + least(interval '1 minute' * 4 ^ least(f.attempts, 10), interval '1 day')

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

-- find: the failure of an item.
select id, data_source_id, document_id, file_path, stage, outcome, reason, attempts, next_attempt_at
from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and file_path = %(file_path)s

-- select_all: what fails at present, of one source or of all.
select id, data_source_id, document_id, file_path, stage, outcome, reason, attempts, next_attempt_at
from knowledge.sync_failures
where organization_id = %(organization_id)s
  and (%(data_source_id)s::uuid is null or data_source_id = %(data_source_id)s)
order by updated_at desc, file_path
limit %(at_most)s

-- count_at: how many items of a source fail at these stages.
select count(*) from knowledge.sync_failures
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and stage = any (%(stages)s)

-- remove_outdated: what a sync that listed its source whole did not meet again; documents have failures of their own.
delete from knowledge.sync_failures f
where f.organization_id = %(organization_id)s and f.data_source_id = %(data_source_id)s and f.document_id is null
  and f.updated_at < (
      select j.started_at from knowledge.training_jobs j
      where j.organization_id = %(organization_id)s and j.id = %(training_job_id)s)
