-- Which sources are there, and when was each synced? The one question a sensor asks across organizations.
grant create on schema knowledge to millrace_directory;
create or replace function knowledge.source_directory()
    returns table (organization_id uuid, organization_slug text, id uuid, name text, status text,
                   auto_sync boolean, sync_frequency integer, last_sync timestamptz)
    language sql stable security definer set search_path = pg_catalog
    as $$
        select s.organization_id, o.slug, s.id, s.name, s.status, s.auto_sync, s.sync_frequency, s.last_sync
        from knowledge.data_sources s
        join identity.organizations o on o.id = s.organization_id
        where s.deleted_at is null
        order by o.slug, s.name
    $$;
grant usage on schema identity, knowledge to millrace_directory;
alter function knowledge.source_directory() owner to millrace_directory;
revoke create on schema knowledge from millrace_directory;
revoke all on function knowledge.source_directory() from public;
grant execute on function knowledge.source_directory() to millrace_pipeline;
comment on function knowledge.source_directory() is 'The sources of all organizations, without their configuration; pipelines only.';
