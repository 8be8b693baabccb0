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

-- select_sizes: what readers see of a source that lacks chunks under a recipe, in an order of chance, with its length.
select d.current_version_id as id, length(v.text) as size
from knowledge.documents d
join knowledge.document_versions v
    on v.organization_id = %(organization_id)s and v.document_id = d.id and v.id = d.current_version_id
where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null and v.text is not null
  and not exists (
      select from knowledge.chunks c
      where c.organization_id = %(organization_id)s and c.document_version_id = d.current_version_id
        and c.recipe = %(recipe)s)
order by hashtextextended(d.current_version_id::text, 0), d.current_version_id

-- select_unpaid: how many contents of what is cut under a recipe lack a vector under a model, and their tokens.
select count(*)::integer as contents, coalesce(sum(token_count), 0)::bigint as tokens
from (
    select distinct on (c.content_hash) c.content_hash, c.token_count
    from knowledge.documents d
    join knowledge.chunks c
        on c.organization_id = %(organization_id)s and c.document_version_id = d.current_version_id
       and c.recipe = %(recipe)s
    where d.organization_id = %(organization_id)s and d.data_source_id = %(data_source_id)s
      and d.soft_deleted_at is null
      and not exists (
          select from knowledge.embeddings e
          where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
            and e.content_hash = c.content_hash)
    order by c.content_hash
) missing

-- weigh: what a character of a passage takes on disk, and how much larger vectors are with their index than without.
select coalesce(sum(s.bytes)::double precision / nullif(sum(s.characters), 0), 0)
           * least(pg_total_relation_size('knowledge.chunks')::double precision
                   / greatest(pg_table_size('knowledge.chunks'), 1), 4) as per_character,
       least(pg_total_relation_size('knowledge.embeddings')::double precision
             / greatest(pg_table_size('knowledge.embeddings'), 1), 3) as vector_overhead
from (select pg_column_size(c.*) + 28 as bytes, length(c.content) as characters
      from knowledge.chunks c
      where c.organization_id = %(organization_id)s
      limit 1000) s
