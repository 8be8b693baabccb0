-- create: a metric of a run.
insert into bots.evaluation_scores (organization_id, evaluation_run_id, slice, metric, queries, value, low, high)
values (%(organization_id)s, %(evaluation_run_id)s, %(slice)s, %(metric)s, %(queries)s, %(value)s, %(low)s, %(high)s);

-- select_all: the metrics of a run, of all questions first, and the metric first that decides.
select slice, metric, queries, value, low, high
from bots.evaluation_scores
where organization_id = %(organization_id)s and evaluation_run_id = %(evaluation_run_id)s
order by slice, metric <> 'ndcg_at_10', metric;
