-- Each vector by what can be wrong with it. Of length 1 means finite and not zero too.
create or replace view knowledge.vector_health with (security_invoker = true) as
select embedding.organization_id, model.name as model, encode(embedding.content_hash, 'hex') as content_hash,
       public.vector_dims(embedding.embedding) as dimension, model.dimension as expected_dimension,
       public.vector_norm(embedding.embedding) as length,
       (select count(*) from (
           select from knowledge.chunks chunk
           where chunk.organization_id = embedding.organization_id and chunk.content_hash = embedding.content_hash
           limit 1) one) as is_used
from knowledge.embeddings embedding
join knowledge.embedding_models model
    on (model.organization_id, model.id) = (embedding.organization_id, embedding.embedding_model_id);
alter view knowledge.vector_health owner to millrace_owner;
grant select on knowledge.vector_health to millrace_pipeline;
comment on view knowledge.vector_health is 'Vectors with their model, size and length, and whether a chunk still holds their text.';
