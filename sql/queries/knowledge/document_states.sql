-- select_page: documents of a source by path, with what readers see of each and why they see no more.
select id, path, title, state, mime_type, language, file_size, address, version, as_of, run_id, chunks, stage, outcome,
    reason, attempts, next_attempt_at, expires_at, deleted_at
from knowledge.document_states
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
  and path > %(after)s
  and (%(path)s::text is null or path = %(path)s)
  and (%(state)s::text is null or state = %(state)s)
  and (%(words)s::text is null or position(lower(%(words)s) in lower(path)) > 0
       or position(lower(%(words)s) in lower(title)) > 0)
order by path
limit %(at_most)s

-- count_by_state: how many documents of a source there are in each state.
select state, count(*) from knowledge.document_states
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
group by state

-- find_source: where a document comes from, and by which path; deleted ones too.
select data_source_id, path from knowledge.document_states
where organization_id = %(organization_id)s and id = %(id)s
