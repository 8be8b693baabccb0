-- What could not be carried through, and waits.
create or replace view analytics.failures_backlog with (security_invoker = true) as
select f.organization_id, o.source, f.stage, f.outcome, f.state, count(*) as items, min(f.created_at) as oldest,
       max(f.attempts) as most_attempts, min(f.next_attempt_at) filter (where f.state = 'retrying') as next_attempt_at,
       o.tags
from knowledge.sync_failures f
join analytics.all_sources o on o.organization_id = f.organization_id and o.source_id = f.data_source_id
where not o.is_deleted
group by f.organization_id, o.source, o.tags, f.stage, f.outcome, f.state;
alter view analytics.failures_backlog owner to millrace_owner;
grant select on analytics.failures_backlog to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.failures_backlog is $$Items that fail, by source, stage, kind of failure and state.
Example: what waits for a person:
select source, outcome, items, oldest from analytics.failures_backlog where state = 'parked' order by items desc;$$;
comment on column analytics.failures_backlog.organization_id is 'Whose it is.';
comment on column analytics.failures_backlog.source is 'The source''s name.';
comment on column analytics.failures_backlog.stage is 'listing, fetching, parsing, chunking or embedding.';
comment on column analytics.failures_backlog.outcome is 'What kind of failure.';
comment on column analytics.failures_backlog.state is 'retrying (by itself), parked (until it changes or somebody asks) or ignored.';
comment on column analytics.failures_backlog.items is 'How many.';
comment on column analytics.failures_backlog.oldest is 'Since when the first of them fails.';
comment on column analytics.failures_backlog.most_attempts is 'How often the most tried of them was tried.';
comment on column analytics.failures_backlog.next_attempt_at is 'When the next is tried by itself.';
comment on column analytics.failures_backlog.tags is 'The tags of the source, in their order.';
