-- create: a source of an organization.
insert into knowledge.data_sources
    (organization_id, user_id, name, description, source_type, config, auto_sync, sync_frequency, cron, time_zone,
     deletion_share, deletion_floor)
values
    (%(organization_id)s, %(user_id)s, %(name)s, %(description)s, %(source_type)s, %(config)s, %(auto_sync)s,
     %(sync_frequency)s, %(cron)s, %(time_zone)s, %(deletion_share)s, %(deletion_floor)s)
returning id, organization_id, name, description, source_type, status, config, auto_sync, sync_frequency,
    cron, time_zone, deletion_share, deletion_floor, last_sync, retention_days, user_id, created_at

-- get: a source that is not removed.
select id, organization_id, name, description, source_type, status, config, auto_sync, sync_frequency,
    cron, time_zone, deletion_share, deletion_floor, last_sync, retention_days, user_id, created_at
from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- find_by_name: the source that bears a name.
select id, organization_id, name, description, source_type, status, config, auto_sync, sync_frequency,
    cron, time_zone, deletion_share, deletion_floor, last_sync, retention_days, user_id, created_at
from knowledge.data_sources
where organization_id = %(organization_id)s and name = %(name)s and deleted_at is null

-- select_all: the sources of an organization by name.
select id, organization_id, name, description, source_type, status, config, auto_sync, sync_frequency,
    cron, time_zone, deletion_share, deletion_floor, last_sync, retention_days, user_id, created_at
from knowledge.data_sources
where organization_id = %(organization_id)s and deleted_at is null
order by name

-- hold: keep a source from being removed until this transaction ends.
select id from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
for share

-- set_synced: a sync of a source ended just now, well or not. An inactive source stays inactive.
update knowledge.data_sources
set last_sync = clock_timestamp(),
    status = case when status = 'inactive' then status when %(has_failed)s then 'error' else 'active' end
where organization_id = %(organization_id)s and id = %(id)s

-- set: other values of a source.
update knowledge.data_sources
set description = %(description)s, config = %(config)s, auto_sync = %(auto_sync)s, status = %(status)s,
    sync_frequency = %(sync_frequency)s, cron = %(cron)s, time_zone = %(time_zone)s,
    deletion_share = %(deletion_share)s, deletion_floor = %(deletion_floor)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null
returning id, organization_id, name, description, source_type, status, config, auto_sync, sync_frequency,
    cron, time_zone, deletion_share, deletion_floor, last_sync, retention_days, user_id, created_at

-- get_owner: what a source is called and whose it is, removed or not.
select name, user_id from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s

-- set_credentials: the sealed credentials of a source, or none.
update knowledge.data_sources set credentials = %(credentials)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- find_credentials: the sealed credentials of a source.
select credentials from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- select_credentials_to_rewrap: sealed credentials after an id that another key wraps than this one.
select id, credentials as sealed from knowledge.data_sources
where organization_id = %(organization_id)s and id > %(after)s
  and credentials is not null and identity.sealing_key(credentials) is distinct from %(key_id)s
order by id
limit %(most)s
for no key update

-- count_credentials_by_key: which keys wrap credentials, and how many each.
select identity.sealing_key(credentials) as key_id, count(*) as secrets from knowledge.data_sources
where organization_id = %(organization_id)s and credentials is not null
group by 1

-- remove: nobody sees a source any more; its name is free, its credentials are gone.
update knowledge.data_sources set deleted_at = clock_timestamp(), auto_sync = false, credentials = null
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- hold_alone: keep everybody else from writing for a source, removed or not, until this transaction ends.
select name from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s
for update

-- set_retention_days: how long a source's documents are kept; null: as its owner or the organization says.
update knowledge.data_sources set retention_days = %(retention_days)s
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is null

-- find_any_by_name: a source by its name, the one that is not removed first, then the one that was removed last.
select id from knowledge.data_sources
where organization_id = %(organization_id)s and name = %(name)s
order by deleted_at desc nulls first
limit 1

-- erase: a removed source is no more, nor is anything that hangs on it.
delete from knowledge.data_sources
where organization_id = %(organization_id)s and id = %(id)s and deleted_at is not null
