-- Which documents does a filter let through? The one place where filters become SQL: what a filter names, its own
-- fields' keys included, is compared as a value and never becomes a part of a statement.
-- A conjunction narrows what its next part looks at; a part that is not known is an error, never left out.
create or replace function knowledge.matching_documents(sources uuid[], wanted jsonb, candidates uuid[] default null)
    returns uuid[]
    language plpgsql stable set search_path = pg_catalog set plan_cache_mode = force_custom_plan
    as $$
    declare
        kind constant text := wanted ->> 'is';
        names constant text[] := array(
            select jsonb_array_elements_text(case when jsonb_typeof(wanted -> 'values') = 'array' then wanted -> 'values' end));
        part jsonb;
        found uuid[] := candidates;
    begin
        if kind = 'all' then
            for part in select jsonb_array_elements(wanted -> 'parts') loop
                found := knowledge.matching_documents(sources, part, found);
                exit when cardinality(found) = 0;
            end loop;
            return found;
        elsif kind = 'any' then
            return array(
                select distinct unnest(knowledge.matching_documents(sources, p, candidates))
                from jsonb_array_elements(wanted -> 'parts') p);
        elsif kind is null or kind not in
                ('none', 'source', 'tag', 'file_type', 'language', 'path', 'since', 'before', 'text', 'number', 'date', 'exists') then
            raise exception 'there is no condition % in a filter of documents', kind using errcode = 'invalid_parameter_value';
        end if;
        if kind = 'none' then
            found := knowledge.matching_documents(sources, wanted -> 'part', candidates);
        end if;
        return array(
            select d.id
            from knowledge.documents d
            where d.organization_id = identity.current_organization()
              and d.soft_deleted_at is null and d.current_version_id is not null
              and (sources is null or d.data_source_id = any (sources))
              and (candidates is null or d.id = any (candidates))
              and case kind
                  when 'none' then d.id <> all (found)
                  when 'source' then d.data_source_id in (
                      select s.id from knowledge.data_sources s
                      where s.organization_id = identity.current_organization() and s.deleted_at is null
                        and (s.name = any (names) or s.id::text = any (names)))
                  when 'tag' then d.data_source_id in (
                      select b.data_source_id
                      from knowledge.tags t
                      join knowledge.data_source_tags b on b.organization_id = t.organization_id and b.tag_id = t.id
                      where t.organization_id = identity.current_organization() and t.deleted_at is null
                        and (t.name = any (names) or t.id::text = any (names)))
                  when 'file_type' then d.file_type_id in (
                      select f.id from knowledge.file_types f
                      where f.organization_id = identity.current_organization()
                        and (f.name = any (names) or f.id::text = any (names) or f.extensions && names))
                  when 'language' then d.language = any (names)
                  when 'path' then d.file_path ~ (wanted ->> 'expression')
                  when 'since' then coalesce(timestamptz '1970-01-01 00:00:00+00' + d.modified_ns / 1000 * interval '1 microsecond',
                                        knowledge.date_of(d)) >= (wanted ->> 'value')::timestamptz
                  when 'before' then coalesce(timestamptz '1970-01-01 00:00:00+00' + d.modified_ns / 1000 * interval '1 microsecond',
                                        knowledge.date_of(d)) < (wanted ->> 'value')::timestamptz
                  when 'exists' then d.source_metadata ->> (wanted ->> 'field') is not null
                  when 'text' then knowledge.is_such_text(
                      d.source_metadata ->> (wanted ->> 'field'), wanted ->> 'test', names)
                  when 'number' then knowledge.is_such_number(
                      knowledge.number_said(d.source_metadata ->> (wanted ->> 'field')), wanted ->> 'test', names::numeric[])
                  when 'date' then knowledge.is_such_instant(
                      knowledge.instant_said(d.source_metadata ->> (wanted ->> 'field')), wanted ->> 'test', names::timestamptz[])
                  end);
    end
    $$;
alter function knowledge.matching_documents(uuid[], jsonb, uuid[]) owner to millrace_owner;
comment on function knowledge.matching_documents(uuid[], jsonb, uuid[]) is
    'The documents of these sources (null: of all) that readers see and that a filter lets through, of the candidates alone where there are any.';
