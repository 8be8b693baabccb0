-- Which organizations are there? For operators and pipelines, which serve all of them one after the other.
grant create on schema identity to millrace_directory;
create or replace function identity.organization_directory()
    returns table (id uuid, slug text, name text)
    language sql stable security definer set search_path = pg_catalog
    as $$ select o.id, o.slug, o.name from identity.organizations o order by o.slug $$;
alter function identity.organization_directory() owner to millrace_directory;
revoke create on schema identity from millrace_directory;
revoke all on function identity.organization_directory() from public;
grant execute on function identity.organization_directory() to millrace_pipeline;
comment on function identity.organization_directory() is 'All organizations; pipelines only.';
