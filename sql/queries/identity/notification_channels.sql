-- create: a channel, whose address is sealed.
insert into identity.notification_channels (organization_id, id, name, kind, destination, sealed, events)
values (%(organization_id)s, %(id)s, %(name)s, %(kind)s, %(destination)s, %(sealed)s, %(events)s)
returning id, name, kind, destination, events, is_active, created_at;

-- select_all: the channels of the organization by name, without what is sealed.
select id, name, kind, destination, events, is_active, created_at
from identity.notification_channels
where organization_id = %(organization_id)s
order by name;

-- get: a channel by id.
select id, name, kind, destination, events, is_active, created_at
from identity.notification_channels
where organization_id = %(organization_id)s and id = %(id)s;

-- find_by_name: the channel that bears a name.
select id, name, kind, destination, events, is_active, created_at
from identity.notification_channels
where organization_id = %(organization_id)s and name = %(name)s;

-- find_sealed: the sealed address of a channel.
select id, sealed from identity.notification_channels
where organization_id = %(organization_id)s and id = %(id)s;

-- set_sealed: the same address, sealed anew.
update identity.notification_channels set sealed = %(sealed)s
where organization_id = %(organization_id)s and id = %(id)s;

-- set_active: whether anything is delivered through a channel.
update identity.notification_channels set is_active = %(is_active)s
where organization_id = %(organization_id)s and name = %(name)s;

-- set: how a channel is called, and of what it tells.
update identity.notification_channels set name = %(name)s, events = %(events)s, is_active = %(is_active)s
where organization_id = %(organization_id)s and id = %(id)s
returning id, name, kind, destination, events, is_active, created_at;

-- remove: a channel, and what waits to be delivered through it.
delete from identity.notification_channels
where organization_id = %(organization_id)s and name = %(name)s;

-- select_to_rewrap: sealed addresses after an id that another key wraps than this one.
select id, sealed from identity.notification_channels
where organization_id = %(organization_id)s and id > %(after)s
  and identity.sealing_key(sealed) is distinct from %(key_id)s
order by id
limit %(most)s
for no key update;

-- count_by_key: which keys wrap addresses of channels, and how many each.
select identity.sealing_key(sealed) as key_id, count(*) as secrets from identity.notification_channels
where organization_id = %(organization_id)s
group by 1;
