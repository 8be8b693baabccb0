-- select_ids: the documents that a filter lets through, in one array.
select knowledge.matching_documents(%(source_ids)s::uuid[], %(wanted)s::jsonb)
where identity.current_organization() = %(organization_id)s;
