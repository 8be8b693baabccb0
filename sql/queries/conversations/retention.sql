-- select_old_sessions: conversations in which nothing was said for so many days, and those that were deleted.
select s.id, null::uuid as data_source_id, 'conversation' as what,
       c.name || ', ' || to_char(s.created_at, 'YYYY-MM-DD') as label, due.rule, due.due_at, null as held_by
from conversations.sessions s
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id
left join identity.knowledge_settings k on k.organization_id = %(organization_id)s and k.user_id = c.user_id
left join identity.retention_settings r on r.organization_id = %(organization_id)s
cross join lateral (
    select case when s.deleted_at is not null
                    then 'deleted, then kept for ' || coalesce(r.grace_days, %(grace_days)s) || ' days'
                when k.conversation_retention_days is not null
                    then 'the chatbot''s owner keeps conversations for ' || k.conversation_retention_days || ' days'
                else 'the organization keeps conversations for ' || r.conversation_days || ' days' end as rule,
           case when s.deleted_at is not null
                then s.deleted_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s))
                else coalesce((
                    select max(m.created_at) from conversations.messages m
                    where m.organization_id = %(organization_id)s and m.session_id = s.id), s.created_at)
                    + make_interval(days => coalesce(k.conversation_retention_days, r.conversation_days)) end as due_at
) due
where s.organization_id = %(organization_id)s
  and (s.deleted_at is not null or s.created_at <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
       - make_interval(days => coalesce(k.conversation_retention_days, r.conversation_days)))
  and due.due_at <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
order by due.due_at, s.id
limit %(at_most)s;

-- select_unanswered: retrievals that never served an answer.
select l.id, null::uuid as data_source_id, 'retrieval' as what, to_char(l.created_at, 'YYYY-MM-DD') as label,
       'without an answer, kept for ' || coalesce(r.grace_days, %(grace_days)s) || ' days' as rule,
       l.created_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s)) as due_at, null as held_by
from conversations.retrieval_logs l
left join identity.retention_settings r on r.organization_id = %(organization_id)s
where l.organization_id = %(organization_id)s and l.session_id is null
  and l.created_at + make_interval(days => coalesce(r.grace_days, %(grace_days)s))
      <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
order by l.created_at, l.id
limit %(at_most)s;

-- select_closed_issues: issues of sources that were closed before so many days as conversations are kept.
select i.id, i.data_source_id, 'issue' as what, s.name || ', ' || to_char(i.created_at, 'YYYY-MM-DD') as label,
       'closed, then kept for ' || r.conversation_days || ' days as conversations are' as rule,
       i.closed_at + make_interval(days => r.conversation_days) as due_at, null as held_by
from conversations.source_issues i
join knowledge.data_sources s on s.organization_id = %(organization_id)s and s.id = i.data_source_id
join identity.retention_settings r on r.organization_id = %(organization_id)s and r.conversation_days is not null
where i.organization_id = %(organization_id)s and i.state = 'closed'
  and i.closed_at + make_interval(days => r.conversation_days) <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
order by i.closed_at, i.id
limit %(at_most)s;

-- select_old_audit_entries: who changed what, longer ago than the organization wants it told.
select a.id, null::uuid as data_source_id, 'audit entry' as what,
       a.action || ' ' || a.entity || ', ' || to_char(a.at, 'YYYY-MM-DD') as label,
       'the audit log is kept for ' || coalesce(r.audit_days, %(audit_days)s) || ' days' as rule,
       a.at + make_interval(days => coalesce(r.audit_days, %(audit_days)s)) as due_at, null as held_by
from identity.audit_log a
left join identity.retention_settings r on r.organization_id = %(organization_id)s
where a.organization_id = %(organization_id)s
  and a.at <= coalesce(%(as_of)s::timestamptz, clock_timestamp())
      - make_interval(days => coalesce(r.audit_days, %(audit_days)s))
order by a.at, a.id
limit %(at_most)s;
