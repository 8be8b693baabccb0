-- What may a person read? The texts of versions that readers saw or see, while their document is neither deleted nor over.
create or replace view knowledge.readable_texts with (security_invoker = true) as
select v.organization_id, v.id, v.document_id, d.data_source_id, s.name as source_name, d.file_path as path,
       coalesce(v.title, d.title) as title, d.address, d.mime_type, coalesce(v.language, d.language) as language,
       v.number as version, v.id is not distinct from d.current_version_id as is_current, v.valid_from as as_of,
       v.dagster_run_id as run_id, length(v.text) as characters, v.text, v.elements
from knowledge.document_versions v
join knowledge.documents d on d.organization_id = v.organization_id and d.id = v.document_id
join knowledge.data_sources s on s.organization_id = d.organization_id and s.id = d.data_source_id
where v.valid_from is not null and v.text is not null
  and d.soft_deleted_at is null and (d.expires_at is null or d.expires_at > now());
alter view knowledge.readable_texts owner to millrace_owner;
grant select on knowledge.readable_texts to millrace_api, millrace_pipeline;
comment on view knowledge.readable_texts is
    'The text of each version that was shown to readers, with what a person calls it; citations and elements are places in it.';
