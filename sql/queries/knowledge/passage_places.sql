-- select_within: the passages of a version that readers find, as far as they touch a part of its text.
select recipe, chunk_index + 1 as number, start_char as start, end_char as end, section_title, token_count as tokens
from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = %(document_version_id)s and is_active
  and start_char < %(end)s and end_char > %(start)s
order by recipe, chunk_index
