-- Sources, documents and their versions, chunks, vectors, the statistics of words, and what a sync did.

set local role millrace_owner;

create table knowledge.file_types (
    organization_id  uuid not null references identity.organizations on delete cascade,
    id               uuid not null default gen_random_uuid(),
    name             text not null,
    category         text not null,
    mime_types       text[] not null default '{}',
    extensions       text[] not null default '{}',
    parsers          text[] not null check (cardinality(parsers) > 0),
    embedding_models text[] not null default '{}',
    is_active        boolean not null default true,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, name)
);
comment on table knowledge.file_types is 'Kinds of file and the parser that reads them: the first of its parsers is used.';
call identity.protect('knowledge.file_types');

create table knowledge.data_sources (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    user_id         uuid,
    name            text not null check (name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$' and name not like '%..%'),
    description     text not null default '',
    source_type     text not null check (source_type in ('file', 'web', 'database', 'api', 'upload')),
    status          text not null default 'active' check (status in ('active', 'inactive', 'error')),
    config          jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    credentials     bytea,
    auto_sync       boolean not null default true,
    sync_frequency  integer not null default 3600 check (sync_frequency >= 10),
    last_sync       timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    primary key (organization_id, id),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id)
);
create unique index data_sources_name on knowledge.data_sources (organization_id, name) where deleted_at is null;
create index data_sources_user on knowledge.data_sources (organization_id, user_id);
create index data_sources_type on knowledge.data_sources (organization_id, source_type);
create index data_sources_status on knowledge.data_sources (organization_id, status);
create index data_sources_created_at on knowledge.data_sources (organization_id, created_at);
comment on table knowledge.data_sources is
    'Where documents come from. sync_frequency is in seconds; credentials are encrypted; a name stands once in an organization.';
call identity.protect('knowledge.data_sources');
revoke select on knowledge.data_sources from millrace_api;
grant select (organization_id, id, user_id, name, description, source_type, status, config, auto_sync, sync_frequency,
              last_sync, created_at, updated_at, deleted_at)
    on knowledge.data_sources to millrace_api;
create policy directory on knowledge.data_sources for select to millrace_directory using (true);
grant select on knowledge.data_sources to millrace_directory;

create table knowledge.tags (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    name            text not null check (length(name) between 1 and 100),
    description     text not null default '',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    deleted_at      timestamptz,
    primary key (organization_id, id)
);
create unique index tags_name on knowledge.tags (organization_id, name) where deleted_at is null;
comment on table knowledge.tags is 'Labels that group sources and say which sources an agent reads.';
call identity.protect('knowledge.tags');

create table knowledge.data_source_tags (
    organization_id uuid not null,
    data_source_id  uuid not null,
    tag_id          uuid not null,
    primary key (organization_id, data_source_id, tag_id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, tag_id) references knowledge.tags on delete cascade
);
create index data_source_tags_tag on knowledge.data_source_tags (organization_id, tag_id);
comment on table knowledge.data_source_tags is 'Which tags a source bears.';
call identity.protect('knowledge.data_source_tags');

create table knowledge.documents (
    organization_id    uuid not null,
    id                 uuid not null default gen_random_uuid(),
    user_id            uuid,
    data_source_id     uuid not null,
    file_type_id       uuid,
    title              text not null,
    original_filename  text not null,
    file_path          text collate "C" not null,
    file_size          bigint not null check (file_size >= 0),
    modified_ns        bigint,
    mime_type          text,
    language           text,
    status             text not null default 'pending' check (status in ('pending', 'ready', 'failed')),
    processing_log     jsonb not null default '[]' check (jsonb_typeof(processing_log) = 'array'),
    source_metadata    jsonb not null default '{}' check (jsonb_typeof(source_metadata) = 'object'),
    current_version_id uuid,
    expires_at         timestamptz,
    soft_deleted_at    timestamptz,
    is_on_legal_hold   boolean not null default false,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, data_source_id, file_path),
    foreign key (organization_id, user_id) references identity.users on delete set null (user_id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, file_type_id) references knowledge.file_types on delete set null (file_type_id)
);
create index documents_user_status on knowledge.documents (organization_id, user_id, status);
create index documents_source_created_at on knowledge.documents (organization_id, data_source_id, created_at);
create index documents_status on knowledge.documents (organization_id, status);
create index documents_created_at on knowledge.documents (organization_id, created_at);
create index documents_expires_at on knowledge.documents (organization_id, expires_at) where expires_at is not null;
create index documents_soft_deleted_at on knowledge.documents (organization_id, soft_deleted_at)
    where soft_deleted_at is not null;
comment on table knowledge.documents is
    'One item of a source. Readers see current_version_id; a newer version waits beside it until its chunks and vectors are whole.';
call identity.protect('knowledge.documents');

create table knowledge.document_versions (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    document_id     uuid not null,
    number          integer not null check (number > 0),
    checksum        text not null check (checksum ~ '^[0-9a-f]{64}$'),
    file_size       bigint not null check (file_size >= 0),
    status          text not null default 'fetched' check (status in ('fetched', 'chunked', 'ready', 'failed')),
    title           text,
    text            text,
    elements        jsonb,
    language        text,
    parser          text,
    parser_version  text,
    dagster_run_id  text,
    valid_from      timestamptz,
    valid_to        timestamptz,
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, document_id, number),
    unique (organization_id, document_id, id),
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade,
    check (valid_from is null or text is not null)
);
create index document_versions_waiting on knowledge.document_versions (organization_id, document_id)
    where status in ('fetched', 'chunked');
comment on table knowledge.document_versions is
    'What a document said at a time: the SHA-256 of its bytes (kept in the object store under it), its text and structure, and the Dagster run that brought it.';
call identity.protect('knowledge.document_versions');

alter table knowledge.documents add foreign key (organization_id, id, current_version_id)
    references knowledge.document_versions (organization_id, document_id, id)
    on delete set null (current_version_id);

create function knowledge.keep_versions_immutable() returns trigger
    language plpgsql as $$
begin
    if new.checksum <> old.checksum or new.document_id <> old.document_id or new.number <> old.number
       or (old.text is not null and new.text is distinct from old.text) then
        raise exception 'version % of document % is immutable: make a new version', old.number, old.document_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
create trigger keep_versions_immutable before update on knowledge.document_versions
    for each row execute function knowledge.keep_versions_immutable();
comment on function knowledge.keep_versions_immutable() is
    'Refuses to change what a version says: its bytes, its place, and its text once that is known.';

create function knowledge.lexical_weights(lexemes tsvector, lexeme_count integer, average_length double precision)
    returns sparsevec
    language sql immutable parallel safe
    as $$
        select ('{' || coalesce(string_agg(dimension || ':' || weight, ',' order by dimension), '') || '}/1000000000')::public.sparsevec
        from (
            select 1 + (pg_catalog.hashtextextended(t.lexeme, 0) & 9223372036854775807) % 1000000000 as dimension,
                   sum(n * 2.2 / (n + 1.2 * (0.25 + 0.75 * lexeme_count / average_length)))::real as weight
            from unnest(lexemes) t, cardinality(t.positions) n
            group by 1
        ) terms
    $$;
comment on function knowledge.lexical_weights(tsvector, integer, double precision) is
    'BM25 term weights tf(k1+1) / (tf + k1(1-b + b length/average)), k1 = 1.2, b = 0.75 (Robertson and Zaragoza 2009), at the hash of each lexeme.';

create function knowledge.lexeme_count(lexemes tsvector) returns integer
    language sql immutable parallel safe
    return (select coalesce(sum(cardinality(t.positions)), 0)::integer from unnest(lexemes) t);
comment on function knowledge.lexeme_count(tsvector) is 'The length of a text in lexemes, repetitions counted.';

create table knowledge.chunks (
    organization_id     uuid not null,
    id                  uuid not null default gen_random_uuid(),
    data_source_id      uuid not null,
    document_id         uuid not null,
    document_version_id uuid not null,
    recipe              text not null,
    chunk_index         integer not null check (chunk_index >= 0),
    chunk_size          integer not null,
    chunk_overlap       integer not null,
    content             text not null check (length(content) = end_char - start_char),
    start_char          integer not null check (start_char >= 0),
    end_char            integer not null check (end_char > start_char),
    section_title       text,
    page                integer,
    token_count         integer not null,
    content_hash        bytea not null check (length(content_hash) = 32),
    language            regconfig not null,
    lexemes             tsvector not null,
    lexeme_count        integer not null,
    weights             sparsevec(1000000000) not null,
    is_active           boolean not null default false,
    metadata            jsonb not null default '{}',
    created_at          timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, document_version_id, recipe, chunk_index),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, document_id, document_version_id)
        references knowledge.document_versions (organization_id, document_id, id) on delete cascade
);
-- Weights are read for every candidate, so they stay in the row; content and lexemes move out of a wide one first.
alter table knowledge.chunks alter column weights set storage main;
create index chunks_document on knowledge.chunks (organization_id, document_id);
-- What search may see, without touching the rows: they are wide, and only the best of them are read.
create index chunks_visible on knowledge.chunks (organization_id, recipe, data_source_id)
    include (content_hash, id) where is_active;
create index chunks_content_hash on knowledge.chunks (organization_id, content_hash);
create index chunks_created_at on knowledge.chunks (organization_id, created_at);
create index chunks_lexemes on knowledge.chunks using gin (lexemes) where is_active;
comment on table knowledge.chunks is
    'Passages of a version under a recipe (how it was cut): text[start_char, end_char) of the version. content_hash is the SHA-256 of what is embedded; weights are the BM25 weights of its lexemes, by hash. Only active ones are retrieved.';
call identity.protect('knowledge.chunks');
create policy search on knowledge.chunks for select to millrace_search using (true);
grant select on knowledge.chunks to millrace_search;

create table knowledge.embedding_models (
    organization_id uuid not null references identity.organizations on delete cascade,
    id              uuid not null default gen_random_uuid(),
    name            text not null,
    version         text not null,
    dimension       integer not null check (dimension between 1 and 16000),
    created_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, name, version)
);
comment on table knowledge.embedding_models is 'The models whose vectors are kept: name, version and dimension.';
call identity.protect('knowledge.embedding_models');

create table knowledge.embeddings (
    organization_id    uuid not null,
    embedding_model_id uuid not null,
    content_hash       bytea not null check (length(content_hash) = 32),
    embedding          vector not null,
    created_at         timestamptz not null default now(),
    primary key (organization_id, embedding_model_id, content_hash),
    foreign key (organization_id, embedding_model_id) references knowledge.embedding_models on delete cascade
);
alter table knowledge.embeddings alter column embedding set storage plain;
comment on table knowledge.embeddings is
    'One vector for one content under one model: the same text is embedded once in an organization, never shared between two.';
call identity.protect('knowledge.embeddings');

create table knowledge.lexeme_frequencies (
    organization_id uuid not null references identity.organizations on delete cascade,
    recipe          text not null,
    lexeme          text not null,
    chunk_count     bigint not null check (chunk_count > 0),
    primary key (organization_id, recipe, lexeme)
);
comment on table knowledge.lexeme_frequencies is 'In how many active chunks of a recipe a lexeme stands: BM25 takes its idf from here.';
call identity.protect('knowledge.lexeme_frequencies');

create table knowledge.text_statistics (
    organization_id uuid not null references identity.organizations on delete cascade,
    recipe          text not null,
    language        regconfig not null,
    chunk_count     bigint not null,
    lexeme_total    bigint not null,
    average_length  double precision not null,
    computed_at     timestamptz not null default now(),
    primary key (organization_id, recipe, language)
);
comment on table knowledge.text_statistics is
    'Active chunks and their length by recipe and language. average_length is the one that the stored weights were made with.';
call identity.protect('knowledge.text_statistics');

create table knowledge.training_jobs (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    status          text not null default 'queued'
                    check (status in ('queued', 'processing', 'completed', 'failed', 'cleanup_completed')),
    dagster_run_id  text,
    listed          integer not null default 0,
    changed         integer not null default 0,
    unchanged       integer not null default 0,
    deleted         integer not null default 0,
    failed          integer not null default 0,
    chunks          integer not null default 0,
    embedded        integer not null default 0,
    reused          integer not null default 0,
    reason          text,
    started_at      timestamptz,
    completed_at    timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade
);
create index training_jobs_source on knowledge.training_jobs (organization_id, data_source_id, created_at desc);
comment on table knowledge.training_jobs is 'What a person sees of a sync: its state and what it did, counted from its items.';
call identity.protect('knowledge.training_jobs');

create table knowledge.sync_failures (
    organization_id uuid not null,
    id              uuid not null default gen_random_uuid(),
    data_source_id  uuid not null,
    document_id     uuid,
    file_path       text not null,
    stage           text not null check (stage in ('listing', 'fetching', 'parsing', 'chunking', 'embedding')),
    outcome         text not null,
    reason          text not null,
    attempts        integer not null default 1,
    next_attempt_at timestamptz not null,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    primary key (organization_id, id),
    unique (organization_id, data_source_id, file_path),
    foreign key (organization_id, data_source_id) references knowledge.data_sources on delete cascade,
    foreign key (organization_id, document_id) references knowledge.documents on delete cascade
);
comment on table knowledge.sync_failures is
    'Items that could not be carried through, one row each while it lasts: stage, reason, attempts and when it is tried again.';
call identity.protect('knowledge.sync_failures');
