-- select_of_chatbot: what the active pre-canned agents of a chatbot know, in the order of their agents and questions.
select k.agent_id, k.question, k.answer
from bots.canned_answers k
join bots.agents a on a.organization_id = %(organization_id)s and a.id = k.agent_id
where k.organization_id = %(organization_id)s and a.chatbot_id = %(chatbot_id)s and a.type = 'pre-canned'
  and a.is_active and a.deleted_at is null
order by a.created_at, a.name, k.question;

-- select_of_agent: what one agent knows.
select agent_id, question, answer from bots.canned_answers
where organization_id = %(organization_id)s and agent_id = %(agent_id)s
order by question;

-- replace: let an agent answer a question with this text.
insert into bots.canned_answers (organization_id, agent_id, question, answer)
values (%(organization_id)s, %(agent_id)s, %(question)s, %(answer)s)
on conflict (organization_id, agent_id, question) do update set answer = excluded.answer;

-- remove_others: let an agent forget all questions but these.
delete from bots.canned_answers
where organization_id = %(organization_id)s and agent_id = %(agent_id)s and question <> all (%(questions)s::text[]);
