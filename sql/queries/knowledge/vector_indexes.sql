-- select_all: the models of an organization and the indexes of their vectors.
select embedding_model_id, model, dimension, vectors, is_indexed, is_valid, indexed_vectors,
       coalesce(index_bytes, 0) as index_bytes, pgvector_version
from knowledge.vector_indexes
where organization_id = %(organization_id)s
order by model, embedding_model_id

-- find: a model and the index of its vectors.
select embedding_model_id, model, dimension, vectors, is_indexed, is_valid, indexed_vectors,
       coalesce(index_bytes, 0) as index_bytes, pgvector_version
from knowledge.vector_indexes
where organization_id = %(organization_id)s and embedding_model_id = %(embedding_model_id)s

-- is_lacking: whether a model has many vectors and no index that serves.
select exists (
    select from knowledge.embedding_models m
    where m.organization_id = %(organization_id)s and m.dimension <= %(most_dimensions)s
      and not exists (
          select from pg_catalog.pg_class x
          join pg_catalog.pg_index i on i.indexrelid = x.oid
          where x.relnamespace = 'knowledge'::regnamespace and x.relname = 'dense_' || replace(m.id::text, '-', '')
            and i.indisvalid)
      and (select count(*) from (
              select from knowledge.embeddings e
              where e.organization_id = m.organization_id and e.embedding_model_id = m.id
              limit %(pays_from)s) counted) >= %(pays_from)s)

-- prepare: this session may take its time, and waits for those that write (any organization).
select set_config('statement_timeout', '0', false), set_config('lock_timeout', %(patience)s, false)

-- give_room: memory and processes for a build (any organization).
select set_config('maintenance_work_mem', %(memory)s, false),
       set_config('max_parallel_maintenance_workers', %(workers)s, false)

-- lock: whether this session may make and drop indexes alone; until it ends (any organization).
select pg_try_advisory_lock(hashtextextended('knowledge.vector_indexes', 0))

-- select_leftovers: how to drop what killed builds left, and indexes that were found empty (any organization).
select format('drop index concurrently if exists knowledge.%I', x.relname)
from pg_catalog.pg_class x
join pg_catalog.pg_index i on i.indexrelid = x.oid
where x.relnamespace = 'knowledge'::regnamespace and i.indrelid = 'knowledge.embeddings'::regclass
  and x.relname like 'dense\_%'
  and (not i.indisvalid or x.reltuples = 0)
order by x.relname

-- definition: how to make a model's index (any organization).
select format(
    'create index concurrently %%I on knowledge.embeddings using hnsw ((embedding::public.halfvec(%%s)) '
    'public.halfvec_cosine_ops) with (m = 16, ef_construction = 128) where embedding_model_id = %%L',
    'dense_' || replace((%(embedding_model_id)s::uuid)::text, '-', ''),
    %(dimension)s::integer, %(embedding_model_id)s::uuid)

-- renewal: how to make a model's index again beside the one that serves, and put it in its place (any organization).
select format('reindex index concurrently knowledge.%%I', 'dense_' || replace((%(embedding_model_id)s::uuid)::text, '-', ''))

-- removal: how to drop a model's index (any organization).
select format('drop index concurrently if exists knowledge.%%I',
              'dense_' || replace((%(embedding_model_id)s::uuid)::text, '-', ''))
