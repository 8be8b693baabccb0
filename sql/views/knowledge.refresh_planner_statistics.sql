-- After a sync the planner still knows the tables as they were, until autovacuum comes by; the embedded server may be
-- stopped before that. Only the owner may analyze, so this runs as the owner; it reads and returns no row.
create or replace function knowledge.refresh_planner_statistics() returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    analyze knowledge.chunks (id, organization_id, recipe, data_source_id, document_id, document_version_id, content_hash, is_active);
    analyze knowledge.embeddings (organization_id, embedding_model_id, content_hash);
    analyze knowledge.documents (id, organization_id, data_source_id, status, current_version_id);
    analyze knowledge.lexeme_frequencies;
end
$$;
alter function knowledge.refresh_planner_statistics() owner to millrace_owner;
revoke all on function knowledge.refresh_planner_statistics() from public;
grant execute on function knowledge.refresh_planner_statistics() to millrace_pipeline;
comment on function knowledge.refresh_planner_statistics() is 'Analyze what syncs change; pipelines only.';
