-- count: bring the number of active chunks that hold each lexeme up to date; touches only rows that change.
-- Joins are written as set operations: on a table that was just filled the planner chooses quadratic joins.
with counted as materialized (
    select t.lexeme, count(*) as chunk_count
    from knowledge.chunks c, unnest(tsvector_to_array(c.lexemes)) t (lexeme)
    where c.organization_id = %(organization_id)s and c.recipe = %(recipe)s and c.is_active
    group by t.lexeme
),
former as materialized (
    select f.lexeme, f.chunk_count
    from knowledge.lexeme_frequencies f
    where f.organization_id = %(organization_id)s and f.recipe = %(recipe)s
),
gone as (
    delete from knowledge.lexeme_frequencies f
    where f.organization_id = %(organization_id)s and f.recipe = %(recipe)s
      and f.lexeme = any (array(select lexeme from former except select lexeme from counted))
)
insert into knowledge.lexeme_frequencies (organization_id, recipe, lexeme, chunk_count)
select %(organization_id)s, %(recipe)s, changed.lexeme, changed.chunk_count
from (select lexeme, chunk_count from counted except select lexeme, chunk_count from former) changed
on conflict (organization_id, recipe, lexeme) do update set chunk_count = excluded.chunk_count;

-- find: in how many active chunks of a recipe a lexeme stands.
select chunk_count
from knowledge.lexeme_frequencies
where organization_id = %(organization_id)s and recipe = %(recipe)s and lexeme = %(lexeme)s;
