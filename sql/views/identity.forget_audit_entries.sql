-- The audit log is written and never changed, and taken away only by its rule. Pipelines may delete nothing of it; this
-- takes away, of one organization, what its rule no longer keeps. It returns nothing.
drop function if exists identity.forget_audit_entries(uuid, uuid[], timestamptz);
create function identity.forget_audit_entries(whose uuid, ids uuid[], as_of timestamptz) returns void
    language sql volatile security definer set search_path = pg_catalog
    as $$
        delete from identity.audit_log a
        where a.organization_id = whose and a.id = any (ids)
          and a.at <= coalesce(as_of, clock_timestamp()) - make_interval(days => coalesce(
              (select r.audit_days from identity.retention_settings r where r.organization_id = whose), 365))
    $$;
alter function identity.forget_audit_entries(uuid, uuid[], timestamptz) owner to millrace_owner;
revoke all on function identity.forget_audit_entries(uuid, uuid[], timestamptz) from public;
grant execute on function identity.forget_audit_entries(uuid, uuid[], timestamptz) to millrace_pipeline;
comment on function identity.forget_audit_entries(uuid, uuid[], timestamptz) is
    'Take away entries of the audit log that the rule of the organization no longer keeps; pipelines only.';
