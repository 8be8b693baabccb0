-- select_waiting: the passages of a source that have no vector under a model, each content once.
select distinct on (c.content_hash) c.content_hash, v.title, c.section_title, c.content
from knowledge.chunks c
join knowledge.document_versions v
    on v.organization_id = c.organization_id and v.document_id = c.document_id and v.id = c.document_version_id
where c.organization_id = %(organization_id)s
  and c.data_source_id = %(data_source_id)s
  and c.recipe = %(recipe)s
  and not exists (
      select from knowledge.embeddings e
      where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
        and e.content_hash = c.content_hash)
order by c.content_hash
