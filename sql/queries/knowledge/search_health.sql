-- select_scopes: the recipe with the most passages, and how many of them each source has.
with counted as (
    select c.recipe, c.data_source_id, count(*) as visible, sum(count(*)) over (partition by c.recipe) as total
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.is_active
    group by c.recipe, c.data_source_id
)
select recipe, data_source_id, visible
from counted
where total = (select max(total) from counted)
order by visible desc, data_source_id

-- select_sample: stored vectors of a model, drawn from a place that is given.
select e.embedding
from knowledge.embeddings e
where e.organization_id = %(organization_id)s and e.embedding_model_id = %(embedding_model_id)s
  and e.content_hash >= %(place)s
order by e.content_hash
limit %(at_most)s

-- select_length_drifts: recipes and languages whose counts or lengths are not what is noted of them.
select s.recipe, s.language::text as language, s.chunk_count as noted, coalesce(c.chunk_count, 0) as counted,
       s.average_length as weighed, coalesce(c.average_length, s.average_length) as average
from knowledge.text_statistics s
left join (
    select c.recipe, c.language, count(*) as chunk_count, avg(c.lexeme_count)::double precision as average_length
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.is_active
    group by c.recipe, c.language
) c on c.recipe = s.recipe and c.language = s.language
where s.organization_id = %(organization_id)s
  and (s.chunk_count <> coalesce(c.chunk_count, 0)
       or abs(greatest(coalesce(c.average_length, 1), 1) / s.average_length - 1) > %(tolerance)s and c.chunk_count > 0)
order by s.recipe, s.language

-- select_word_drifts: of some words that are not too common to be counted, those that stand in more or fewer passages than is noted.
select f.recipe, f.lexeme, f.chunk_count as noted, counted.chunk_count as counted
from (
    select f.recipe, f.lexeme, f.chunk_count
    from knowledge.lexeme_frequencies f
    where f.organization_id = %(organization_id)s and f.chunk_count < 20000 -- no more are counted
    order by hashtextextended(f.lexeme, %(seed)s)
    limit %(at_most)s
) f
cross join lateral (
    select count(*) as chunk_count
    from knowledge.lexical_search(
        ('''' || replace(replace(f.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery, '{}/1000000000'::sparsevec,
        f.recipe, null, null, 2147483647)
) counted
where counted.chunk_count <> f.chunk_count

-- select_old_plans: tables of which the planner knows less than half of what changed (any organization).
select s.schemaname || '.' || s.relname as name, s.n_mod_since_analyze as changed, greatest(c.reltuples, 0)::bigint as known
from pg_catalog.pg_stat_all_tables s
join pg_catalog.pg_class c on c.oid = s.relid
where s.schemaname = 'knowledge' and s.relname in ('chunks', 'embeddings', 'lexeme_frequencies')
  and s.n_mod_since_analyze > 0.5 * greatest(c.reltuples, 1000)
order by 1
