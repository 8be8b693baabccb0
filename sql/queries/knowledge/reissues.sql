-- select_uncut: a page of what readers see of a source that lacks chunks under a recipe.
select d.current_version_id as id, d.id as document_id, d.file_path, 0 as chunks
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null and d.current_version_id is not null and d.file_path > %(after)s
  and not exists (
      select from knowledge.chunks c
      where c.organization_id = %(organization_id)s and c.document_version_id = d.current_version_id
        and c.recipe = %(recipe)s)
order by d.file_path
limit %(at_most)s

-- select_unembedded: a page of what readers see of a source whose chunks under a recipe lack vectors or are not shown.
select d.current_version_id as id, d.id as document_id, d.file_path, waiting.chunks
from knowledge.documents d
cross join lateral (
    select count(*)::integer as chunks, bool_or(not c.is_active or e.content_hash is null) as is_waiting
    from knowledge.chunks c
    left join knowledge.embeddings e
        on e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
       and e.content_hash = c.content_hash
    where c.organization_id = %(organization_id)s and c.document_version_id = d.current_version_id
      and c.recipe = %(recipe)s
) waiting
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null and d.current_version_id is not null and d.file_path > %(after)s
  and waiting.is_waiting
order by d.file_path
limit %(at_most)s

-- select_current: of these versions, those that readers see at present.
select d.current_version_id
from knowledge.documents d
where d.organization_id = %(organization_id)s and d.id = any (%(document_ids)s) and d.soft_deleted_at is null
  and d.current_version_id = any (%(version_ids)s)
