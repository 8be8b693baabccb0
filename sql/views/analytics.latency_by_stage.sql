-- How long answers took, stage by stage.
create or replace view analytics.latency_by_stage with (security_invoker = true) as
select a.organization_id, a.day, a.chatbot, t.stage, count(t.seconds) as answers, avg(t.seconds) as mean_seconds,
       percentile_cont(0.5) within group (order by t.seconds) as median_seconds,
       percentile_cont(0.95) within group (order by t.seconds) as seconds_of_95_in_100, max(t.seconds) as slowest_seconds
from analytics.answers a
cross join lateral (values
    ('understanding', a.understanding_seconds),
    ('retrieval', a.retrieval_seconds),
    ('answering', a.seconds - coalesce(a.understanding_seconds, 0) - coalesce(a.retrieval_seconds, 0)),
    ('whole', a.seconds)) t (stage, seconds)
where t.seconds is not null
group by a.organization_id, a.day, a.chatbot, t.stage;
alter view analytics.latency_by_stage owner to millrace_owner;
grant select on analytics.latency_by_stage to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.latency_by_stage is $$Seconds by day, chatbot and stage: understanding (a model rewords the question), retrieval (search and reranker), answering (all the rest), whole.
Example: which stage made last week slow:
select stage, sum(mean_seconds * answers) / sum(answers) from analytics.latency_by_stage
where day >= current_date - 7 group by stage;$$;
comment on column analytics.latency_by_stage.organization_id is 'Whose it is.';
comment on column analytics.latency_by_stage.day is 'The day of UTC on which the questions came.';
comment on column analytics.latency_by_stage.chatbot is 'The chatbot''s name.';
comment on column analytics.latency_by_stage.stage is 'understanding, retrieval, answering or whole.';
comment on column analytics.latency_by_stage.answers is 'Answers that had this stage.';
comment on column analytics.latency_by_stage.mean_seconds is 'On average.';
comment on column analytics.latency_by_stage.median_seconds is 'Half took no longer.';
comment on column analytics.latency_by_stage.seconds_of_95_in_100 is '95 of 100 took no longer.';
comment on column analytics.latency_by_stage.slowest_seconds is 'The slowest.';
