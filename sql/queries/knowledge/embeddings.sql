-- lock: one transaction at a time adds or removes vectors of an organization, or relies on those that are there.
select pg_advisory_xact_lock(hashtextextended('knowledge.embeddings of ' || %(organization_id)s::uuid, 0))

-- select_missing: texts of these versions' passages that have no vector under a model, each once.
select distinct on (c.content_hash) c.content_hash, v.title, c.section_title, c.content
from knowledge.chunks c
join knowledge.document_versions v
    on v.organization_id = c.organization_id and v.document_id = c.document_id and v.id = c.document_version_id
where c.organization_id = %(organization_id)s
  and c.document_version_id = any (%(version_ids)s)
  and c.recipe = %(recipe)s
  and not c.content_hash = any (%(without)s)
  and not exists (
      select from knowledge.embeddings e
      where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
        and e.content_hash = c.content_hash)
order by c.content_hash
limit %(at_most)s

-- select_incomplete: of these versions, those with a passage whose vector is missing, or without any passage.
select v.id
from knowledge.document_versions v
where v.organization_id = %(organization_id)s
  and v.id = any (%(version_ids)s)
  and (not exists (
          select from knowledge.chunks c
          where c.organization_id = %(organization_id)s and c.document_version_id = v.id and c.recipe = %(recipe)s)
       or exists (
          select from knowledge.chunks c
          where c.organization_id = %(organization_id)s and c.document_version_id = v.id and c.recipe = %(recipe)s
            and not exists (
                select from knowledge.embeddings e
                where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
                  and e.content_hash = c.content_hash)))

-- create: the vector of a content, unless it is there.
insert into knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding)
values (%(organization_id)s, %(embedding_model_id)s, %(content_hash)s, %(embedding)s)
on conflict do nothing

-- count_of_model: the vectors of a model.
select count(*) from knowledge.embeddings
where organization_id = %(organization_id)s and embedding_model_id = %(embedding_model_id)s

-- remove_orphans: of these contents, the vectors that no passage of the organization uses any more.
delete from knowledge.embeddings e
using knowledge.embedding_models m
where e.organization_id = %(organization_id)s
  and m.organization_id = %(organization_id)s
  and e.embedding_model_id = m.id
  and e.content_hash = any (%(content_hashes)s)
  and not exists (
      select from knowledge.chunks c
      where c.organization_id = %(organization_id)s and c.content_hash = e.content_hash)
