-- Which sources are there, when was each synced, by whom is it synced now? The one question a sensor asks across organizations.
drop function if exists knowledge.source_directory();
grant create on schema knowledge to millrace_directory;
create function knowledge.source_directory()
    returns table (organization_id uuid, organization_slug text, id uuid, name text, status text,
                   auto_sync boolean, sync_frequency integer, cron text, time_zone text,
                   created_at timestamptz, last_sync timestamptz, leased_until timestamptz, leased_to text,
                   is_asked_for boolean, took_s double precision)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select s.organization_id, o.slug, s.id, s.name, s.status, s.auto_sync, s.sync_frequency, s.cron, s.time_zone,
            s.created_at, s.last_sync, l.expires_at, l.holder,
            exists (select from knowledge.training_jobs j
                    where j.organization_id = s.organization_id and j.data_source_id = s.id and j.status = 'queued'),
            (select extract(epoch from j.completed_at - j.started_at)::double precision
             from knowledge.training_jobs j
             where j.organization_id = s.organization_id and j.data_source_id = s.id
               and j.status in ('completed', 'failed') and j.started_at is not null
             order by j.created_at desc limit 1)
        from knowledge.data_sources s
        join identity.organizations o on o.id = s.organization_id
        left join knowledge.leases l
            on l.organization_id = s.organization_id and l.data_source_id = s.id and l.holder is not null
        where s.deleted_at is null
        order by o.slug, s.name
    $$;
grant usage on schema identity, knowledge to millrace_directory;
alter function knowledge.source_directory() owner to millrace_directory;
revoke create on schema knowledge from millrace_directory;
revoke all on function knowledge.source_directory() from public;
grant execute on function knowledge.source_directory() to millrace_pipeline;
comment on function knowledge.source_directory() is
    'The sources of all organizations and how their syncs stand, without their configuration; pipelines only.';
