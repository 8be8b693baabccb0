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
