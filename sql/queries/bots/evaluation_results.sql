-- create: what a run found for a question.
insert into bots.evaluation_results
    (organization_id, evaluation_run_id, evaluation_query_id, document_ids, first_rank, ndcg_at_10, recall_at_10,
     mrr_at_10)
values
    (%(organization_id)s, %(evaluation_run_id)s, %(evaluation_query_id)s, %(document_ids)s, %(first_rank)s,
     %(ndcg_at_10)s, %(recall_at_10)s, %(mrr_at_10)s);

-- select_all: what a run found, by question.
select evaluation_query_id, document_ids, first_rank, ndcg_at_10, recall_at_10, mrr_at_10
from bots.evaluation_results
where organization_id = %(organization_id)s and evaluation_run_id = %(evaluation_run_id)s
order by evaluation_query_id;
