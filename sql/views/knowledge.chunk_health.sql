-- Each visible chunk by what can be wrong with it, without its words.
create or replace view knowledge.chunk_health with (security_invoker = true) as
select chunk.organization_id, chunk.id::text as chunk_id, chunk.content !~ '\S' as is_blank,
       chunk.start_char, chunk.end_char, chunk.page, chunk.token_count
from knowledge.chunks chunk
where chunk.is_active;
alter view knowledge.chunk_health owner to millrace_owner;
grant select on knowledge.chunk_health to millrace_pipeline;
comment on view knowledge.chunk_health is 'Visible chunks with their place and size, and whether they say anything.';
