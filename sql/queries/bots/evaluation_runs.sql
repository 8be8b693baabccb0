-- create: a measurement.
insert into bots.evaluation_runs
    (organization_id, evaluation_set_id, model_config_version_id, dagster_run_id, queries, elapsed_ms,
     split)
values (%(organization_id)s, %(evaluation_set_id)s, %(model_config_version_id)s, %(dagster_run_id)s, %(queries)s,
        %(elapsed_ms)s, %(split)s)
returning id, evaluation_set_id, model_config_version_id, dagster_run_id, queries, elapsed_ms, created_at, split;

-- select_latest: the newest measurements of a set.
select id, evaluation_set_id, model_config_version_id, dagster_run_id, queries, elapsed_ms, created_at, split
from bots.evaluation_runs
where organization_id = %(organization_id)s and evaluation_set_id = %(evaluation_set_id)s
order by created_at desc, id
limit %(at_most)s;
