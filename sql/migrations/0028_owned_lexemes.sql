-- The index of words says whose a passage is, too: a small organization's search walks no other's long lists of passages.

set local role millrace_owner;

drop index knowledge.chunks_lexemes;
create index chunks_lexemes on knowledge.chunks
    using gin ((lexemes || array_to_tsvector(array[organization_id::text, data_source_id::text]))) where is_active;
