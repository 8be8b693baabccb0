-- How long answers took, stage by stage.
create or replace view analytics.latency_by_stage with (security_invoker = true) as
select s.organization_id, s.day, c.name as chatbot, s.stage, s.answers, s.mean_seconds, s.median_seconds,
       s.seconds_of_95_in_100, s.slowest_seconds
from (
    select t.organization_id, t.day, t.chatbot_id, t.stage, t.answers, t.mean_seconds, t.median_seconds,
           t.seconds_of_95_in_100, t.slowest_seconds
    from conversations.daily_latencies t
    where not exists (select from analytics.unsummed_days('answers') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.stage, l.answers, l.mean_seconds, l.median_seconds,
           l.seconds_of_95_in_100, l.slowest_seconds
    from analytics.unsummed_days('answers') d cross join lateral analytics.latencies_of_day(d.day) l
) s
left join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id;
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
