-- create: a new chatbot.
insert into bots.chatbots
    (organization_id, user_id, name, description, visibility, system_prompt, show_citations, temperature)
values
    (%(organization_id)s, %(user_id)s, %(name)s, %(description)s, %(visibility)s, %(system_prompt)s,
     %(show_citations)s, %(temperature)s)
returning id, name, description, visibility, system_prompt, show_citations, temperature,
    extract(epoch from created_at)::bigint as created, dispatching;

-- get: a chatbot by id.
select id, name, description, visibility, system_prompt, show_citations, temperature,
    extract(epoch from created_at)::bigint as created, dispatching
from bots.chatbots
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- find_by_name: the chatbot that bears a name.
select id, name, description, visibility, system_prompt, show_citations, temperature,
    extract(epoch from created_at)::bigint as created, dispatching
from bots.chatbots
where organization_id = %(organization_id)s and name = %(name)s and deleted_at is null;

-- select_all: the chatbots of the organization, by name.
select id, name, description, visibility, system_prompt, show_citations, temperature,
    extract(epoch from created_at)::bigint as created, dispatching
from bots.chatbots
where organization_id = %(organization_id)s and deleted_at is null
order by name;

-- attach_source: let a chatbot answer from a source.
insert into bots.chatbot_data_sources (organization_id, chatbot_id, data_source_id)
values (%(organization_id)s, %(chatbot_id)s, %(source_id)s)
on conflict do nothing;

-- detach_source: let a chatbot answer from a source no more.
delete from bots.chatbot_data_sources
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and data_source_id = %(source_id)s;

-- select_source_ids: the sources a chatbot answers from, in one array.
select array_agg(s.id order by s.id)
from bots.chatbot_data_sources l
join knowledge.data_sources s on s.organization_id = l.organization_id and s.id = l.data_source_id
where l.organization_id = %(organization_id)s and l.chatbot_id = %(chatbot_id)s and s.deleted_at is null;

-- remove: retire a chatbot.
update bots.chatbots set deleted_at = now()
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null;

-- set: what a chatbot says and how it speaks.
update bots.chatbots
set description = %(description)s, visibility = %(visibility)s, system_prompt = %(system_prompt)s,
    show_citations = %(show_citations)s, temperature = %(temperature)s, dispatching = %(dispatching)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
returning id, name, description, visibility, system_prompt, show_citations, temperature,
    extract(epoch from created_at)::bigint as created, dispatching;
