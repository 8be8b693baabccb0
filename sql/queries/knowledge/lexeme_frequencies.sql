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

-- count_in: add the lexemes of passages that are about to be shown.
insert into knowledge.lexeme_frequencies as f (organization_id, recipe, lexeme, chunk_count)
select %(organization_id)s, c.recipe, t.lexeme, count(*)
from knowledge.chunks c, unnest(tsvector_to_array(c.lexemes)) t (lexeme)
where c.organization_id = %(organization_id)s and c.document_version_id = any (%(version_ids)s)
  and c.recipe = any (%(recipes)s) and not c.is_active
group by c.recipe, t.lexeme
on conflict (organization_id, recipe, lexeme) do update set chunk_count = f.chunk_count + excluded.chunk_count;

-- count_out: take away the lexemes of visible passages of these documents, except of these versions, that are to go.
with gone as materialized (
    select c.recipe, t.lexeme, count(*) as chunk_count
    from knowledge.chunks c, unnest(tsvector_to_array(c.lexemes)) t (lexeme)
    where c.organization_id = %(organization_id)s and c.document_id = any (%(document_ids)s)
      and not c.document_version_id = any (%(kept_version_ids)s)
      and c.recipe = any (%(recipes)s) and c.is_active
    group by c.recipe, t.lexeme
),
emptied as (
    delete from knowledge.lexeme_frequencies f
    using gone
    where f.organization_id = %(organization_id)s and f.recipe = gone.recipe and f.lexeme = gone.lexeme
      and f.chunk_count <= gone.chunk_count
)
update knowledge.lexeme_frequencies f
set chunk_count = f.chunk_count - gone.chunk_count
from gone
where f.organization_id = %(organization_id)s and f.recipe = gone.recipe and f.lexeme = gone.lexeme
  and f.chunk_count > gone.chunk_count;

-- find: in how many active chunks of a recipe a lexeme stands.
select chunk_count
from knowledge.lexeme_frequencies
where organization_id = %(organization_id)s and recipe = %(recipe)s and lexeme = %(lexeme)s;
