-- create: a passage of a version, not shown to readers yet.
insert into knowledge.chunks
    (organization_id, data_source_id, document_id, document_version_id, recipe, chunk_index, chunk_size, chunk_overlap,
     content, start_char, end_char, section_title, page, token_count, content_hash, language, lexemes, lexeme_count,
     weights, is_active)
select %(organization_id)s, %(data_source_id)s, %(document_id)s, %(document_version_id)s, %(recipe)s, %(chunk_index)s,
       %(chunk_size)s, %(chunk_overlap)s, %(content)s, %(start_char)s, %(end_char)s, %(section_title)s, %(page)s,
       %(token_count)s, %(content_hash)s, %(language)s::regconfig, counted.lexemes, counted.lexeme_count,
       knowledge.lexical_weights(counted.lexemes, counted.lexeme_count, %(average_length)s), false
from (
    select made.lexemes, knowledge.lexeme_count(made.lexemes) as lexeme_count
    from (select to_tsvector(%(language)s::regconfig, %(searchable)s) as lexemes offset 0) made
    offset 0
) counted

-- count_of_version: the passages of a version under a recipe.
select count(*) from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = %(document_version_id)s and recipe = %(recipe)s

-- count_of_versions: the passages of these versions under a recipe.
select count(*) from knowledge.chunks
where organization_id = %(organization_id)s and document_version_id = any (%(version_ids)s) and recipe = %(recipe)s

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

-- publish: readers see these versions' passages from now on.
update knowledge.chunks set is_active = true
where organization_id = %(organization_id)s and document_version_id = any (%(version_ids)s)
  and recipe = any (%(recipes)s) and not is_active

-- remove_unwanted: some of the passages that were cut by recipes that nobody asks for.
delete from knowledge.chunks
where organization_id = %(organization_id)s and id in (
    select c.id from knowledge.chunks c
    where c.organization_id = %(organization_id)s and c.recipe <> all (%(wanted)s::text[])
    limit %(at_most)s);
