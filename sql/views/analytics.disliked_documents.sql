-- Documents whose answers were disliked.
create or replace view analytics.disliked_documents with (security_invoker = true) as
select organization_id, document_id, source, path, title, language, answers, liked, disliked,
       disliked::double precision / (liked + disliked) as disliked_share, tags
from analytics.cited_documents
where disliked > 0 and not is_deleted;
alter view analytics.disliked_documents owner to millrace_owner;
grant select on analytics.disliked_documents to millrace_api, millrace_pipeline, millrace_analyst;
comment on view analytics.disliked_documents is $$One row for each served document that is cited by an answer with a thumb down: it may be wrong, or only near what was meant.
Example: the worst first, of those with opinions enough:
select path, disliked, disliked_share from analytics.disliked_documents
where liked + disliked >= 5 order by disliked_share desc;$$;
comment on column analytics.disliked_documents.organization_id is 'Whose it is.';
comment on column analytics.disliked_documents.document_id is 'The document.';
comment on column analytics.disliked_documents.source is 'The source''s name.';
comment on column analytics.disliked_documents.path is 'Where it lies in its source.';
comment on column analytics.disliked_documents.title is 'Its title.';
comment on column analytics.disliked_documents.language is 'Its language.';
comment on column analytics.disliked_documents.answers is 'Answers that cite it.';
comment on column analytics.disliked_documents.liked is 'Thumbs up for them.';
comment on column analytics.disliked_documents.disliked is 'Thumbs down for them.';
comment on column analytics.disliked_documents.disliked_share is 'Of all thumbs for them.';
comment on column analytics.disliked_documents.tags is 'The tags of the source, in their order.';
