-- remove_all: the passages of a cluster.
delete from conversations.question_cluster_passages
where organization_id = %(organization_id)s and question_cluster_id = %(question_cluster_id)s;

-- create: the passages that are nearest to a cluster, in their order; of documents that are still there.
insert into conversations.question_cluster_passages
    (organization_id, question_cluster_id, place, document_id, chunk_id, score)
select %(organization_id)s, %(question_cluster_id)s, n.place, n.document_id, n.chunk_id, n.score
from unnest(%(document_ids)s::uuid[], %(chunk_ids)s::uuid[], %(scores)s::double precision[])
    with ordinality n (document_id, chunk_id, score, place)
where exists (select from knowledge.documents d
              where d.organization_id = %(organization_id)s and d.id = n.document_id);
