-- get: a part of the text of a document: of the version that is asked for, or of the one that readers see now.
select id, document_id, data_source_id, source_name, path, title, address, mime_type, language, version, is_current,
    as_of, run_id, characters, %(start)s::integer as start, substr(text, %(start)s + 1, %(most)s) as text
from knowledge.readable_texts
where organization_id = %(organization_id)s and document_id = %(document_id)s
  and (id = %(version_id)s or %(version_id)s::uuid is null and is_current)

-- elements: the pieces of a version's text in reading order: kind, start, end, level, page.
select coalesce(elements, '[]') from knowledge.readable_texts
where organization_id = %(organization_id)s and id = %(id)s

-- addresses: where people find documents that may be read.
select document_id, address from knowledge.readable_texts
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s) and is_current
