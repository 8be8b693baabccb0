-- create: the lease of a source, free at first.
insert into knowledge.leases (organization_id, data_source_id)
select s.organization_id, s.id
from knowledge.data_sources s
where s.organization_id = %(organization_id)s and s.id = %(data_source_id)s
on conflict (organization_id, data_source_id) do nothing

-- take_again: the lease that its holder has already, or had last.
update knowledge.leases
set expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and holder = %(holder)s
returning fence

-- take_over: a lease that is free or has expired. One that a writing transaction holds at this moment is neither.
with free as (
    select l.data_source_id
    from knowledge.leases l
    where l.organization_id = %(organization_id)s and l.data_source_id = %(data_source_id)s
      and (l.holder is null or l.expires_at <= clock_timestamp())
    for update skip locked
)
update knowledge.leases l
set fence = l.fence + 1, holder = %(holder)s,
    expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
from free
where l.organization_id = %(organization_id)s and l.data_source_id = free.data_source_id
returning l.fence

-- hold: nobody takes the lease over until this transaction ends; renewing it goes on beside (that changes no key).
select fence from knowledge.leases
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and fence = %(fence)s
  and holder = %(holder)s
for key share

-- renew: the lease holds for some time from now.
update knowledge.leases
set expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and fence = %(fence)s
  and holder = %(holder)s

-- release: the lease is nobody's; its fence stays, so that a writer who comes late is told apart.
update knowledge.leases set holder = null, expires_at = clock_timestamp()
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and fence = %(fence)s
  and holder = %(holder)s

-- free: the lease is nobody's, since its holder is gone; a higher fence keeps out even one that was not.
update knowledge.leases set holder = null, expires_at = clock_timestamp(), fence = fence + 1
where organization_id = %(organization_id)s and data_source_id = %(data_source_id)s and holder = %(holder)s

-- find: who has the lease of a source, and until when.
select s.name as source, l.fence, l.holder, l.expires_at, l.expires_at <= clock_timestamp() as is_expired
from knowledge.leases l
join knowledge.data_sources s
    on s.organization_id = %(organization_id)s and s.id = l.data_source_id
where l.organization_id = %(organization_id)s and l.data_source_id = %(data_source_id)s
