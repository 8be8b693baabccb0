-- What is to be built or measured, in any organization? The one question that the sensor asks across them.
grant create on schema bots to millrace_directory;
create or replace function bots.waiting_configurations()
    returns table (id uuid, organization_slug text, model_config_version_id uuid, job text, minutes integer)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select r.id, o.slug, r.model_config_version_id, r.job,
            (extract(epoch from clock_timestamp() - r.created_at) / 60)::integer
        from bots.configuration_requests r
        join identity.organizations o on o.id = r.organization_id
        where r.begun_at is null
        order by r.created_at
    $$;
alter function bots.waiting_configurations() owner to millrace_directory;
revoke create on schema bots from millrace_directory;
revoke all on function bots.waiting_configurations() from public;
grant execute on function bots.waiting_configurations() to millrace_pipeline;
comment on function bots.waiting_configurations() is
    'The configurations that somebody asked to build or measure and that no run has begun with, and for how long.';
