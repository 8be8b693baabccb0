-- select_page: documents of a source by path, with what readers see of each and why they see no more.
select id, path, title, state, mime_type, language, file_size, address, version, as_of, run_id, chunks, stage, outcome,
    reason, attempts, next_attempt_at, expires_at, deleted_at
from knowledge.document_states
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
  and path > %(after)s
  and (%(path)s::text is null or path = %(path)s)
  and (%(state)s::text is null or state = %(state)s)
order by path
limit %(at_most)s
