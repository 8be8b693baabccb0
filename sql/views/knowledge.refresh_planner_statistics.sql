-- After a sync the planner still knows the tables as they were, until autovacuum comes by; the embedded server may be
-- stopped before that. Only the owner may analyze, so this runs as the owner; it reads and returns no row. A table of
-- which a tenth or less has changed since, as far as the server has been told, is known well enough.
create or replace function knowledge.refresh_planner_statistics() returns void
    language plpgsql security definer set search_path = pg_catalog
    as $$
begin
    if not exists (
        select from pg_class c join pg_stat_all_tables s on s.relid = c.oid
        where c.oid in ('knowledge.chunks'::regclass, 'knowledge.embeddings'::regclass,
                        'knowledge.documents'::regclass, 'knowledge.lexeme_frequencies'::regclass)
          and (c.reltuples < 0 or s.n_mod_since_analyze > 0.1 * c.reltuples))
    then
        return;
    end if;
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
