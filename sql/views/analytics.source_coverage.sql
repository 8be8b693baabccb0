-- How much of each source can be found, and how much of it answers needed.
create or replace view analytics.source_coverage with (security_invoker = true) as
select o.organization_id, o.source_id, o.source, count(d.id) as documents,
       count(d.id) filter (where d.status = 'ready') as ready, count(d.id) filter (where d.status = 'pending') as pending,
       count(d.id) filter (where d.status = 'failed') as failed, count(c.document_id) as cited,
       count(d.id) filter (where d.status = 'ready')::double precision / nullif(count(d.id), 0) as ready_share,
       count(c.document_id)::double precision / nullif(count(d.id), 0) as cited_share, o.tags
from analytics.all_sources o
left join knowledge.documents d
    on d.organization_id = o.organization_id and d.data_source_id = o.source_id and d.soft_deleted_at is null
left join (
    select organization_id, document_id from conversations.citations group by organization_id, document_id
) c on c.organization_id = d.organization_id and c.document_id = d.id
where not o.is_deleted
group by o.organization_id, o.source_id, o.source, o.tags;
alter view analytics.source_coverage owner to millrace_owner;
grant select on analytics.source_coverage to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.source_coverage is $$One row for each source, with its documents that are not deleted.
Example: select source, documents, ready_share, cited_share from analytics.source_coverage order by ready_share;$$;
comment on column analytics.source_coverage.organization_id is 'Whose it is.';
comment on column analytics.source_coverage.source_id is 'The source.';
comment on column analytics.source_coverage.source is 'Its name.';
comment on column analytics.source_coverage.documents is 'Known and not deleted.';
comment on column analytics.source_coverage.ready is 'Can be found.';
comment on column analytics.source_coverage.pending is 'Wait to be read or embedded.';
comment on column analytics.source_coverage.failed is 'Could not be read.';
comment on column analytics.source_coverage.cited is 'Were cited by an answer, ever.';
comment on column analytics.source_coverage.ready_share is 'Of its documents; null where it has none.';
comment on column analytics.source_coverage.cited_share is 'Of its documents; null where it has none.';
comment on column analytics.source_coverage.tags is 'The tags of the source, in their order.';
