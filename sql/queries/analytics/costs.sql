-- select_periods: what answers and what goes with them took in periods, by model.
select date_trunc(%(each)s::text, u.day::timestamp)::date as period, u.model, sum(u.requests)::bigint as requests,
       sum(u.prompt_tokens)::bigint as prompt_tokens, sum(u.completion_tokens)::bigint as completion_tokens,
       sum(u.cost) as cost, sum(u.unpriced_requests)::bigint as unpriced_requests
from analytics.daily_usage u
where u.organization_id = %(organization_id)s and u.day >= %(since)s::date and u.day < %(until)s::date
  and (%(chatbot)s::text is null or u.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or u.agent = %(agent)s::text)
  and (%(model)s::text is null or u.model = %(model)s::text)
group by 1, 2
order by 1, 2;

-- select_parts: the same for the whole span, by chatbot, agent and model; the dearest first.
select u.chatbot, u.agent, u.model, sum(u.requests)::bigint as requests,
       sum(u.prompt_tokens)::bigint as prompt_tokens, sum(u.completion_tokens)::bigint as completion_tokens,
       sum(u.cost) as cost, sum(u.unpriced_requests)::bigint as unpriced_requests
from analytics.daily_usage u
where u.organization_id = %(organization_id)s and u.day >= %(since)s::date and u.day < %(until)s::date
  and (%(chatbot)s::text is null or u.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or u.agent = %(agent)s::text)
  and (%(model)s::text is null or u.model = %(model)s::text)
group by 1, 2, 3
order by cost desc nulls last, requests desc, 1, 2, 3;

-- select_keys: what each key, or door, took: the dearest first.
select u.key, sum(u.requests)::bigint as requests, sum(u.tokens)::bigint as tokens, sum(u.cost) as cost,
       sum(u.unpriced_requests)::bigint as unpriced_requests, max(u.day) as last_day
from analytics.daily_key_usage u
where u.organization_id = %(organization_id)s and u.day >= %(since)s::date and u.day < %(until)s::date
  and (%(chatbot)s::text is null or u.chatbot = %(chatbot)s::text)
  and (%(agent)s::text is null or u.agent = %(agent)s::text)
  and (%(model)s::text is null or u.model = %(model)s::text)
group by 1
order by cost desc nulls last, requests desc, 1;

-- select_beside: what was spent beside answers in periods, by what for and by model.
select date_trunc(%(each)s::text, e.created_at at time zone 'UTC')::date as period, e.kind, e.model,
       sum(e.tokens)::bigint as tokens, sum(e.cost) as cost,
       coalesce(sum(e.cost) filter (where not e.is_settled), 0) as reserved
from identity.expenses e
where e.organization_id = %(organization_id)s and e.kind <> 'answer'
  and e.created_at >= %(since)s::date::timestamp at time zone 'UTC'
  and e.created_at < %(until)s::date::timestamp at time zone 'UTC'
  and (%(model)s::text is null or e.model = %(model)s::text)
group by 1, 2, 3
order by 1, 2, 3;

-- select_days: what each day cost in all from a day on, as the budget counts it; days without any are left out.
select (e.created_at at time zone 'UTC')::date as day, sum(e.cost) as cost
from identity.expenses e
where e.organization_id = %(organization_id)s and e.created_at >= %(since)s::date::timestamp at time zone 'UTC'
group by 1
order by 1;

-- select_first_day: the day of the first expense; none where nothing was ever spent.
select (min(e.created_at) at time zone 'UTC')::date from identity.expenses e
where e.organization_id = %(organization_id)s;

-- select_prices: what models cost on some of the days, or will.
select p.model, p.since, p.until, p.input, p.output from analytics.model_prices p
where p.organization_id = %(organization_id)s and coalesce(p.until > %(since)s::date, true)
  and (%(model)s::text is null or p.model = %(model)s::text)
order by p.model, p.since nulls first;
