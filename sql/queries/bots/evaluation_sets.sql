-- ensure: the set of this name, made where it is missing.
insert into bots.evaluation_sets (organization_id, chatbot_id, name, description)
values (%(organization_id)s, %(chatbot_id)s, %(name)s, %(description)s)
on conflict (organization_id, chatbot_id, name) do update set description = excluded.description
returning id, chatbot_id, name, description;

-- get: a set.
select id, chatbot_id, name, description from bots.evaluation_sets
where organization_id = %(organization_id)s and id = %(id)s;

-- select_all: the sets of the chatbots that are not removed, by chatbot and name.
select s.id, s.chatbot_id, s.name, s.description
from bots.evaluation_sets s
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id and c.deleted_at is null
where s.organization_id = %(organization_id)s
order by c.name, s.name;

-- select_judged: the sets of a chatbot that have a question with a judgment.
select s.id
from bots.evaluation_sets s
where s.organization_id = %(organization_id)s and s.chatbot_id = %(chatbot_id)s
  and exists (
      select from bots.evaluation_judgments j
      join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = j.evaluation_query_id
      where j.organization_id = %(organization_id)s and q.evaluation_set_id = s.id)
order by s.name;

-- count_judged: how many questions of a chatbot's sets have a document that is known to answer.
select count(*)
from bots.evaluation_queries q
join bots.evaluation_sets s on s.organization_id = %(organization_id)s and s.id = q.evaluation_set_id
where q.organization_id = %(organization_id)s and s.chatbot_id = %(chatbot_id)s
  and exists (
      select from bots.evaluation_judgments j
      where j.organization_id = %(organization_id)s and j.evaluation_query_id = q.id and j.grade > 0);
