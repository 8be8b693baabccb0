-- What askers thought of the answers of each day.
create or replace view analytics.daily_feedback with (security_invoker = true) as
select organization_id, day, chatbot, agent, configuration, model, sum(given)::bigint as given,
       sum(positive)::bigint as positive, sum(given - positive)::bigint as negative,
       sum(with_reason)::bigint as with_reason
from analytics.daily_thumbs
group by organization_id, day, chatbot, agent, configuration, model;
alter view analytics.daily_feedback owner to millrace_owner;
grant select on analytics.daily_feedback to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_feedback is $$Thumbs by the day of the question, chatbot, agent, configuration and model.
Example: the share of positive ones by configuration; undefined where nobody said anything:
select chatbot, configuration, sum(given) as n, sum(positive)::float / nullif(sum(given), 0) as liked
from analytics.daily_feedback group by 1, 2 order by 1, 2;$$;
comment on column analytics.daily_feedback.organization_id is 'Whose it is.';
comment on column analytics.daily_feedback.day is 'The day of UTC on which the questions came.';
comment on column analytics.daily_feedback.chatbot is 'The chatbot''s name.';
comment on column analytics.daily_feedback.agent is 'The agent''s name.';
comment on column analytics.daily_feedback.configuration is 'The number of the configuration that retrieved; null where nothing was searched for.';
comment on column analytics.daily_feedback.model is 'Who spoke.';
comment on column analytics.daily_feedback.given is 'Thumbs.';
comment on column analytics.daily_feedback.positive is 'Thumbs up.';
comment on column analytics.daily_feedback.negative is 'Thumbs down.';
comment on column analytics.daily_feedback.with_reason is 'Thumbs with words.';
