-- Cosine over active chunks: exact where few can be seen or no index is there, else along the model's HNSW index.
-- Not left to the planner, which at a million rows takes the index under any filter, and answers with half a row of ten.
-- The index holds the contents of one model, so of one organization, and those too that the caller may not see: they
-- are passed over while it is walked, until enough are found. Where too few come, all that can be seen is compared.
-- What a graph misses near the question it does not find by going on: only its breadth helps.
-- `floor`: a cosine; what has no higher one is not wanted. Where a walk of 100 comes down to it, the wide one is spared.
-- It runs as a role that sees the tables whole, since a policy's condition would be asked for each row; the organization
-- is the transaction's, never an argument. In the dynamic SQL only the model's uuid and a number of dimensions vary.
drop function if exists knowledge.dense_search(vector, uuid, text, uuid[], uuid[], integer, integer, integer);
grant create on schema knowledge to millrace_search;
create or replace function knowledge.dense_search(
        question vector, model uuid, wanted_recipe text, sources uuid[], documents uuid[],
        at_most integer, enough integer, breadth integer, floor double precision default null)
    returns table (id uuid, distance double precision)
    language plpgsql stable security definer rows 200 cost 10000
    set search_path = pg_catalog, public
    set jit = off
    set work_mem = '16MB'
    set max_parallel_workers_per_gather = 0
    set enable_mergejoin = off
    set enable_hashjoin = off
    set enable_seqscan = off
    set enable_indexscan = on
    set enable_bitmapscan = on
    set enable_sort = on
    as $$
declare
    organization constant uuid := identity.current_organization();
    dimensions constant integer := vector_dims(question);
    visible constant text := 'c.organization_id = $2 and c.recipe = $3 and c.is_active '
        'and ($4 is null or c.data_source_id = any ($4)) and '
        -- Of many documents a hash is made; written plainly the planner would look at each, three times.
        || case when documents is null then '$5 is null'
                when cardinality(documents) <= 1000 then 'c.document_id = any ($5)'
                else '(c.document_id in (select unnest($5))) is true' end;
    gathering constant text := 'select array(select c.content_hash from knowledge.chunks c where ' || visible || ' limit $1)';
    is_whole constant boolean := sources is null and documents is null;
    indexed double precision;
    total bigint;
    few integer;
    walking text;
    wide integer;
    walked integer;
    passed record;
    is_low boolean;
    contents bytea[];
    ids uuid[];
    distances double precision[];
begin
    if organization is null or model is null or question is null or (breadth > 0 and floor >= 1) then
        return;
    end if;
    if breadth > 0 then
        select c.reltuples into indexed
        from pg_class c
        join pg_index i on i.indexrelid = c.oid
        where c.relnamespace = 'knowledge'::regnamespace and c.relname = 'dense_' || replace(model::text, '-', '')
          and i.indisvalid;
    end if;
    if indexed > 0 then
        -- Comparing `few` costs about what it costs to find `enough` of them along the index: a step there is sixteen
        -- times a comparison, and enough * indexed / few steps are needed.
        few := sqrt(16 * enough * indexed);
        walking := format(
            'select e.distance, c.id from ('
            '    select e.content_hash, e.embedding <=> $1 as distance from knowledge.embeddings e'
            '    where e.organization_id = $2 and e.embedding_model_id = %L'
            '    order by e.embedding::halfvec(%s) <=> $1::halfvec(%s)) e '
            'left join lateral ('
            '    select c.id from knowledge.chunks c where c.content_hash = e.content_hash and ' || visible || ') c on true',
            model, dimensions, dimensions);
    end if;
    for turn in case when floor is null then 2 else 1 end .. case when indexed > 0 then 2 else 0 end loop
        if turn = 1 then
            wide := least(breadth, 100);
        else
            if is_whole then
                select sum(s.chunk_count) into total
                from knowledge.text_statistics s where s.organization_id = organization and s.recipe = wanted_recipe;
            end if;
            if total > few is not true then
                execute gathering into contents using few + 1, organization, wanted_recipe, sources, documents;
                exit when cardinality(contents) <= few;
            end if;
            -- Ten times as many ask for twice the breadth and more to be as sure of what is nearest. So it is where some
            -- are passed over, since less of what is met remains.
            wide := least(1000, breadth * case when is_whole then greatest(1, 1 + 1.5 * log(indexed / 100000)) else 2.5 end);
        end if;
        perform set_config('hnsw.ef_search', wide::text, true),
                set_config('hnsw.iterative_scan', case turn when 1 then 'off' else 'relaxed_order' end, true),
                set_config('hnsw.scan_mem_multiplier', '4', true),
                set_config('hnsw.max_scan_tuples', greatest(few / 4, 4 * wide)::text, true),
                set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true);
        ids := '{}';
        distances := '{}';
        walked := 0;
        for passed in execute walking using question, organization, wanted_recipe, sources, documents
        loop
            walked := walked + 1;
            is_low := passed.distance >= 1 - floor;
            if passed.id is not null and is_low is not true then
                ids := ids || passed.id;
                distances := distances || passed.distance;
            end if;
            exit when is_low or cardinality(ids) >= at_most or (turn = 2 and walked >= wide and cardinality(ids) >= enough);
        end loop;
        if is_low or (turn = 2 and cardinality(ids) >= enough) then
            return query
                select f.id, f.distance from unnest(ids, distances) f (id, distance) order by f.distance, f.id limit at_most;
            return;
        end if;
        contents := null;
        perform set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true);
    end loop;
    if contents is null then
        execute gathering into contents using null::integer, organization, wanted_recipe, sources, documents;
    end if;
    -- Found in the order of their hashes and read in the order in which they lie, many take half the time of looking each
    -- up. The memory is for where they lie: if pages alone were noted, each vector there would be looked for in the array.
    if cardinality(contents) > 500 then
        perform set_config('work_mem', greatest(16384, cardinality(contents) / 8)::text, true),
                set_config('enable_indexscan', 'off', true);
    end if;
    return query execute
        'with nearest as materialized ('
        '    select e.content_hash, (e.embedding <=> $1) + 0 as distance from knowledge.embeddings e'
        '    where e.organization_id = $2 and e.embedding_model_id = $7 and e.content_hash = any ($8)'
        '    order by distance, e.content_hash limit $6) '
        'select c.id, n.distance from nearest n join knowledge.chunks c on c.content_hash = n.content_hash '
        'where ' || visible || ' order by n.distance, c.id limit $6'
        using question, organization, wanted_recipe, sources, documents, at_most, model, contents;
end
$$;
alter function knowledge.dense_search(vector, uuid, text, uuid[], uuid[], integer, integer, integer, double precision) owner to millrace_search;
revoke create on schema knowledge from millrace_search;
revoke all on function knowledge.dense_search(vector, uuid, text, uuid[], uuid[], integer, integer, integer, double precision) from public;
grant execute on function knowledge.dense_search(vector, uuid, text, uuid[], uuid[], integer, integer, integer, double precision)
    to millrace_api, millrace_pipeline;
comment on function knowledge.dense_search(vector, uuid, text, uuid[], uuid[], integer, integer, integer, double precision) is
    'The chunks of this transaction''s organization that are nearest by cosine, nearest first: exactly at a breadth of 0 or where few can be seen, else along the model''s index.';
