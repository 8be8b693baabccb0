-- create: a key, of which only the digest of the secret part is kept.
insert into identity.api_keys
    (organization_id, id, user_id, name, digest, scopes, expires_at, rate_limit_per_hour, rate_limit_per_day)
values
    (%(organization_id)s, %(id)s, %(user_id)s, %(name)s, %(digest)s, %(scopes)s, %(expires_at)s,
     %(rate_limit_per_hour)s, %(rate_limit_per_day)s)
returning id, user_id, name, scopes, expires_at, revoked_at, last_used_at, created_at, rate_limit_per_hour,
    rate_limit_per_day;

-- get: a key by id.
select id, user_id, name, scopes, expires_at, revoked_at, last_used_at, created_at, rate_limit_per_hour,
    rate_limit_per_day
from identity.api_keys
where organization_id = %(organization_id)s and id = %(id)s;

-- select_all: the keys of the organization, the oldest first.
select id, user_id, name, scopes, expires_at, revoked_at, last_used_at, created_at, rate_limit_per_hour,
    rate_limit_per_day
from identity.api_keys
where organization_id = %(organization_id)s
order by created_at, name;

-- holder: whose key this is, and the digest to compare with (any organization).
select organization_id, id, user_id, name, digest, scopes, rate_limit_per_hour, rate_limit_per_day
from identity.key_holder(%(id)s);

-- touch: remember that a key was used, at most once a minute.
update identity.api_keys set last_used_at = now()
where organization_id = %(organization_id)s and id = %(id)s
  and (last_used_at is null or last_used_at < now() - interval '1 minute');

-- revoke: a key that is valid no more; the first time counts.
update identity.api_keys set revoked_at = coalesce(revoked_at, now())
where organization_id = %(organization_id)s and id = %(id)s;

-- set_rate_limits: how often a key may ask in an hour and a day; null for as often as it likes.
update identity.api_keys
set rate_limit_per_hour = %(per_hour)s, rate_limit_per_day = %(per_day)s
where organization_id = %(organization_id)s and id = %(id)s;

-- set: what a key is for, and until when it is valid.
update identity.api_keys set name = %(name)s, expires_at = %(expires_at)s
where organization_id = %(organization_id)s and id = %(id)s
returning id, user_id, name, scopes, expires_at, revoked_at, last_used_at, created_at, rate_limit_per_hour,
    rate_limit_per_day;

-- revoke_beyond: keys of a user that may do more than these scopes are valid no more.
update identity.api_keys set revoked_at = now()
where organization_id = %(organization_id)s and user_id = %(user_id)s and revoked_at is null
  and not scopes <@ %(scopes)s::text[];
