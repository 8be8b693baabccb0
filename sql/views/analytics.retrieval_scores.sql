-- How sure searches were on each day: the distribution of the best score.
create or replace view analytics.retrieval_scores with (security_invoker = true) as
select l.organization_id, (l.created_at at time zone 'UTC')::date as day, c.name as chatbot, m.number as configuration,
       count(*) as retrievals, count(*) filter (where l.found = 0) as without_result, avg(l.found)::double precision as mean_found,
       avg(l.best_score) as mean_score, stddev_samp(l.best_score) as deviation,
       percentile_cont(0.1) within group (order by l.best_score) as tenth,
       percentile_cont(0.25) within group (order by l.best_score) as quarter,
       percentile_cont(0.5) within group (order by l.best_score) as median,
       percentile_cont(0.75) within group (order by l.best_score) as three_quarters,
       percentile_cont(0.9) within group (order by l.best_score) as nine_tenths
from conversations.retrieval_logs l
join bots.chatbots c on c.organization_id = l.organization_id and c.id = l.chatbot_id
join bots.model_config_versions m on m.organization_id = l.organization_id and m.id = l.model_config_version_id
group by l.organization_id, (l.created_at at time zone 'UTC')::date, c.name, m.number;
alter view analytics.retrieval_scores owner to millrace_owner;
grant select on analytics.retrieval_scores to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.retrieval_scores is $$Scores of the passage that was found first, by day, chatbot and configuration. Scores of other configurations are others' scales.
Example: drift, each day against the four weeks before it (see also analytics.score_drift):
select day, mean_score - avg(mean_score) over (order by day range between interval '28 days' preceding and interval '1 day' preceding)
from analytics.retrieval_scores where chatbot = 'handbook' and configuration = 1;$$;
comment on column analytics.retrieval_scores.organization_id is 'Whose it is.';
comment on column analytics.retrieval_scores.day is 'The day of UTC.';
comment on column analytics.retrieval_scores.chatbot is 'The chatbot''s name.';
comment on column analytics.retrieval_scores.configuration is 'The configuration''s number.';
comment on column analytics.retrieval_scores.retrievals is 'Searches for answers.';
comment on column analytics.retrieval_scores.without_result is 'Those that found no passage.';
comment on column analytics.retrieval_scores.mean_found is 'Passages that a search found, on average.';
comment on column analytics.retrieval_scores.mean_score is 'The mean of the best scores, of searches that found something; null where none did.';
comment on column analytics.retrieval_scores.deviation is 'Their standard deviation; null for fewer than two.';
comment on column analytics.retrieval_scores.tenth is 'A tenth of the best scores is not above it.';
comment on column analytics.retrieval_scores.quarter is 'A quarter is not above it.';
comment on column analytics.retrieval_scores.median is 'Half is not above it.';
comment on column analytics.retrieval_scores.three_quarters is 'Three quarters are not above it.';
comment on column analytics.retrieval_scores.nine_tenths is 'Nine tenths are not above it.';
