-- BM25's weights of a chunk's lexemes. As the migration made it, but for its arithmetic: double precision, since numeric
-- costs as much as all the rest; for k1, which passages, shorter than documents, want lower than 1.2 (benchmarks/README.md);
-- and for lexemes without positions (identifiers as they are written), which count once.
create or replace function knowledge.lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision)
    returns sparsevec
    language sql immutable parallel safe
    as $$
        select ('{' || coalesce(string_agg(dimension || ':' || weight, ',' order by dimension), '') || '}/1000000000')::public.sparsevec
        from (
            select 1 + (pg_catalog.hashtextextended(t.lexeme, 0) & 9223372036854775807) % 1000000000 as dimension,
                   sum(n * 1.75::double precision / (n + length.penalty))::real as weight
            from (select 0.75::double precision * (0.25::double precision
                      + 0.75::double precision * lexeme_count / average_length) as penalty offset 0) length,
                 unnest(lexemes) t, coalesce(cardinality(t.positions), 1) n
            group by 1
        ) terms
    $$;
alter function knowledge.lexical_weights(tsvector, integer, double precision) owner to millrace_owner;
comment on function knowledge.lexical_weights(tsvector, integer, double precision) is
    'BM25 term weights tf(k1+1) / (tf + k1(1-b + b length/average)), k1 = 0.75, b = 0.75 (Robertson and Zaragoza 2009), at the hash of each lexeme.';
