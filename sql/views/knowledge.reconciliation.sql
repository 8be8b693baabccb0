-- Do documents, chunks and vectors of each source agree? One row a source, removed ones too; every column that ends in a
-- fault's name must be 0. `waiting` is 0 after a sync; `failed` counts the items that fail at present, those too whose
-- former version readers still see. Vectors under a certain model are asked for by a statement instead.
create or replace view knowledge.reconciliation with (security_invoker = true) as
select s.organization_id, s.id as data_source_id, s.name, s.deleted_at is not null as is_removed,
       d.documents, d.ready, d.waiting, f.failed, c.chunks, v.vectors,
       d.documents_without_version, w.documents_without_chunks, d.failures_without_reason,
       c.orphaned_chunks, w.cuts_with_gaps, v.chunks_without_vector, v.vectors_of_wrong_size, v.vectors_not_of_length_one
from knowledge.data_sources s
cross join lateral (
    select count(*) as documents,
           count(*) filter (where document.current_version_id is not null) as ready,
           count(*) filter (where document.status = 'pending') as waiting,
           count(*) filter (where document.status = 'ready' and document.current_version_id is null)
               as documents_without_version,
           count(*) filter (where document.status = 'failed' and not exists (
               select from knowledge.sync_failures failure
               where failure.organization_id = s.organization_id and failure.data_source_id = s.id
                 and failure.file_path = document.file_path)) as failures_without_reason
    from knowledge.documents document
    where document.organization_id = s.organization_id and document.data_source_id = s.id
      and document.soft_deleted_at is null
) d
cross join lateral (
    select count(*) as failed
    from knowledge.sync_failures failure
    where failure.organization_id = s.organization_id and failure.data_source_id = s.id
      and failure.stage <> 'listing' and failure.state <> 'ignored'
) f
cross join lateral (
    select count(*) as chunks,
           count(*) filter (where s.deleted_at is not null or document.soft_deleted_at is not null
                               or document.data_source_id <> s.id
                               or document.current_version_id is distinct from chunk.document_version_id)
               as orphaned_chunks
    from knowledge.chunks chunk
    join knowledge.documents document on (document.organization_id, document.id) = (chunk.organization_id, chunk.document_id)
    where chunk.organization_id = s.organization_id and chunk.data_source_id = s.id and chunk.is_active
) c
cross join lateral (
    select count(*) filter (where of_version.chunks is null) as documents_without_chunks,
           count(*) filter (where of_version.last_index + 1 <> of_version.chunks) as cuts_with_gaps
    from knowledge.documents document
    left join lateral (
        select count(*) as chunks, max(chunk.chunk_index) as last_index
        from knowledge.chunks chunk
        where (chunk.organization_id, chunk.document_version_id) = (document.organization_id, document.current_version_id)
          and chunk.is_active
        group by chunk.recipe
    ) of_version on true
    where document.organization_id = s.organization_id and document.data_source_id = s.id
      and document.soft_deleted_at is null and document.current_version_id is not null and s.deleted_at is null
) w
cross join lateral (
    select count(distinct (embedding.embedding_model_id, embedding.content_hash))
               filter (where embedding.content_hash is not null) as vectors,
           count(*) filter (where embedding.content_hash is null) as chunks_without_vector,
           count(*) filter (where public.vector_dims(embedding.embedding) <> model.dimension) as vectors_of_wrong_size,
           count(*) filter (where not abs(public.vector_norm(embedding.embedding) - 1) < 0.01) as vectors_not_of_length_one
    from knowledge.chunks chunk
    left join knowledge.embeddings embedding
        on (embedding.organization_id, embedding.content_hash) = (chunk.organization_id, chunk.content_hash)
    left join knowledge.embedding_models model
        on (model.organization_id, model.id) = (embedding.organization_id, embedding.embedding_model_id)
    where chunk.organization_id = s.organization_id and chunk.data_source_id = s.id and chunk.is_active
) v;
alter view knowledge.reconciliation owner to millrace_owner;
grant select on knowledge.reconciliation to millrace_pipeline;
comment on view knowledge.reconciliation is
    'Documents, chunks and vectors of each source, counted, and how many of them do not agree with each other.';
