-- hybrid: the chunks that answer a question best, by its words (BM25) and its meaning (cosine); one statement.
with statistics as materialized (
    select s.language, s.chunk_count, sum(s.chunk_count) over () as total
    from knowledge.text_statistics s
    where s.organization_id = %(organization_id)s and s.recipe = %(recipe)s and s.chunk_count > 0
),
-- Filters are compared here, where the documents are: their ids, perhaps all, need not travel to the caller and back.
allowed as materialized (
    select case when %(wanted)s::jsonb is not null
                then knowledge.matching_documents(%(source_ids)s::uuid[], %(wanted)s::jsonb) end as document_ids
),
-- Of all sources there are nothing needs to be passed over.
sources as materialized (
    select case when exists (
               select from knowledge.data_sources d
               where d.organization_id = %(organization_id)s and d.id <> all (%(source_ids)s::uuid[]))
           then %(source_ids)s::uuid[] end as ids
),
-- The question's words as each language of the organization would keep them, and its identifiers as they are written.
lexemes as materialized (
    select t.lexeme
    from statistics s, unnest(to_tsvector(s.language, %(searchable)s::text)) t
    union
    select unnest(%(exact)s::text[])
),
-- A stop word of the language that the question is most likely in stands in nearly all chunks of that language, which
-- no count shows: elsewhere (in chunks of unknown language, say) it must not pass for a rare word.
stop_words as materialized (
    select n.words, n.chunk_count
    from (
        select s.language, s.chunk_count, array_agg(w.token) as words
        from statistics s, ts_parse('default', %(searchable)s::text) w
        where w.tokid <> 12 and to_tsvector(s.language, w.token) = ''::tsvector
        group by s.language, s.chunk_count
    ) n
    order by cardinality(n.words) desc, n.chunk_count desc, n.language::text
    limit 1
),
presumed as materialized (
    select t.lexeme, max(w.chunk_count) as chunk_count
    from stop_words w, unnest(w.words) word, statistics s, unnest(to_tsvector(s.language, word)) t
    group by t.lexeme
),
terms as materialized (
    select t.lexeme,
           ln(1 + (t.total - t.chunk_count + 0.5) / (t.chunk_count + 0.5)) as idf,
           1 + (hashtextextended(t.lexeme, 0) & 9223372036854775807) %% 1000000000 as dimension,
           row_number() over rarest as rank, t.total, t.chunk_count,
           sum(t.chunk_count) over rarest <= %(reach)s as is_sought,
           '''' || replace(replace(t.lexeme, '\', '\\'), '''', '''''') || '''' as word
    from (
        select l.lexeme, s.total, greatest(f.chunk_count, p.chunk_count) as chunk_count
        from lexemes l
        join knowledge.lexeme_frequencies f
          on f.organization_id = %(organization_id)s and f.recipe = %(recipe)s and f.lexeme = l.lexeme
        left join presumed p on p.lexeme = l.lexeme
        cross join (select max(total) as total from statistics) s
        where p.chunk_count is null or p.chunk_count * 2 < s.total
    ) t
    window rarest as (order by t.chunk_count, t.lexeme)
    order by t.chunk_count, t.lexeme
    limit 1000
),
query as materialized (
    select ('{' || string_agg(dimension || ':' || idf, ',' order by dimension) || '}/1000000000')::sparsevec as weights
    from (select dimension, sum(idf)::real as idf from terms group by dimension) sums
),
-- Cost is bounded: candidates hold one of the rarest words, as many words as reach this number of chunks together. Of the
-- common words they hold two, as many of the rarest pairs as reach it with those, if they meet twice as often as by chance.
common as materialized (
    select t.* from terms t where not t.is_sought order by t.rank limit 12
),
pairs as materialized (
    select p.words, p.place,
           p.reach + coalesce((select sum(t.chunk_count) from terms t where t.is_sought), 0) <= %(reach)s as is_sought
    from (
        select a.word || ' & ' || b.word as words, row_number() over rarest as place,
               sum(least(a.chunk_count, 2.0 * a.chunk_count * b.chunk_count / a.total)) over rarest as reach
        from common a
        join common b on a.rank < b.rank
        window rarest as (order by a.chunk_count::double precision * b.chunk_count, a.rank, b.rank)
    ) p
),
sought as materialized (
    select t.word as words from terms t where t.is_sought
    union all
    select p.words from pairs p where p.is_sought
),
candidates as materialized (
    select coalesce(
               (select string_agg('(' || s.words || ')', ' | ') from sought s),
               (select p.words from pairs p where p.place = 1),
               (select t.word from terms t where t.rank = 1))::tsquery as words
),
-- What is quoted must stand in a passage, its words in that order, as each language keeps them; all of it, if several.
phrases as materialized (
    select string_agg('(' || each.words || ')', ' & ')::tsquery as words,
           string_agg('(' || each.all_words || ')', ' & ')::tsquery as all_words
    from (
        select g.place, string_agg(distinct '(' || w.words || ')', ' | ') as words,
               string_agg(distinct '(' || w.all_words || ')', ' | ') as all_words
        from unnest(%(phrases)s::text[], %(phrase_exacts)s::text[]) with ordinality g (words, exact, place),
             statistics s,
             lateral (select concat_ws(' & ', nullif(phraseto_tsquery(s.language, g.words)::text, ''),
                                       nullif(g.exact, '')) as words,
                             concat_ws(' & ', nullif(plainto_tsquery(s.language, g.words)::text, ''),
                                       nullif(g.exact, '')) as all_words) w
        where w.words <> ''
        group by g.place
    ) each
),
by_phrases as materialized (
    select f.id, f.content_hash, f.score
    from query q, phrases p,
         lateral knowledge.lexical_search(p.all_words, q.weights, %(recipe)s::text, (select ids from sources),
                                          (select document_ids from allowed), %(depth)s::integer, p.words) f
    where q.weights is not null and p.words is not null
),
-- Where it stands nowhere, the words serve as if it were not quoted.
by_words as materialized (
    select p.id, p.content_hash, p.score from by_phrases p
    union all
    select f.id, f.content_hash, f.score
    from query q, candidates c,
         lateral knowledge.lexical_search(c.words, q.weights, %(recipe)s::text, (select ids from sources),
                                          (select document_ids from allowed), %(depth)s::integer) f
    where q.weights is not null and c.words is not null and not exists (select from by_phrases)
),
-- Each has the score it was found by; the other one is looked up.
worded as materialized (
    select w.id, w.score as lexical_score, (
               select 1 - (e.embedding <=> %(vector)s::vector)
               from knowledge.embeddings e
               where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
                 and e.content_hash = w.content_hash) as cosine
    from by_words w
),
-- Where scores are steady, those found by words tell how near in meaning another must be to come among the k (the threshold
-- algorithm of Fagin, Lotem and Naor 2001): of the words it has no more than the last of them, or, where it is no candidate,
-- than all that the common words can give.
floors as materialized (
    select (max(ranked.score) filter (where ranked.place = %(k)s)
            - %(lexical_weight)s::double precision * greatest(
                case when count(*) >= %(depth)s then min(ranked.share) else 0 end,
                (select sum(t.idf) filter (where not t.is_sought) / sum(t.idf) from terms t)))
           / nullif(1 - %(lexical_weight)s::double precision, 0) as cosine
    from (
        select s.share, s.score, row_number() over (order by s.score desc nulls last) as place
        from (select w.lexical_score / m.most as share,
                     case when %(threshold)s::double precision <= 0 or w.cosine >= %(threshold)s
                          then %(lexical_weight)s::double precision * w.lexical_score / m.most
                               + (1 - %(lexical_weight)s::double precision) * greatest(w.cosine, 0) end as score
              from worded w, (select %(saturation)s::double precision * sum(t.idf) as most from terms t) m) s
    ) ranked
    where %(is_steady)s::boolean and exists (select from sought)
),
by_meaning as materialized (
    select f.id, 1 - f.distance as cosine
    from knowledge.dense_search(%(vector)s::vector, %(embedding_model_id)s::uuid, %(recipe)s::text, (select ids from sources),
                                (select document_ids from allowed), %(depth)s::integer, %(enough)s::integer, %(breadth)s::integer,
                                (select cosine from floors)) f
),
scored as materialized (
    select w.id, w.lexical_score, w.cosine
    from worded w
    union all
    select m.id, coalesce(-(c.weights <#> q.weights), 0), m.cosine
    from by_meaning m
    join knowledge.chunks c on c.organization_id = %(organization_id)s and c.id = m.id
    cross join query q
    where not exists (select from by_words w where w.id = m.id)
),
ranges as (
    -- What is steady is measured by what there can be, all else by what was found.
    select case when %(is_steady)s::boolean then 0 else min(lexical_score) end as lexical_low,
           case when %(is_steady)s::boolean then %(saturation)s::double precision * (select sum(idf) from terms)
                else max(lexical_score) end as lexical_high,
           case when %(is_steady)s::boolean then 0 else min(cosine) end as cosine_low,
           case when %(is_steady)s::boolean then 1 else max(cosine) end as cosine_high,
           case when max(lexical_score) > 0 then case when max(cosine) is null then 1 else %(lexical_weight)s::double precision end
                else 0 end::double precision as lexical_weight
    from scored
),
fused as (
    select s.id, s.lexical_score, coalesce(s.cosine, 0) as dense_score,
           r.lexical_weight * case when r.lexical_high > r.lexical_low
                   then (s.lexical_score - r.lexical_low) / (r.lexical_high - r.lexical_low) else 1 end
           + (1 - r.lexical_weight) * case when s.cosine is null then 0 when r.cosine_high > r.cosine_low
                   then greatest(s.cosine - r.cosine_low, 0) / (r.cosine_high - r.cosine_low) else 1 end as score
    from scored s, ranges r
    where %(threshold)s::double precision <= 0 or s.cosine >= %(threshold)s
),
-- Passages in which all that is quoted stands come before the others: those above one half, these below.
preferred as (
    select f.id, f.lexical_score, f.dense_score,
           case when not exists (select from by_phrases) then f.score
                when f.id in (select id from by_phrases) then (f.score + 1) / 2
                else f.score * 0.499 end as score
    from fused f
),
-- Only these are read whole; of equal ones the path decides.
best as materialized (
    select f.id, f.lexical_score, f.dense_score, f.score
    from preferred f
    order by f.score desc, f.lexical_score desc, f.dense_score desc
    fetch first %(k)s rows with ties
)
select c.id as chunk_id, c.document_id, c.document_version_id, c.data_source_id, d.name as source_name,
       o.file_path, o.title, c.section_title, c.page, c.content, c.content_hash, c.start_char, c.end_char,
       f.score, f.lexical_score, f.dense_score
from best f
join knowledge.chunks c on c.organization_id = %(organization_id)s and c.id = f.id
join knowledge.documents o on o.organization_id = %(organization_id)s and o.id = c.document_id
join knowledge.data_sources d on d.organization_id = %(organization_id)s and d.id = c.data_source_id
order by f.score desc, f.lexical_score desc, f.dense_score desc, o.file_path, c.chunk_index, c.id
limit %(k)s;

-- most_lexical: the most that BM25 can give for a question's words, known or not; 0 in too few chunks, or for too common a word.
with statistics as materialized (
    select s.language, s.chunk_count, sum(s.chunk_count) over () as total
    from knowledge.text_statistics s
    where s.organization_id = %(organization_id)s and s.recipe = %(recipe)s and s.chunk_count > 0
),
-- Once for each word: as the language keeps it that the question is most likely in, which has most stop words in it.
likely as materialized (
    select s.language, s.total
    from statistics s
    where s.total >= %(fewest)s
    order by (select count(*) from ts_parse('default', %(searchable)s::text) w
              where w.tokid <> 12 and to_tsvector(s.language, w.token) = ''::tsvector) desc,
             s.chunk_count desc, s.language::text
    limit 1
),
lexemes as (
    select t.lexeme, s.total
    from likely s, unnest(to_tsvector(s.language, %(searchable)s::text)) t
    union
    select f.lexeme, s.total
    from likely s
    join knowledge.lexeme_frequencies f
      on f.organization_id = %(organization_id)s and f.recipe = %(recipe)s and f.lexeme = any (%(exact)s::text[])
)
select case when bool_or(f.chunk_count >= %(commonest)s::double precision * l.total) then 0
            else coalesce(%(saturation)s::double precision * sum(
                ln(1 + (l.total - coalesce(f.chunk_count, 0) + 0.5) / (coalesce(f.chunk_count, 0) + 0.5))), 0)
       end::double precision
from lexemes l
left join knowledge.lexeme_frequencies f
  on f.organization_id = %(organization_id)s and f.recipe = %(recipe)s and f.lexeme = l.lexeme;

-- select_missing_phrases: the places, counted from 1, of quoted phrases that stand in no passage.
with allowed as materialized (
    select case when %(wanted)s::jsonb is not null
                then knowledge.matching_documents(%(source_ids)s::uuid[], %(wanted)s::jsonb) end as document_ids
),
phrases as materialized (
    select g.place, string_agg(distinct '(' || w.words || ')', ' | ')::tsquery as words,
           string_agg(distinct '(' || w.all_words || ')', ' | ')::tsquery as all_words
    from unnest(%(phrases)s::text[], %(phrase_exacts)s::text[]) with ordinality g (words, exact, place),
         knowledge.text_statistics s,
         lateral (select concat_ws(' & ', nullif(phraseto_tsquery(s.language, g.words)::text, ''),
                                   nullif(g.exact, '')) as words,
                         concat_ws(' & ', nullif(plainto_tsquery(s.language, g.words)::text, ''),
                                   nullif(g.exact, '')) as all_words) w
    where s.organization_id = %(organization_id)s and s.recipe = %(recipe)s and s.chunk_count > 0 and w.words <> ''
    group by g.place
)
select p.place::integer
from phrases p
where not exists (
    select from knowledge.lexical_search(p.all_words, '{}/1000000000', %(recipe)s::text, %(source_ids)s::uuid[],
                                         (select document_ids from allowed), 1, p.words))
order by p.place;
