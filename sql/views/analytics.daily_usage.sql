-- What each day took: requests, tokens, cost and seconds.
create or replace view analytics.daily_usage with (security_invoker = true) as
select organization_id, day, chatbot, agent, model, sum(requests)::bigint as requests,
       sum(prompt_tokens)::bigint as prompt_tokens, sum(completion_tokens)::bigint as completion_tokens,
       sum(tokens)::bigint as tokens, sum(cost) as cost, sum(unpriced_requests)::bigint as unpriced_requests,
       sum(response_seconds) / sum(requests) as mean_seconds
from analytics.daily_key_usage
group by organization_id, day, chatbot, agent, model;
alter view analytics.daily_usage owner to millrace_owner;
grant select on analytics.daily_usage to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_usage is $$What was used, by day, chatbot, agent and model: answers, and what was asked of models beside them.
Example: what each month cost, by model:
select date_trunc('month', day) as month, model, sum(cost) from analytics.daily_usage group by 1, 2 order by 1, 2;$$;
comment on column analytics.daily_usage.organization_id is 'Whose it is.';
comment on column analytics.daily_usage.day is 'The day of UTC.';
comment on column analytics.daily_usage.chatbot is 'The chatbot''s name; null for vectors that were asked for alone.';
comment on column analytics.daily_usage.agent is 'The agent''s name.';
comment on column analytics.daily_usage.model is 'The model that was asked.';
comment on column analytics.daily_usage.requests is 'How often a model was asked, or the extractive answerer.';
comment on column analytics.daily_usage.prompt_tokens is 'What they read.';
comment on column analytics.daily_usage.completion_tokens is 'What they spoke.';
comment on column analytics.daily_usage.tokens is 'Both.';
comment on column analytics.daily_usage.cost is 'In the currency of the prices, of requests that have a price; null where none has.';
comment on column analytics.daily_usage.unpriced_requests is 'Requests to models without a price.';
comment on column analytics.daily_usage.mean_seconds is 'The mean of their response times.';
