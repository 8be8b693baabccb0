-- Every source by name, with its tags: also those that were deleted, whose past questions still count.
create or replace view analytics.all_sources with (security_invoker = true) as
select o.organization_id, o.id as source_id, o.name as source, coalesce(t.tags, '{}') as tags,
       o.deleted_at is not null as is_deleted
from knowledge.data_sources o
left join lateral (
    select array_agg(t.name order by t.name) as tags  -- one row, so that a planner leaves out what nobody asks for
    from knowledge.data_source_tags b
    join knowledge.tags t on t.organization_id = b.organization_id and t.id = b.tag_id
    where b.organization_id = o.organization_id and b.data_source_id = o.id and t.deleted_at is null
) t on true;
alter view analytics.all_sources owner to millrace_owner;
grant select on analytics.all_sources to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.all_sources is $$One row for each source, with its tags; the views that tell of sources name them from here.
Example: how many sources bear each tag:
select tag, count(*) from analytics.all_sources, unnest(tags) tag where not is_deleted group by 1 order by 2 desc;$$;
comment on column analytics.all_sources.organization_id is 'Whose it is.';
comment on column analytics.all_sources.source_id is 'The source.';
comment on column analytics.all_sources.source is 'The name that it has now.';
comment on column analytics.all_sources.tags is 'The names of its tags, in their order; empty where it has none.';
comment on column analytics.all_sources.is_deleted is 'Whether it is gone, and only past questions tell of it.';
