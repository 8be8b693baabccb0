-- select_standing: which of these quotes stand at their offsets in their version's text, and where those come from.
select given.position::integer as position, v.id as version_id, v.number as version_number, v.dagster_run_id as run_id,
    d.id as document_id, d.title, d.file_path as location, d.address, s.name as source_name, s.last_sync as as_of
from unnest(%(version_ids)s::uuid[], %(starts)s::integer[], %(ends)s::integer[], %(quotes)s::text[])
    with ordinality given (version_id, start_char, end_char, quote, position)
join knowledge.document_versions v on v.organization_id = %(organization_id)s and v.id = given.version_id
join knowledge.documents d on d.organization_id = v.organization_id and d.id = v.document_id
join knowledge.data_sources s on s.organization_id = d.organization_id and s.id = d.data_source_id
where given.end_char > given.start_char
  and substr(v.text, given.start_char + 1, given.end_char - given.start_char) = given.quote
order by given.position;

-- create: what an answer rests on.
insert into conversations.citations
    (organization_id, message_id, citation_index, document_id, document_version_id, chunk_id, quote, start_char,
     end_char, position, title, section_title, page, version_number, source_name, location, address, as_of, run_id)
values
    (%(organization_id)s, %(message_id)s, %(citation_index)s, %(document_id)s, %(document_version_id)s, %(chunk_id)s,
     %(quote)s, %(start_char)s, %(end_char)s, %(position)s, %(title)s, %(section_title)s, %(page)s,
     %(version_number)s, %(source_name)s, %(location)s, %(address)s, %(as_of)s, %(run_id)s);

-- select_for_messages: what these answers rest on, in the order of their markers, as it was answered.
select message_id, citation_index, document_id, document_version_id, chunk_id, quote, start_char, end_char, purged_at,
    title, section_title, page, version_number, source_name, location, address, as_of, run_id
from conversations.citations
where organization_id = %(organization_id)s and message_id = any (%(message_ids)s)
order by message_id, position, citation_index, start_char;

-- select_messages_of: the answers that cite one of these documents.
select distinct message_id from conversations.citations
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s);
