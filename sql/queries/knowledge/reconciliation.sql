-- get: what a source holds, and what of it does not agree.
select name, is_removed, documents, ready, waiting, failed, chunks, vectors, documents_without_version,
       documents_without_chunks, failures_without_reason, orphaned_chunks, cuts_with_gaps, chunks_without_vector,
       vectors_of_wrong_size, vectors_not_of_length_one
from knowledge.reconciliation
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s;

-- get_held: what a source holds, without holding any of it against the rest.
select d.documents, d.ready, d.waiting,
       (select count(*)
        from knowledge.sync_failures
        where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
          and stage <> 'listing' and state <> 'ignored') as failed,
       (select count(*)
        from knowledge.chunks
        where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and is_active) as chunks,
       (select count(*)
        from knowledge.embeddings
        where organization_id = %(organization_id)s
          and content_hash in (
              select content_hash
              from knowledge.chunks
              where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
                and is_active)) as vectors
from (select count(*) as documents, count(*) filter (where current_version_id is not null) as ready,
             count(*) filter (where status = 'pending') as waiting
      from knowledge.documents
      where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
        and soft_deleted_at is null) d;

-- get_of_recipe: what of a source does not agree under one recipe, each table read once.
with cut as (
    select document_id, document_version_id, count(*) as chunks, max(chunk_index) as last_index
    from knowledge.chunks
    where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
      and recipe = %(recipe)s and is_active
    group by document_id, document_version_id
),
readable as (
    select id, current_version_id
    from knowledge.documents
    where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s
      and soft_deleted_at is null and current_version_id is not null
)
select count(*) filter (where cut.document_id is null) as documents_without_chunks,
       coalesce(sum(cut.chunks) filter (where readable.id is null), 0)::bigint as orphaned_chunks,
       count(*) filter (where cut.last_index + 1 <> cut.chunks) as cuts_with_gaps,
       (select count(*)
        from knowledge.chunks chunk
        where chunk.organization_id = %(organization_id)s and chunk.data_source_id = %(data_source_id)s
          and chunk.recipe = %(recipe)s and chunk.is_active
          and not exists (
              select from knowledge.embeddings embedding
              where embedding.organization_id = %(organization_id)s
                and embedding.embedding_model_id = %(embedding_model_id)s
                and embedding.content_hash = chunk.content_hash)) as chunks_without_vector
from readable
full join cut on (cut.document_id, cut.document_version_id) = (readable.id, readable.current_version_id);

-- count_orphaned_vectors: vectors of the organization whose text stands in no chunk any more.
select count(*)
from knowledge.embeddings embedding
where embedding.organization_id = %(organization_id)s
  and not exists (
      select from knowledge.chunks chunk
      where chunk.organization_id = embedding.organization_id and chunk.content_hash = embedding.content_hash);

-- count_documents: documents of a source that are there now.
select count(*)
from knowledge.documents
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and soft_deleted_at is null;

-- count_chunks: chunks of a source, those that wait for their vectors too.
select (select count(*)
        from knowledge.chunks
        where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and is_active)
     + (select count(*)
        from knowledge.documents document
        join knowledge.document_versions version
            on (version.organization_id, version.document_id) = (document.organization_id, document.id)
            and version.status = 'chunked'
        join knowledge.chunks chunk
            on (chunk.organization_id, chunk.document_version_id) = (version.organization_id, version.id)
            and not chunk.is_active
        where document.organization_id = %(organization_id)s and document.data_source_id = %(data_source_id)s);

-- count_vectors: vectors of the texts that stand in a source's visible chunks.
select count(*)
from knowledge.embeddings embedding
where embedding.organization_id = %(organization_id)s
  and embedding.content_hash in (
      select chunk.content_hash
      from knowledge.chunks chunk
      where chunk.organization_id = %(organization_id)s and chunk.data_source_id = %(data_source_id)s
        and chunk.is_active);
