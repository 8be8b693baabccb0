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

-- set_stale: chunks of these recipes change in this transaction (of all recipes where none is given).
update knowledge.text_statistics set computed_at = '-infinity'
where organization_id = %(organization_id)s and (%(recipes)s::text[] is null or recipe = any (%(recipes)s::text[]))
  and computed_at <> '-infinity';

-- select_stale: recipes whose chunks changed since they were counted, and those of these that never were counted.
select distinct recipe from knowledge.text_statistics
where organization_id = %(organization_id)s and computed_at = '-infinity'
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
