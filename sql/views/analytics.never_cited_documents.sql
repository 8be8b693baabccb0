-- Documents that are served, and that no answer ever cited.
create or replace view analytics.never_cited_documents with (security_invoker = true) as
select d.organization_id, d.id as document_id, o.source, d.file_path as path, d.title, d.language, d.created_at,
       current_date - (d.created_at at time zone 'UTC')::date as days, o.tags
from knowledge.documents d
join analytics.all_sources o on o.organization_id = d.organization_id and o.source_id = d.data_source_id
where d.status = 'ready' and d.soft_deleted_at is null
  and not exists (
    select from conversations.citations c
    where c.organization_id = d.organization_id and c.document_id = d.id);
alter view analytics.never_cited_documents owner to millrace_owner;
grant select on analytics.never_cited_documents to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.never_cited_documents is $$One row for each document that can be found and was never cited. A young one may be cited yet: see days.
Example: how much of each source nobody ever needed in a year:
select source, count(*) from analytics.never_cited_documents where days > 365 group by source order by 2 desc;$$;
comment on column analytics.never_cited_documents.organization_id is 'Whose it is.';
comment on column analytics.never_cited_documents.document_id is 'The document.';
comment on column analytics.never_cited_documents.source is 'The source''s name.';
comment on column analytics.never_cited_documents.path is 'Where it lies in its source.';
comment on column analytics.never_cited_documents.title is 'Its title.';
comment on column analytics.never_cited_documents.language is 'Its language.';
comment on column analytics.never_cited_documents.created_at is 'When it was first seen.';
comment on column analytics.never_cited_documents.days is 'How many days it could have been cited.';
comment on column analytics.never_cited_documents.tags is 'The tags of the source, in their order.';
