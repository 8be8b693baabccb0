-- create: what an answer took.
insert into conversations.usage
    (organization_id, chatbot_id, agent_id, user_id, message_id, model, prompt_tokens, completion_tokens,
     cost, response_time, request_data)
values
    (%(organization_id)s, %(chatbot_id)s, %(agent_id)s, %(user_id)s, %(message_id)s, %(model)s, %(prompt_tokens)s,
     %(completion_tokens)s, %(cost)s, %(response_time)s, %(request_data)s);

-- find_for_message: what an answer took.
select chatbot_id, agent_id, user_id, message_id, model, prompt_tokens, completion_tokens, tokens_used, cost, response_time,
    request_data, created_at
from conversations.usage
where organization_id = %(organization_id)s and message_id = %(message_id)s;

-- select_totals: what was used from a day until before another, in groups of what is asked for.
select case when %(by_day)s::boolean then (u.created_at at time zone 'UTC')::date end as day,
       case when %(by_chatbot)s::boolean then c.name end as chatbot,
       case when %(by_agent)s::boolean then a.name end as agent,
       case when %(by_model)s::boolean then u.model end as model,
       case when %(by_key)s::boolean then coalesce(k.name, u.request_data ->> 'door') end as key,
       count(*) as requests, sum(u.prompt_tokens)::bigint as prompt_tokens,
       sum(u.completion_tokens)::bigint as completion_tokens, sum(u.tokens_used)::bigint as tokens,
       sum(u.cost) as cost,
       coalesce(sum(u.tokens_used) filter (where u.cost is null), 0)::bigint as unpriced_tokens,
       avg(u.response_time) as mean_response_time
from conversations.usage u
left join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = u.chatbot_id
left join bots.agents a on a.organization_id = %(organization_id)s and a.id = u.agent_id
left join identity.api_keys k on k.organization_id = %(organization_id)s
    and k.id::text = u.request_data ->> 'api_key_id'
where u.organization_id = %(organization_id)s
  and u.created_at >= %(since)s::timestamptz and u.created_at < %(until)s::timestamptz
  and (%(chatbot_id)s::uuid is null or u.chatbot_id = %(chatbot_id)s)
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
limit %(at_most)s;

-- remove_all: nothing is told any more of what was used; for the end of an organization.
delete from conversations.usage where organization_id = %(organization_id)s;
