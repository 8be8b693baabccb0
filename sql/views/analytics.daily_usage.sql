-- What each day took: requests, tokens, cost and seconds.
create or replace view analytics.daily_usage with (security_invoker = true) as
select s.organization_id, s.day, c.name as chatbot, a.name as agent, s.model, sum(s.requests)::bigint as requests,
       sum(s.prompt_tokens)::bigint as prompt_tokens, sum(s.completion_tokens)::bigint as completion_tokens,
       sum(s.tokens)::bigint as tokens, sum(s.cost) as cost, sum(s.unpriced_requests)::bigint as unpriced_requests,
       sum(s.response_seconds) / sum(s.requests) as mean_seconds
from (
    select t.organization_id, t.day, t.chatbot_id, t.agent_id, t.model, t.requests, t.prompt_tokens,
           t.completion_tokens, t.tokens, t.cost, t.unpriced_requests, t.response_seconds
    from conversations.daily_usage t
    where not exists (select from analytics.unsummed_days('usage') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.agent_id, l.model, l.requests, l.prompt_tokens,
           l.completion_tokens, l.tokens, l.cost, l.unpriced_requests, l.response_seconds
    from analytics.unsummed_days('usage') d cross join lateral analytics.usage_of_day(d.day) l
) s
left join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = s.organization_id and a.id = s.agent_id
group by s.organization_id, s.day, c.name, a.name, s.model;
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
