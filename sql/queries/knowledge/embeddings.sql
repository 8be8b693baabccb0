-- lock: one transaction at a time adds or removes vectors of an organization, or relies on those that are there.
select pg_advisory_xact_lock(hashtextextended('knowledge.embeddings of ' || %(organization_id)s::uuid, 0))

-- select_missing: texts of these versions' passages that have no vector under a model, each once.
-- What is present is looked up by key and held against the passages as a set: a join of whole tables is what the planner
-- would choose while it has no statistics of a table that was just filled.
with wanted as materialized (
    select distinct c.content_hash
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s
      and c.document_version_id = any (%(version_ids)s)
      and c.recipe = %(recipe)s
),
present as materialized (
    select e.content_hash
    from knowledge.embeddings e
    where e.organization_id = %(organization_id)s
      and e.embedding_model_id = %(embedding_model_id)s
      and e.content_hash = any (array(select content_hash from wanted))
),
missing as materialized (
    select content_hash from wanted
    where content_hash not in (select content_hash from present)
      and not content_hash = any (%(without)s)
    order by content_hash
    limit %(at_most)s
)
select distinct on (c.content_hash) c.content_hash, v.title, c.section_title, c.content
from knowledge.chunks c
join knowledge.document_versions v
    on v.organization_id = c.organization_id and v.document_id = c.document_id and v.id = c.document_version_id
where c.organization_id = %(organization_id)s
  and c.document_version_id = any (%(version_ids)s)
  and c.recipe = %(recipe)s
  and c.content_hash in (select content_hash from missing)
order by c.content_hash

-- select_present: of these contents, those that have a vector under a model.
select content_hash from knowledge.embeddings
where organization_id = %(organization_id)s and embedding_model_id = %(embedding_model_id)s
  and content_hash = any (%(content_hashes)s)

-- select_incomplete: of these versions, those with a passage whose vector is missing, or without any passage.
with wanted as materialized (
    select distinct c.document_version_id, c.content_hash
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s
      and c.document_version_id = any (%(version_ids)s)
      and c.recipe = %(recipe)s
),
present as materialized (
    select e.content_hash
    from knowledge.embeddings e
    where e.organization_id = %(organization_id)s
      and e.embedding_model_id = %(embedding_model_id)s
      and e.content_hash = any (array(select content_hash from wanted))
)
select id from unnest(%(version_ids)s::uuid[]) uncut (id)
where id not in (select document_version_id from wanted)
union
select document_version_id from wanted
where content_hash not in (select content_hash from present)

-- create: the vector of a content, unless it is there.
insert into knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding)
values (%(organization_id)s, %(embedding_model_id)s, %(content_hash)s, %(embedding)s)
on conflict do nothing

-- count_of_model: the vectors of a model.
select count(*) from knowledge.embeddings
where organization_id = %(organization_id)s and embedding_model_id = %(embedding_model_id)s

-- remove_orphans: of these contents, the vectors that no passage of the organization uses any more.
delete from knowledge.embeddings
where organization_id = %(organization_id)s
  and embedding_model_id = any (array(
      select m.id from knowledge.embedding_models m where m.organization_id = %(organization_id)s))
  and content_hash = any (array(
      select unnest(%(content_hashes)s::bytea[])
      except
      select c.content_hash from knowledge.chunks c
      where c.organization_id = %(organization_id)s and c.content_hash = any (%(content_hashes)s)))

-- remove_unused: the vectors that no passage of the organization uses.
delete from knowledge.embeddings e
where e.organization_id = %(organization_id)s
  and not exists (
      select from knowledge.chunks c
      where c.organization_id = %(organization_id)s and c.content_hash = e.content_hash)
