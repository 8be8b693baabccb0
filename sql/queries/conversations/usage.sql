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
