-- create: something to be looked after in a source.
insert into conversations.source_issues (organization_id, data_source_id, document_id, message_id, words, opened_by)
values (%(organization_id)s, %(source_id)s, %(document_id)s, %(message_id)s, %(words)s, %(opened_by)s)
returning id;

-- get: one of them, with what it is about by name.
select i.id, i.data_source_id, s.name as source, i.document_id, d.file_path as path, d.title, m.id as message_id,
    i.words, i.note, i.state, o.username as opened_by, c.username as closed_by, i.closed_at, i.created_at, i.updated_at
from conversations.source_issues i
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = i.data_source_id
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = i.document_id
left join identity.users o on o.organization_id = %(organization_id)s and o.id = i.opened_by
left join identity.users c on c.organization_id = %(organization_id)s and c.id = i.closed_by
left join (
    select m.id from conversations.messages m
    join conversations.sessions e on e.organization_id = %(organization_id)s and e.id = m.session_id
    where m.organization_id = %(organization_id)s and m.deleted_at is null and e.deleted_at is null
) m on m.id = i.message_id
where i.organization_id = %(organization_id)s and i.id = %(id)s;

-- select_page: those of a source, a document, an answer or a state, or all; the latest first.
select i.id, i.data_source_id, s.name as source, i.document_id, d.file_path as path, d.title, m.id as message_id,
    i.words, i.note, i.state, o.username as opened_by, c.username as closed_by, i.closed_at, i.created_at, i.updated_at
from conversations.source_issues i
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = i.data_source_id
left join knowledge.documents d on d.organization_id = %(organization_id)s and d.id = i.document_id
left join identity.users o on o.organization_id = %(organization_id)s and o.id = i.opened_by
left join identity.users c on c.organization_id = %(organization_id)s and c.id = i.closed_by
left join (
    select m.id from conversations.messages m
    join conversations.sessions e on e.organization_id = %(organization_id)s and e.id = m.session_id
    where m.organization_id = %(organization_id)s and m.deleted_at is null and e.deleted_at is null
) m on m.id = i.message_id
where i.organization_id = %(organization_id)s
  and (%(source_id)s::uuid is null or i.data_source_id = %(source_id)s)
  and (%(document_id)s::uuid is null or i.document_id = %(document_id)s)
  and (%(message_id)s::uuid is null or i.message_id = %(message_id)s)
  and (%(state)s::text is null or i.state = %(state)s)
  and (%(before_at)s::timestamptz is null
       or case when %(oldest_first)s::boolean then (i.created_at, i.id) > (%(before_at)s, %(before_id)s::uuid)
               else (i.created_at, i.id) < (%(before_at)s, %(before_id)s::uuid) end)
order by case when %(oldest_first)s::boolean then i.created_at end, case when %(oldest_first)s::boolean then i.id end,
    i.created_at desc, i.id desc
limit %(at_most)s;

-- change: what came of it, and whether it is closed.
update conversations.source_issues
set words = %(words)s, note = %(note)s,
    closed_at = case when %(state)s = 'open' then null
                     when state = 'closed' then closed_at else clock_timestamp() end,
    closed_by = case when %(state)s = 'open' then null when state = 'closed' then closed_by else %(changed_by)s::uuid end,
    state = %(state)s
where organization_id = %(organization_id)s and id = %(id)s;

-- remove: these.
delete from conversations.source_issues
where organization_id = %(organization_id)s and id = any (%(ids)s);

-- remove_of_messages: those that were opened for one of these answers, whose words they may repeat.
delete from conversations.source_issues
where organization_id = %(organization_id)s and message_id = any (%(message_ids)s);

-- remove_of_user: those that this user opened, in words of their own.
delete from conversations.source_issues
where organization_id = %(organization_id)s and opened_by = %(user_id)s;
