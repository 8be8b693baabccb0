-- Which organizations have work for a background agent that is due? The one question that its worker asks across them.
grant create on schema conversations to millrace_directory;
create or replace function conversations.organizations_with_tasks()
    returns table (organization_id uuid)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select distinct t.organization_id from conversations.background_tasks t
        where t.status = 'waiting' and t.next_attempt_at <= clock_timestamp()
    $$;
alter function conversations.organizations_with_tasks() owner to millrace_directory;
revoke create on schema conversations from millrace_directory;
revoke all on function conversations.organizations_with_tasks() from public;
grant execute on function conversations.organizations_with_tasks() to millrace_api, millrace_pipeline;
comment on function conversations.organizations_with_tasks() is
    'The organizations with work of background agents that is due.';
