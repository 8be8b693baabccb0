-- attach: let an agent read documents of a kind.
insert into bots.agent_file_types (organization_id, agent_id, file_type_id)
values (%(organization_id)s, %(agent_id)s, %(file_type_id)s)
on conflict do nothing;

-- detach_all: let an agent read documents of all kinds.
delete from bots.agent_file_types where organization_id = %(organization_id)s and agent_id = %(agent_id)s;

-- select_names: the kinds of file that an agent reads, by name.
select f.name
from bots.agent_file_types a
join knowledge.file_types f on f.organization_id = a.organization_id and f.id = a.file_type_id
where a.organization_id = %(organization_id)s and a.agent_id = %(agent_id)s
order by f.name;

-- select_readers: the agents that read documents of a kind and not of all, by name.
select a.name
from bots.agent_file_types f
join bots.agents a on a.organization_id = f.organization_id and a.id = f.agent_id
where f.organization_id = %(organization_id)s and f.file_type_id = %(file_type_id)s and a.deleted_at is null
order by a.name;
