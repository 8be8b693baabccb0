-- Documents that answers rest on: how often, since when, and how those answers were liked.
create or replace view analytics.cited_documents with (security_invoker = true) as
with citations as (
    select organization_id, document_id, sum(citations)::bigint as citations, sum(answers)::bigint as answers,
           min(first_cited_at) as first_cited_at, max(last_cited_at) as last_cited_at
    from analytics.daily_citations
    where document_id is not null
    group by organization_id, document_id
), opinions as (
    select organization_id, document_id, sum(liked)::bigint as liked, sum(disliked)::bigint as disliked
    from analytics.daily_opinions
    group by organization_id, document_id
)
select c.organization_id, c.document_id, o.source, d.file_path as path, d.title, d.language,
       d.soft_deleted_at is not null as is_deleted, c.answers, c.citations, c.first_cited_at, c.last_cited_at,
       coalesce(p.liked, 0) as liked, coalesce(p.disliked, 0) as disliked, o.tags
from citations c
left join opinions p on p.organization_id = c.organization_id and p.document_id = c.document_id
join knowledge.documents d on d.organization_id = c.organization_id and d.id = c.document_id
join analytics.all_sources o on o.organization_id = d.organization_id and o.source_id = d.data_source_id;
alter view analytics.cited_documents owner to millrace_owner;
grant select on analytics.cited_documents to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.cited_documents is $$One row for each document that was ever cited.
Example: what the answers rest on most:
select source, path, answers from analytics.cited_documents order by answers desc limit 20;$$;
comment on column analytics.cited_documents.organization_id is 'Whose it is.';
comment on column analytics.cited_documents.document_id is 'The document.';
comment on column analytics.cited_documents.source is 'The source''s name.';
comment on column analytics.cited_documents.path is 'Where it lies in its source.';
comment on column analytics.cited_documents.title is 'Its title.';
comment on column analytics.cited_documents.language is 'Its language.';
comment on column analytics.cited_documents.is_deleted is 'Whether it is not served any more.';
comment on column analytics.cited_documents.answers is 'Answers that cite it.';
comment on column analytics.cited_documents.citations is 'Quotes of it in answers.';
comment on column analytics.cited_documents.first_cited_at is 'Since when.';
comment on column analytics.cited_documents.last_cited_at is 'Until when.';
comment on column analytics.cited_documents.liked is 'Thumbs up for these answers.';
comment on column analytics.cited_documents.disliked is 'Thumbs down for these answers.';
comment on column analytics.cited_documents.tags is 'The tags of the source, in their order.';
