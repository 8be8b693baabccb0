-- get: a version by its id.
select id, document_id, number, checksum, status, title, language, parser, parser_version, dagster_run_id, valid_from,
    valid_to
from knowledge.document_versions
where organization_id = %(organization_id)s and id = %(id)s

-- find_newest: the newest version of a document, ready or not.
select id, document_id, number, checksum, status, title, language, parser, parser_version, dagster_run_id, valid_from,
    valid_to
from knowledge.document_versions
where organization_id = %(organization_id)s and document_id = %(document_id)s
order by number desc
limit 1

-- select_of_document: the versions of a document, newest first.
select id, document_id, number, checksum, status, title, language, parser, parser_version, dagster_run_id, valid_from,
    valid_to
from knowledge.document_versions
where organization_id = %(organization_id)s and document_id = %(document_id)s
order by number desc

-- get_text: the parsed text of a version; its chunks and citations are places in it.
select text from knowledge.document_versions
where organization_id = %(organization_id)s and id = %(id)s

-- select_parts: what stands at places of versions, by the number of the place; nothing of a version that is gone.
select p.number::integer - 1 as number, substr(v.text, p.start_char + 1, p.end_char - p.start_char) as text
from unnest(%(ids)s::uuid[], %(starts)s::integer[], %(ends)s::integer[]) with ordinality p (id, start_char, end_char, number)
join knowledge.document_versions v on v.organization_id = %(organization_id)s and v.id = p.id
where v.text is not null
order by p.number

-- get_parsed: what a parser made of a version.
select text, elements, parser, parser_version, title, language
from knowledge.document_versions
where organization_id = %(organization_id)s and id = %(id)s and text is not null

-- create: the next version of a document, its bytes just fetched.
insert into knowledge.document_versions
    (organization_id, document_id, number, checksum, file_size, title, dagster_run_id)
values
    (%(organization_id)s, %(document_id)s,
     (select coalesce(max(v.number), 0) + 1 from knowledge.document_versions v
      where v.organization_id = %(organization_id)s and v.document_id = %(document_id)s),
     %(checksum)s, %(file_size)s, %(title)s, %(dagster_run_id)s)
returning id

-- remove_unready: what never became ready and is overtaken now.
delete from knowledge.document_versions
where organization_id = %(organization_id)s and document_id = %(document_id)s
  and status <> 'ready' and valid_from is null

-- restore_ready: what was ready once, waited to be so again, and is overtaken now.
update knowledge.document_versions set status = 'ready'
where organization_id = %(organization_id)s and document_id = %(document_id)s
  and status <> 'ready' and valid_from is not null

-- set_waiting: begin again with a version whose bytes are kept.
update knowledge.document_versions set status = 'fetched'
where organization_id = %(organization_id)s and id = %(id)s

-- set_parsed: what a parser made of a version, unless that is known already.
update knowledge.document_versions
set text = %(text)s, elements = %(elements)s, title = coalesce(%(title)s, title), language = %(language)s, parser = %(parser)s,
    parser_version = %(parser_version)s
where organization_id = %(organization_id)s and id = %(id)s and text is null

-- set_chunked: their chunks wait for their vectors.
update knowledge.document_versions set status = 'chunked'
where organization_id = %(organization_id)s and id = any (%(ids)s) and status <> 'ready'

-- set_failed: it could not be carried through.
update knowledge.document_versions set status = 'failed'
where organization_id = %(organization_id)s and id = %(id)s and status <> 'ready'

-- publish: these are what their documents say from now on.
update knowledge.document_versions
set status = 'ready', valid_from = coalesce(valid_from, clock_timestamp()), valid_to = null
where organization_id = %(organization_id)s and id = any (%(ids)s) and (status <> 'ready' or valid_to is not null)

-- end_others: what these documents said until now.
update knowledge.document_versions set valid_to = clock_timestamp()
where organization_id = %(organization_id)s and document_id = any (%(document_ids)s) and not id = any (%(ids)s)
  and valid_from is not null and valid_to is null

-- select_uncut: a page of newest versions that lack chunks under a wanted recipe, and of failures to try again.
-- What was deleted stays so until its bytes come again.
select v.id, v.document_id, d.file_path, d.original_filename, d.mime_type, d.file_type_id, v.checksum, v.title,
       v.status,
       v.text is not null as is_parsed, 0 as chunks
from knowledge.documents d
cross join lateral (
    select n.id, n.document_id, n.checksum, n.title, n.status, n.text, n.valid_to
    from knowledge.document_versions n
    where n.organization_id = %(organization_id)s and n.document_id = d.id
    order by n.number desc
    limit 1
) v
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path
where d.organization_id = %(organization_id)s
  and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null
  and d.file_path > %(after)s
  and case v.status
        when 'fetched' then true
        when 'failed' then coalesce(
            f.stage in ('parsing', 'chunking') and f.state = 'retrying' and f.next_attempt_at <= clock_timestamp(),
            f.id is null)
        else v.valid_to is null and coalesce(
            f.stage not in ('parsing', 'chunking')
            or (f.state = 'retrying' and f.next_attempt_at <= clock_timestamp()), true)
        and exists (
            select from unnest(%(recipes)s::text[]) wanted (recipe)
            where not exists (
                select from knowledge.chunks c
                where c.organization_id = %(organization_id)s and c.document_version_id = v.id
                  and c.recipe = wanted.recipe))
      end
order by d.file_path
limit %(at_most)s

-- select_unembedded: a page of newest versions whose chunks lack vectors, or are whole and not yet shown to readers.
select v.id, v.document_id, d.file_path, d.original_filename, d.mime_type, d.file_type_id, v.checksum, v.title,
       v.status,
       true as is_parsed,
       (select count(*)::integer from knowledge.chunks c
        where c.organization_id = %(organization_id)s and c.document_version_id = v.id
          and c.recipe = any (%(recipes)s)) as chunks
from knowledge.documents d
cross join lateral (
    select n.id, n.document_id, n.checksum, n.title, n.status
    from knowledge.document_versions n
    where n.organization_id = %(organization_id)s and n.document_id = d.id
    order by n.number desc
    limit 1
) v
left join knowledge.sync_failures f
    on f.organization_id = d.organization_id and f.data_source_id = d.data_source_id and f.file_path = d.file_path
where d.organization_id = %(organization_id)s
  and d.data_source_id = %(data_source_id)s
  and d.soft_deleted_at is null
  and d.file_path > %(after)s
  and coalesce(f.stage <> 'embedding' or (f.state = 'retrying' and f.next_attempt_at <= clock_timestamp()), true)
  and case v.status
        when 'chunked' then true
        when 'failed' then coalesce(f.stage = 'embedding', false)
        when 'ready' then exists (
            select from unnest(%(recipes)s::text[], %(embedding_model_ids)s::uuid[]) wanted (recipe, model)
            join knowledge.chunks c
                on c.organization_id = %(organization_id)s and c.document_version_id = v.id and c.recipe = wanted.recipe
            left join knowledge.embeddings e
                on e.organization_id = %(organization_id)s and e.embedding_model_id = wanted.model
               and e.content_hash = c.content_hash
            where not c.is_active or e.content_hash is null)
        else false
      end
order by d.file_path
limit %(at_most)s

-- select_newest: of these versions, those that are the newest of their documents and in one of these states.
select v.id
from knowledge.document_versions v
where v.organization_id = %(organization_id)s and v.id = any (%(ids)s) and v.status = any (%(statuses)s)
  and v.number = (
      select max(n.number) from knowledge.document_versions n
      where n.organization_id = %(organization_id)s and n.document_id = v.document_id)
order by v.id

-- remove: these versions are no more; citations of them lose their quotes.
delete from knowledge.document_versions
where organization_id = %(organization_id)s and id = any (%(ids)s)
returning checksum
