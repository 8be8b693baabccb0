-- Whom does this link let in? Asked before an organization is known; the digest is compared by the caller in constant time.
grant create on schema identity to millrace_directory;
create or replace function identity.sign_in_link_holder(link_id uuid)
    returns table (organization_id uuid, id uuid, user_id uuid, digest bytea)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select l.organization_id, l.id, l.user_id, l.digest
        from identity.sign_in_links l
        join identity.users u on u.organization_id = l.organization_id and u.id = l.user_id
        where l.id = link_id and l.used_at is null and l.expires_at > clock_timestamp() and u.is_active
    $$;
alter function identity.sign_in_link_holder(uuid) owner to millrace_directory;
revoke create on schema identity from millrace_directory;
revoke all on function identity.sign_in_link_holder(uuid) from public;
grant execute on function identity.sign_in_link_holder(uuid) to millrace_api, millrace_pipeline;
comment on function identity.sign_in_link_holder(uuid) is 'The person and digest of a link that works now; no row for any other.';
