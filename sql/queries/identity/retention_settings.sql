-- find: how long an organization keeps things.
select document_days, version_days, conversation_days, history_days, grace_days, audit_days
from identity.retention_settings
where organization_id = %(organization_id)s;

-- replace: how long an organization keeps things from now on.
insert into identity.retention_settings
    (organization_id, document_days, version_days, conversation_days, history_days, grace_days, audit_days)
values
    (%(organization_id)s, %(document_days)s, %(version_days)s, %(conversation_days)s, %(history_days)s, %(grace_days)s,
     %(audit_days)s)
on conflict (organization_id) do update set
    document_days = excluded.document_days,
    version_days = excluded.version_days,
    conversation_days = excluded.conversation_days,
    history_days = excluded.history_days,
    grace_days = excluded.grace_days,
    audit_days = excluded.audit_days;
