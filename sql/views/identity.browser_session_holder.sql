-- Who is signed in here, and as what? Asked before an organization is known; the caller compares the digest in constant time.
grant create on schema identity to millrace_directory;
drop function if exists identity.browser_session_holder(uuid);
create function identity.browser_session_holder(session_id uuid)
    returns table (organization_id uuid, id uuid, user_id uuid, name text, digest bytea, role text,
        rate_limit_per_hour integer, rate_limit_per_day integer)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select s.organization_id, s.id, s.user_id, u.username, s.digest, m.role, m.rate_limit_per_hour,
            m.rate_limit_per_day
        from identity.browser_sessions s
        join identity.users u on u.organization_id = s.organization_id and u.id = s.user_id
        join identity.memberships m on m.organization_id = s.organization_id and m.user_id = s.user_id
        where s.id = session_id and s.ended_at is null and s.expires_at > clock_timestamp() and u.is_active
    $$;
alter function identity.browser_session_holder(uuid) owner to millrace_directory;
revoke create on schema identity from millrace_directory;
revoke all on function identity.browser_session_holder(uuid) from public;
grant execute on function identity.browser_session_holder(uuid) to millrace_api, millrace_pipeline;
comment on function identity.browser_session_holder(uuid) is
    'The person, role, limits and digest of a browser that is signed in now; no row for any other.';
