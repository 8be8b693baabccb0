-- BM25 over active chunks. Row-level security would keep the GIN index from serving @@ (the operator is not leakproof),
-- so this runs as a role that sees the table whole, and takes the organization from the transaction, never from an argument.
-- The index holds the organization and the source among the words; a text that says their ids is no harm, as both are
-- compared besides. At most 20,000 are weighed: only a word that stands in more of them, and alone in the question, is cut short.
-- `phrases`: of these, only those in which the words stand so. The index knows no places, so each must be looked at.
-- Dropped, since what a function returns cannot be replaced; nothing depends on it.
drop function if exists knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer);
drop function if exists knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer, tsquery);
grant create on schema knowledge to millrace_search;
create function knowledge.lexical_search(
        candidates tsquery, term_weights sparsevec, wanted_recipe text, sources uuid[], documents uuid[], at_most integer,
        phrases tsquery default null)
    returns table (id uuid, content_hash bytea, score double precision)
    language sql stable security definer set search_path = pg_catalog, public
    as $$
        select c.id, c.content_hash, -(c.weights <#> term_weights) as score
        from (
            select c.id, c.content_hash, c.weights, c.lexemes
            from knowledge.chunks c
            where c.organization_id = identity.current_organization()
              and c.is_active
              and c.recipe = wanted_recipe
              and (c.lexemes || array_to_tsvector(array[c.organization_id::text, c.data_source_id::text])) @@ (
                      select candidates && string_agg(quote_literal(owner), ' | ')::tsquery
                      from unnest(case when cardinality(sources) <= 20 then sources
                                   else array[identity.current_organization()] end::text[]) owner)
              and (sources is null or c.data_source_id = any (sources))
              and (documents is null or c.document_id in (select unnest(documents)))
            limit 20000
        ) c
        where phrases is null or c.lexemes @@ phrases
        order by c.weights <#> term_weights, c.id
        limit at_most
    $$;
alter function knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer, tsquery) owner to millrace_search;
revoke create on schema knowledge from millrace_search;
revoke all on function knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer, tsquery) from public;
grant execute on function knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer, tsquery) to millrace_api, millrace_pipeline;
comment on function knowledge.lexical_search(tsquery, sparsevec, text, uuid[], uuid[], integer, tsquery) is
    'The chunks of this transaction''s organization that hold one of the candidates'' lexemes, best BM25 first.';
