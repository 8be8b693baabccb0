-- create: what somebody did.
insert into identity.audit_log (organization_id, user_id, key_id, door, action, entity, entity_id, changed)
values (%(organization_id)s, %(user_id)s, %(key_id)s, %(door)s, %(action)s, %(entity)s, %(entity_id)s, %(changed)s);

-- select_page: what was done, the latest first, by whom and to what.
select a.id, a.at, a.user_id, u.username, a.key_id, k.name as key_name, a.door, a.action, a.entity, a.entity_id, a.changed
from identity.audit_log a
left join identity.users u on u.organization_id = %(organization_id)s and u.id = a.user_id
left join identity.api_keys k on k.organization_id = %(organization_id)s and k.id = a.key_id
where a.organization_id = %(organization_id)s
  and (%(entity)s::text is null or a.entity = %(entity)s)
  and (%(entity_id)s::text is null or a.entity_id = %(entity_id)s)
  and (%(action)s::text is null or a.action = %(action)s)
  and (%(user_id)s::uuid is null or a.user_id = %(user_id)s)
  and (%(after_at)s::timestamptz is null
       or case when %(oldest_first)s::boolean then (a.at, a.id) > (%(after_at)s, %(after_id)s::uuid)
               else (a.at, a.id) < (%(after_at)s, %(after_id)s::uuid) end)
order by case when %(oldest_first)s::boolean then a.at end, case when %(oldest_first)s::boolean then a.id end,
    a.at desc, a.id desc
limit %(at_most)s;

-- get: one entry.
select a.id, a.at, a.user_id, u.username, a.key_id, k.name as key_name, a.door, a.action, a.entity, a.entity_id, a.changed
from identity.audit_log a
left join identity.users u on u.organization_id = %(organization_id)s and u.id = a.user_id
left join identity.api_keys k on k.organization_id = %(organization_id)s and k.id = a.key_id
where a.organization_id = %(organization_id)s and a.id = %(id)s;

-- hold: whoever else would change this thing waits until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(%(organization_id)s::text || ' ' || %(entity)s || ' ' || %(entity_id)s, 0));

-- forget: take these away, as far as the rule no longer keeps them.
select identity.forget_audit_entries(%(organization_id)s, %(ids)s, %(as_of)s);

-- count: how many of these there are.
select count(*)::integer from identity.audit_log where organization_id = %(organization_id)s and id = any (%(ids)s);
