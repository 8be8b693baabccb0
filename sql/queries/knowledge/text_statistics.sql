-- lock: count alone, with no transaction under way that changes the organization's chunks.
select pg_advisory_xact_lock(hashtextextended(%(organization_id)s::text, 7001));

-- lock_shared: hold off those that count until this transaction, which changes chunks, has ended.
select pg_advisory_xact_lock_shared(hashtextextended(%(organization_id)s::text, 7001));

-- select_unknown: recipes and languages of these versions' passages of which no average is known.
select distinct c.recipe, c.language::text
from knowledge.chunks c
where c.organization_id = %(organization_id)s and c.document_version_id = any (%(version_ids)s)
  and c.recipe = any (%(recipes)s)
except
select s.recipe, s.language::text
from knowledge.text_statistics s
where s.organization_id = %(organization_id)s;

-- presume: the average length of all passages in a language, shown or not.
insert into knowledge.text_statistics
    (organization_id, recipe, language, chunk_count, lexeme_total, average_length, computed_at)
select %(organization_id)s, %(recipe)s, %(language)s::regconfig, 0, 0,
       greatest(coalesce(avg(c.lexeme_count), 1), 1), '-infinity'
from knowledge.chunks c
where c.organization_id = %(organization_id)s and c.recipe = %(recipe)s and c.language = %(language)s::regconfig
on conflict (organization_id, recipe, language) do nothing;

-- count_chunks: bring counts and totals up to date; answers languages whose average moved away from the weights' one.
-- Where it is not known what the weights were made with, it is no length at all, from which every average is far away.
with counted as (
    select c.language, count(*) as chunk_count, sum(c.lexeme_count) as lexeme_total
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.recipe = %(recipe)s and c.is_active
    group by c.language
),
written as (
    insert into knowledge.text_statistics as s
        (organization_id, recipe, language, chunk_count, lexeme_total, average_length)
    select %(organization_id)s, %(recipe)s, language, chunk_count, lexeme_total, 0.001
    from counted
    on conflict (organization_id, recipe, language) do update
        set chunk_count = excluded.chunk_count, lexeme_total = excluded.lexeme_total, computed_at = now()
    returning s.language, s.chunk_count, s.lexeme_total, s.average_length
),
gone as (
    update knowledge.text_statistics s
    set chunk_count = 0, lexeme_total = 0, computed_at = now()
    where s.organization_id = %(organization_id)s and s.recipe = %(recipe)s
      and s.language not in (select language from counted)
)
select w.language::text as language, greatest(w.lexeme_total::double precision / w.chunk_count, 1) as average_length
from written w
where abs(greatest(w.lexeme_total::double precision / w.chunk_count, 1) / w.average_length - 1) > %(tolerance)s;

-- set_average_length: the average that a language's weights are made with from now on.
update knowledge.text_statistics
set average_length = %(average_length)s
where organization_id = %(organization_id)s and recipe = %(recipe)s and language = %(language)s::regconfig;

-- set_weights: make the weights of a language's visible chunks again; others are weighed when they are shown.
update knowledge.chunks
set weights = knowledge.lexical_weights(lexemes, lexeme_count, %(average_length)s)
where organization_id = %(organization_id)s and recipe = %(recipe)s and language = %(language)s::regconfig
  and is_active;

-- set_stale_where_many: so many chunks are about to change that recipes not ten times as large are counted anew after it.
update knowledge.text_statistics set computed_at = '-infinity'
where organization_id = %(organization_id)s and computed_at <> '-infinity'
  and recipe in (
      select s.recipe from knowledge.text_statistics s
      where s.organization_id = %(organization_id)s
      group by s.recipe
      having sum(s.chunk_count) < 10 * %(chunks)s::bigint);

-- select_counted: recipes whose counts are right, and so can follow a change.
select s.recipe from knowledge.text_statistics s
where s.organization_id = %(organization_id)s
group by s.recipe
having bool_and(s.computed_at <> '-infinity');

-- count_in: add passages that are about to be shown.
update knowledge.text_statistics s
set chunk_count = s.chunk_count + shown.chunk_count, lexeme_total = s.lexeme_total + shown.lexeme_total
from (
    select c.recipe, c.language, count(*) as chunk_count, sum(c.lexeme_count) as lexeme_total
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.document_version_id = any (%(version_ids)s)
      and c.recipe = any (%(recipes)s) and not c.is_active
    group by c.recipe, c.language
) shown
where s.organization_id = %(organization_id)s and s.recipe = shown.recipe and s.language = shown.language;

-- count_out: take away visible passages of these documents, except of these versions, that are about to go.
update knowledge.text_statistics s
set chunk_count = s.chunk_count - gone.chunk_count, lexeme_total = s.lexeme_total - gone.lexeme_total
from (
    select c.recipe, c.language, count(*) as chunk_count, sum(c.lexeme_count) as lexeme_total
    from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.document_id = any (%(document_ids)s)
      and not c.document_version_id = any (%(kept_version_ids)s)
      and c.recipe = any (%(recipes)s) and c.is_active
    group by c.recipe, c.language
) gone
where s.organization_id = %(organization_id)s and s.recipe = gone.recipe and s.language = gone.language;

-- set_loose: vectors of chunks that go in this transaction may be left behind; the recipes' counts stay right.
update knowledge.text_statistics set computed_at = 'infinity'
where organization_id = %(organization_id)s and computed_at not in ('infinity', '-infinity');

-- has_loose: whether vectors may have been left behind.
select exists (
    select from knowledge.text_statistics where organization_id = %(organization_id)s and computed_at = 'infinity');

-- set_tight: no vector is left behind.
update knowledge.text_statistics set computed_at = now()
where organization_id = %(organization_id)s and computed_at = 'infinity';

-- set_stale: chunks of these recipes change in this transaction (of all recipes where none is given).
update knowledge.text_statistics set computed_at = '-infinity'
where organization_id = %(organization_id)s and (%(recipes)s::text[] is null or recipe = any (%(recipes)s::text[]))
  and computed_at <> '-infinity';

-- select_stale: recipes to count again: chunks changed since, or an average moved away, or they never were counted.
select distinct recipe from knowledge.text_statistics
where organization_id = %(organization_id)s
  and (computed_at = '-infinity'
       or chunk_count > 0
          and abs(greatest(lexeme_total::double precision / chunk_count, 1) / average_length - 1) > %(tolerance)s)
union
select wanted.recipe from unnest(%(recipes)s::text[]) wanted (recipe)
where not exists (
        select from knowledge.text_statistics s
        where s.organization_id = %(organization_id)s and s.recipe = wanted.recipe)
  and exists (
        select from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.recipe = wanted.recipe and c.is_active)
order by recipe;

-- refresh_plans: tell the planner what changed (any organization).
select knowledge.refresh_planner_statistics();
