-- Which models' vectors are indexed, and how the indexes stand? Read from the catalog: there is no other record of it.
-- `dense_` and the model's id is the name of its index; what bears a longer one is left of a build that was killed.
create or replace view knowledge.vector_indexes with (security_invoker = true) as
select m.organization_id, m.id as embedding_model_id, m.name as model, m.dimension,
       (select count(*) from knowledge.embeddings e
        where e.organization_id = m.organization_id and e.embedding_model_id = m.id) as vectors,
       x.oid is not null as is_indexed, coalesce(i.indisvalid, false) as is_valid,
       greatest(x.reltuples, 0)::bigint as indexed_vectors,
       pg_catalog.pg_relation_size(x.oid) as index_bytes,
       (select extversion from pg_catalog.pg_extension where extname = 'vector') as pgvector_version
from knowledge.embedding_models m
left join pg_catalog.pg_class x
    on x.relnamespace = 'knowledge'::regnamespace and x.relkind = 'i'
   and x.relname = 'dense_' || replace(m.id::text, '-', '')
left join pg_catalog.pg_index i on i.indexrelid = x.oid;
alter view knowledge.vector_indexes owner to millrace_owner;
grant select on knowledge.vector_indexes to millrace_pipeline;
comment on view knowledge.vector_indexes is
    'The models of an organization, how many vectors they have, and the HNSW index that serves their search, where there is one.';
