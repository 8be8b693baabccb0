-- What each day took, by the key or door that it was asked with.
create or replace view analytics.daily_key_usage with (security_invoker = true) as
select s.organization_id, s.day, c.name as chatbot, a.name as agent, s.model, coalesce(k.name, s.door) as key,
       sum(s.requests)::bigint as requests, sum(s.prompt_tokens)::bigint as prompt_tokens,
       sum(s.completion_tokens)::bigint as completion_tokens, sum(s.tokens)::bigint as tokens, sum(s.cost) as cost,
       sum(s.unpriced_requests)::bigint as unpriced_requests, sum(s.response_seconds) as response_seconds
from (
    select t.organization_id, t.day, t.chatbot_id, t.agent_id, t.model, t.api_key_id, t.door, t.requests,
           t.prompt_tokens, t.completion_tokens, t.tokens, t.cost, t.unpriced_requests, t.response_seconds
    from conversations.daily_usage t
    where not exists (select from analytics.unsummed_days('usage') d where d.day = t.day)
    union all
    select l.organization_id, d.day, l.chatbot_id, l.agent_id, l.model, l.api_key_id, l.door, l.requests,
           l.prompt_tokens, l.completion_tokens, l.tokens, l.cost, l.unpriced_requests, l.response_seconds
    from analytics.unsummed_days('usage') d cross join lateral analytics.usage_of_day(d.day) l
) s
left join bots.chatbots c on c.organization_id = s.organization_id and c.id = s.chatbot_id
left join bots.agents a on a.organization_id = s.organization_id and a.id = s.agent_id
left join identity.api_keys k on k.organization_id = s.organization_id and k.id::text = s.api_key_id
group by s.organization_id, s.day, c.name, a.name, s.model, coalesce(k.name, s.door);
alter view analytics.daily_key_usage owner to millrace_owner;
grant select on analytics.daily_key_usage to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.daily_key_usage is $$What was used, by day, chatbot, agent, model and the key that it was asked with.
Example: the dearest keys of the last 30 days:
select key, sum(cost) from analytics.daily_key_usage where day >= current_date - 30 group by 1 order by 2 desc nulls last;$$;
comment on column analytics.daily_key_usage.organization_id is 'Whose it is.';
comment on column analytics.daily_key_usage.day is 'The day of UTC.';
comment on column analytics.daily_key_usage.chatbot is 'The chatbot''s name; null for vectors that were asked for alone.';
comment on column analytics.daily_key_usage.agent is 'The agent''s name.';
comment on column analytics.daily_key_usage.model is 'The model that was asked.';
comment on column analytics.daily_key_usage.key is 'The key''s name; the door, such as browser, where none was needed or the key is gone; null where neither is known.';
comment on column analytics.daily_key_usage.requests is 'How often a model was asked, or the extractive answerer.';
comment on column analytics.daily_key_usage.prompt_tokens is 'What they read.';
comment on column analytics.daily_key_usage.completion_tokens is 'What they spoke.';
comment on column analytics.daily_key_usage.tokens is 'Both.';
comment on column analytics.daily_key_usage.cost is 'In the currency of the prices, of requests that have a price; null where none has.';
comment on column analytics.daily_key_usage.unpriced_requests is 'Requests to models without a price.';
comment on column analytics.daily_key_usage.response_seconds is 'Their response times, summed.';
