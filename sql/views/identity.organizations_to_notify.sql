-- Which organizations have somebody to tell something now? The one question that the courier asks across organizations.
grant create on schema identity to millrace_directory;
create or replace function identity.organizations_to_notify()
    returns table (organization_id uuid)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select distinct d.organization_id from identity.notification_deliveries d
        where d.status = 'waiting' and d.next_attempt_at <= clock_timestamp()
    $$;
alter function identity.organizations_to_notify() owner to millrace_directory;
revoke create on schema identity from millrace_directory;
revoke all on function identity.organizations_to_notify() from public;
grant execute on function identity.organizations_to_notify() to millrace_pipeline;
comment on function identity.organizations_to_notify() is 'The organizations with deliveries that are due; pipelines only.';
