-- The door: a search whose embedding model was away says so.

set local role millrace_owner;

alter table conversations.retrieval_logs
    alter column query_embedding drop not null,
    add column degraded text check (length(degraded) between 1 and 1000),
    add constraint retrieval_logs_query_embedding_check check (query_embedding is not null or degraded is not null);
comment on column conversations.retrieval_logs.degraded is
    'Why the question was looked for by its words alone, where its embedding model did not answer; there is no query_embedding then.';
