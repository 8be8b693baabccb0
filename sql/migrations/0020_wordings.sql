-- Which lexemes a chunk has: those of an older version of Millrace are made again by the next sync, from the chunk's text.

set local role millrace_owner;

alter table knowledge.chunks add column wording smallint not null default 1;
comment on column knowledge.chunks.wording is
    'The rule that its lexemes were made by; a sync makes those of older rules again, and leaves content and vectors.';
-- Old ones are found without a look at the others.
create index chunks_wording on knowledge.chunks (organization_id, wording);
