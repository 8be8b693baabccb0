-- select_found: the passages that were found for an answer, in the order of the search, as they are known now.
select hit.place::integer as place, hit.chunk_id, hit.document_id, hit.score, hit.lexical_score, hit.dense_score,
    d.title, d.file_path as path, s.id as source_id, s.name as source, c.document_version_id as version_id,
    v.number as version, v.dagster_run_id as run_id, c.section_title, c.page, c.content, c.start_char, c.end_char,
    coalesce(c.document_version_id = d.current_version_id, false) and d.soft_deleted_at is null as is_current
from conversations.retrieval_logs l
cross join lateral unnest(l.retrieved_chunk_ids, l.retrieved_document_ids, l.similarity_scores, l.lexical_scores,
    l.dense_scores) with ordinality as hit (chunk_id, document_id, score, lexical_score, dense_score, place)
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = hit.document_id
left join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = d.data_source_id
left join knowledge.chunks c on c.organization_id = %(organization_id)s and c.id = hit.chunk_id
left join knowledge.document_versions v on v.organization_id = %(organization_id)s and v.id = c.document_version_id
where l.organization_id = %(organization_id)s and l.message_id = %(message_id)s
order by hit.place;
