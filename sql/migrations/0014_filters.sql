-- Filters over documents: what a retrieval was bound to, and how its question was understood.

set local role millrace_owner;

alter table conversations.retrieval_logs
    add column detailed_question text,
    add column sub_questions text[] not null default '{}',
    add column filter jsonb check (jsonb_typeof(filter) = 'object');
