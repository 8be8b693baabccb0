-- The audit log forgets too: after a year, or as the organization says. And the API writes what it does itself.

set local role millrace_owner;

alter table identity.retention_settings
    add column audit_days integer not null default 365 check (audit_days > 0);

grant insert on identity.audit_log to millrace_api;
