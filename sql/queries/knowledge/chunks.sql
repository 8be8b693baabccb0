-- create: passages of versions, not shown to readers and not weighed yet.
insert into knowledge.chunks
    (organization_id, data_source_id, document_id, document_version_id, recipe, chunk_index, chunk_size, chunk_overlap,
     content, start_char, end_char, section_title, page, token_count, content_hash, language, lexemes, lexeme_count,
     weights, wording, is_active)
select %(organization_id)s, %(data_source_id)s, made.document_id, made.version_id, %(recipe)s, made.chunk_index,
       %(chunk_size)s, %(chunk_overlap)s, made.content, made.start_char, made.end_char, made.section_title, made.page,
       made.token_count, made.content_hash, made.language, made.lexemes, counted.lexeme_count,
       '{}/1000000000'::sparsevec, %(wording)s, false
from (
    select given.*, to_tsvector(given.language, given.searchable) || given.exact::tsvector as lexemes
    from unnest(
        %(document_ids)s::uuid[], %(version_ids)s::uuid[], %(languages)s::regconfig[], %(indexes)s::integer[],
        %(contents)s::text[], %(starts)s::integer[], %(ends)s::integer[], %(section_titles)s::text[],
        %(pages)s::integer[], %(token_counts)s::integer[], %(content_hashes)s::bytea[], %(searchables)s::text[],
        %(exacts)s::text[]
    ) given (document_id, version_id, language, chunk_index, content, start_char, end_char, section_title, page,
             token_count, content_hash, searchable, exact)
    offset 0
) made
cross join lateral (
    select coalesce(sum(cardinality(t.positions)), 0)::integer as lexeme_count from unnest(made.lexemes) t
) counted

-- count_of_recipe: how many passages each of these versions has under a recipe.
select document_version_id, count(*)::integer from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = any (%(version_ids)s) and recipe = %(recipe)s
group by document_version_id

-- count_of_versions: the passages of these versions under a recipe.
select count(*) from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = any (%(version_ids)s) and recipe = %(recipe)s

-- count_of_documents: the passages of these documents.
select count(*) from knowledge.chunks
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s)

-- select_places: where the passages of a version stand that readers find, as far as they touch a part of its text.
select recipe, chunk_index + 1 as number, start_char as start, end_char as end
from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = %(document_version_id)s and is_active
  and start_char < %(end)s and end_char > %(start)s
order by recipe, chunk_index

-- remove_of_documents: all passages of these documents.
delete from knowledge.chunks
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s)
returning content_hash, recipe

-- remove_staged: the passages of a document that readers do not see yet.
delete from knowledge.chunks
where organization_id = %(organization_id)s and document_id = %(document_id)s and not is_active
returning content_hash, recipe

-- remove_replaced: the passages of these documents' other versions.
delete from knowledge.chunks
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s)
  and not document_version_id = any (%(version_ids)s)
returning content_hash, recipe

-- publish: readers see these versions' passages from now on, weighed by the average length of their language.
update knowledge.chunks c
set is_active = true,
    weights = knowledge.lexical_weights(c.lexemes, c.lexeme_count, (
        select s.average_length from knowledge.text_statistics s
        where s.organization_id = %(organization_id)s and s.recipe = c.recipe and s.language = c.language))
where c.organization_id = %(organization_id)s and c.document_version_id = any (%(version_ids)s)
  and c.recipe = any (%(recipes)s) and not c.is_active

-- remove_unwanted: some of the passages that were cut by recipes that nobody asks for.
delete from knowledge.chunks
where organization_id = %(organization_id)s and id in (
    select c.id from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.recipe <> all (%(wanted)s::text[])
    limit %(at_most)s);

-- select_old_wordings: some chunks whose lexemes were made by an older rule, with what they are made of.
select c.id, v.title, c.section_title, c.content
from knowledge.chunks c
join knowledge.document_versions v
    on v.organization_id = c.organization_id and v.document_id = c.document_id and v.id = c.document_version_id
where c.organization_id = %(organization_id)s and c.wording < %(wording)s
limit %(at_most)s

-- set_wordings: their lexemes by today's rule; those that readers see are weighed by the average that is known.
update knowledge.chunks c
set lexemes = made.lexemes, lexeme_count = counted.lexeme_count, wording = %(wording)s,
    weights = case when not c.is_active then c.weights else knowledge.lexical_weights(
        made.lexemes, counted.lexeme_count, (
            select s.average_length from knowledge.text_statistics s
            where s.organization_id = %(organization_id)s and s.recipe = c.recipe and s.language = c.language)) end
from (
    select o.id, to_tsvector(o.language, given.searchable) || given.exact::tsvector as lexemes
    from unnest(%(ids)s::uuid[], %(searchables)s::text[], %(exacts)s::text[]) given (id, searchable, exact)
    join knowledge.chunks o on o.organization_id = %(organization_id)s and o.id = given.id
    offset 0
) made
cross join lateral (
    select coalesce(sum(cardinality(t.positions)), 0)::integer as lexeme_count from unnest(made.lexemes) t
) counted
where c.organization_id = %(organization_id)s and c.id = made.id
