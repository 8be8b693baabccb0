-- The audit log forgets too: after a year, or as the organization says.

set local role millrace_owner;

alter table identity.retention_settings
    add column audit_days integer not null default 365 check (audit_days > 0);
