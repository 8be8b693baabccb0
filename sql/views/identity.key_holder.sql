-- Whose key is this? Asked before an organization is known; the digest is compared by the caller in constant time.
grant create on schema identity to millrace_directory;
drop function if exists identity.key_holder(uuid);
create function identity.key_holder(key_id uuid)
    returns table (organization_id uuid, id uuid, user_id uuid, name text, digest bytea, scopes text[],
        rate_limit_per_hour integer, rate_limit_per_day integer)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select k.organization_id, k.id, k.user_id, k.name, k.digest, k.scopes, k.rate_limit_per_hour,
            k.rate_limit_per_day
        from identity.api_keys k
        where k.id = key_id
          and k.revoked_at is null
          and (k.expires_at is null or k.expires_at > clock_timestamp())
          and (k.user_id is null or exists (
              select from identity.users u
              where u.organization_id = k.organization_id and u.id = k.user_id and u.is_active))
    $$;
alter function identity.key_holder(uuid) owner to millrace_directory;
revoke create on schema identity from millrace_directory;
revoke all on function identity.key_holder(uuid) from public;
grant execute on function identity.key_holder(uuid) to millrace_api, millrace_pipeline;
comment on function identity.key_holder(uuid) is
    'The organization, digest, scopes and limits of a key that is valid now; no row for any other.';
