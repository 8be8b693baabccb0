-- forget_over: requests of more than a day ago.
delete from identity.idempotent_requests
where organization_id = %(organization_id)s and created_at < now() - interval '24 hours';

-- begin: a request that was not made yet; one that is being made is waited for.
insert into identity.idempotent_requests (organization_id, asked_by, key, digest)
values (%(organization_id)s, %(asked_by)s, %(key)s, %(digest)s)
on conflict (organization_id, asked_by, key) do nothing
returning id;

-- find: the request that bore this key.
select digest, entity_id from identity.idempotent_requests
where organization_id = %(organization_id)s and asked_by = %(asked_by)s and key = %(key)s;

-- set_made: what a request made.
update identity.idempotent_requests set entity_id = %(entity_id)s
where organization_id = %(organization_id)s and asked_by = %(asked_by)s and key = %(key)s;
