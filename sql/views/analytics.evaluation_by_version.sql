-- How well each configuration did on each set of questions.
create or replace view analytics.evaluation_by_version with (security_invoker = true) as
select r.organization_id, c.name as chatbot, m.number as configuration, m.status, e.name as evaluation_set, r.split,
       x.slice, x.metric, x.queries, x.value, x.low, x.high, r.created_at as evaluated_at,
       row_number() over (partition by r.organization_id, r.evaluation_set_id, r.model_config_version_id, r.split,
           x.slice, x.metric order by r.created_at desc, r.id) = 1 as is_latest
from bots.evaluation_runs r
join bots.evaluation_scores x on x.organization_id = r.organization_id and x.evaluation_run_id = r.id
join bots.evaluation_sets e on e.organization_id = r.organization_id and e.id = r.evaluation_set_id
join bots.model_config_versions m on m.organization_id = r.organization_id and m.id = r.model_config_version_id
join bots.chatbots c on c.organization_id = r.organization_id and c.id = m.chatbot_id;
alter view analytics.evaluation_by_version owner to millrace_owner;
grant select on analytics.evaluation_by_version to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.evaluation_by_version is $$Scores of evaluations, with their 95 % intervals.
Example: the latest figure of each version:
select configuration, value, low, high, queries from analytics.evaluation_by_version
where chatbot = 'handbook' and metric = 'ndcg_at_10' and slice = '' and is_latest order by configuration;$$;
comment on column analytics.evaluation_by_version.organization_id is 'Whose it is.';
comment on column analytics.evaluation_by_version.chatbot is 'The chatbot''s name.';
comment on column analytics.evaluation_by_version.configuration is 'The configuration''s number.';
comment on column analytics.evaluation_by_version.status is 'draft, building, evaluated, active or retired.';
comment on column analytics.evaluation_by_version.evaluation_set is 'The set''s name.';
comment on column analytics.evaluation_by_version.split is 'report measures; tune is for choosing values by.';
comment on column analytics.evaluation_by_version.slice is 'Such as a language; empty for all questions.';
comment on column analytics.evaluation_by_version.metric is 'Such as ndcg@10.';
comment on column analytics.evaluation_by_version.queries is 'Over so many questions.';
comment on column analytics.evaluation_by_version.value is 'The mean; null where it is not defined.';
comment on column analytics.evaluation_by_version.low is 'The lower end of its 95 % interval.';
comment on column analytics.evaluation_by_version.high is 'The upper end.';
comment on column analytics.evaluation_by_version.evaluated_at is 'When it was measured.';
comment on column analytics.evaluation_by_version.is_latest is 'Whether this set was not measured again since with this configuration.';
