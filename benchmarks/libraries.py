"""Large libraries to search in: paragraphs as chunks with real lexemes, weights and vectors, by COPY, without a sync.

One organization owns all of them, in four sources that hold 0.1, 1 and 10 % and the rest. Three more own copies of the
first three sources and nothing else, so that a share can be searched as a tenant and as a filter.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import numpy
import psycopg
from numpy.typing import NDArray
from pgvector.psycopg import register_vector

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Server, open_database
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.migrations import apply, create_database, migrations
from resources.foundation.statements import Connection
from resources.knowledge.chunks import embedding_models, staging, text_statistics
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.chunks.identifying import literal
from resources.knowledge.records import ChunkingRule, Parsed, Piece

SHARES = {"thousandth": 0.001, "hundredth": 0.01, "tenth": 0.1}
WHOLE = "whole"
RULE = ChunkingRule()
CHUNKS_PER_DOCUMENT = 40
PARAGRAPHS_PER_BATCH = 5_000
SAMPLE = 4_000
_IDS = UUID("5f0e6ac0-4f3b-4a53-9d55-6a2f0bd6a2c1")

_INDEXES = (
    "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i "
    "where i.indrelid = 'knowledge.chunks'::regclass and not i.indisunique"
)
_STAGE = """
create unlogged table staged (
    data_source_id uuid, document_id uuid, version_id uuid, chunk_index integer, content text, token_count integer,
    content_hash bytea, searchable text, exact text)
"""
_COPY_STAGED = """
copy staged (data_source_id, document_id, version_id, chunk_index, content, token_count, content_hash, searchable,
             exact)
from stdin (format binary)
"""
_COPY_VECTORS = """
copy knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding) from stdin (format binary)
"""
_CUT = """
insert into knowledge.chunks
    (organization_id, data_source_id, document_id, document_version_id, recipe, chunk_index, chunk_size, chunk_overlap,
     content, start_char, end_char, token_count, content_hash, language, lexemes, lexeme_count, weights, is_active)
select %(organization_id)s, s.data_source_id, s.document_id, s.version_id, %(recipe)s, s.chunk_index, 1600, 0,
       s.content, 0, length(s.content), s.token_count, s.content_hash, 'english', s.lexemes, s.lexeme_count,
       knowledge.lexical_weights(s.lexemes, s.lexeme_count, %(average_length)s), true
from (select *, knowledge.lexeme_count(lexemes) as lexeme_count
      from (select *, to_tsvector('english', searchable) || exact::tsvector as lexemes
            from staged offset 0) l offset 0) s
"""
_AVERAGE = """
select avg(knowledge.lexeme_count(to_tsvector('english', searchable)))
from (select searchable from staged order by content_hash limit 20000) sample
"""
_DOCUMENTS = """
insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, file_path, file_size,
                                 status)
select %(organization_id)s, document_id, (array_agg(data_source_id))[1], document_id::text, 'paragraphs.txt',
       document_id::text, sum(length(content)), 'ready'
from staged group by document_id
"""
_VERSIONS = """
insert into knowledge.document_versions (organization_id, id, document_id, number, checksum, file_size, status)
select %(organization_id)s, (array_agg(version_id))[1], document_id, 1, repeat('0', 64), sum(length(content)), 'ready'
from staged group by document_id
"""
_CURRENT = """
update knowledge.documents d set current_version_id = v.id
from knowledge.document_versions v
where v.organization_id = d.organization_id and v.document_id = d.id and d.organization_id = %(organization_id)s
"""
_COPY_OF = (
    """insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, file_path,
                                     file_size, status)
    select %(to)s, id, data_source_id, title, original_filename, file_path, file_size, status
    from knowledge.documents where organization_id = %(of)s and data_source_id = %(source)s""",
    """insert into knowledge.document_versions (organization_id, id, document_id, number, checksum, file_size, status)
    select %(to)s, v.id, v.document_id, v.number, v.checksum, v.file_size, v.status
    from knowledge.document_versions v
    join knowledge.documents d on d.organization_id = v.organization_id and d.id = v.document_id
    where v.organization_id = %(of)s and d.data_source_id = %(source)s""",
    """update knowledge.documents d set current_version_id = v.id from knowledge.document_versions v
    where v.organization_id = d.organization_id and v.document_id = d.id and d.organization_id = %(to)s""",
    """insert into knowledge.chunks
        (organization_id, data_source_id, document_id, document_version_id, recipe, chunk_index, chunk_size,
         chunk_overlap, content, start_char, end_char, token_count, content_hash, language, lexemes, lexeme_count,
         weights, is_active)
    select %(to)s, data_source_id, document_id, document_version_id, recipe, chunk_index, chunk_size,
         chunk_overlap, content, start_char, end_char, token_count, content_hash, language, lexemes, lexeme_count,
         weights, is_active
    from knowledge.chunks where organization_id = %(of)s and data_source_id = %(source)s""",
    """insert into knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding)
    select %(to)s, %(model)s, e.content_hash, e.embedding
    from knowledge.embeddings e
    where e.organization_id = %(of)s and e.content_hash in (
        select content_hash from knowledge.chunks where organization_id = %(of)s and data_source_id = %(source)s)""",
)


@dataclass(frozen=True)
class Library:
    """Who owns what: organizations by name, the sources of the one that owns all, its model and how many chunks."""

    chunks: int
    organizations: dict[str, UUID]
    sources: dict[str, UUID]
    models: dict[str, UUID]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a document, which it is numbered in."""

    document: str
    title: str
    text: str


def paragraphs(path: Path, count: int, *, seed: int = 1) -> Iterator[Paragraph]:
    """So many paragraphs; beyond those that there are they come again, every sixth word exchanged."""
    chance = random.Random(seed)  # noqa: S311  a corpus, not a secret
    words: list[str] = []
    for turn in range(count):
        if count <= 0:
            return
        given = 0
        for paragraph in islice(_read(path), count):
            given += 1
            if turn == 0 and given % 50 == 0:
                words += paragraph.text.split()[:20]
            yield paragraph if turn == 0 else _changed(paragraph, words, chance, turn)
        count -= given


def texts_of(path: Path, count: int, *, seed: int) -> list[str]:
    """So many paragraphs, drawn from the first 500,000."""
    chance = random.Random(seed)  # noqa: S311
    found = [paragraph.text for paragraph in islice(_read(path), 500_000) if len(paragraph.text) > 120]
    return chance.sample(found, min(count, len(found)))


def build(server: Server, name: str, path: Path, chunks: int, *, seed: int = 1) -> Library:
    """The library of so many chunks in a database of this name; made where it is not there yet."""
    create_database(server, name)
    named = server.with_database(name)
    with psycopg.connect(named.admin_conninfo()) as admin:
        apply(admin, migrations())
        admin.commit()
        register_vector(admin)
        found = _find(admin, chunks)
        if found is None:
            found = _make(admin, path, chunks, seed)
    with open_database(named, "millrace_pipeline", most=1) as database:
        for organization_id in found.organizations.values():
            with database.transaction(organization_id) as connection:
                if text_statistics.select_stale(connection, organization_id, recipes=[RULE.name]):
                    text_statistics.refresh(connection, organization_id, RULE.name)
    with psycopg.connect(named.admin_conninfo(), autocommit=True) as admin:
        admin.execute("vacuum (analyze) knowledge.chunks, knowledge.embeddings, knowledge.documents")
        admin.execute("analyze knowledge.lexeme_frequencies")
    return found


def _find(admin: Connection, chunks: int) -> Library | None:
    organizations = dict(admin.execute("select slug, id from identity.organizations").fetchall())
    if WHOLE not in organizations:
        return None
    return Library(
        chunks, organizations,
        dict(admin.execute("select name, id from knowledge.data_sources where organization_id = %s",
                           [organizations[WHOLE]]).fetchall()),
        dict(admin.execute("select o.slug, m.id from knowledge.embedding_models m "
                           "join identity.organizations o on o.id = m.organization_id").fetchall()),
    )  # fmt: skip


def _make(admin: Connection, path: Path, chunks: int, seed: int) -> Library:
    model = EmbeddedModel()
    organizations = {slug: uuid4() for slug in (WHOLE, *SHARES)}
    sources = {name: uuid4() for name in (*SHARES, "rest")}
    models: dict[str, UUID] = {}
    for slug, id in organizations.items():
        admin.execute("insert into identity.organizations (id, slug, name) values (%s, %s, %s)", [id, slug, slug])
        models[slug] = embedding_models.register(
            admin, id, name=model.name, version=model.version, dimension=model.dimension
        ).id
        for name, source_id in sources.items():
            if slug in (WHOLE, name):
                admin.execute(
                    "insert into knowledge.data_sources (organization_id, id, name, source_type, last_sync) "
                    "values (%s, %s, %s, 'upload', now())", [id, source_id, name],
                )  # fmt: skip
    indexes = admin.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        admin.execute(f"drop index {name}".encode())
    admin.execute(_STAGE)
    _stage(admin, model, paragraphs(path, chunks, seed=seed), chunks, organizations[WHOLE], models[WHOLE], sources)
    whole = {"organization_id": organizations[WHOLE], "recipe": RULE.name}
    row = admin.execute(_AVERAGE).fetchone()
    assert row is not None
    average = float(row[0])
    for statement in (_DOCUMENTS, _VERSIONS, _CURRENT, _CUT):
        admin.execute(statement.encode(), whole | {"average_length": average})
    for slug in SHARES:
        to = {"to": organizations[slug], "of": organizations[WHOLE], "source": sources[slug], "model": models[slug]}
        for statement in _COPY_OF:
            admin.execute(statement.encode(), to)
    for id in organizations.values():
        admin.execute(
            "insert into knowledge.text_statistics (organization_id, recipe, language, chunk_count, lexeme_total, "
            "average_length, computed_at) values (%s, %s, 'english', 0, 0, %s, '-infinity')", [id, RULE.name, average],
        )  # fmt: skip
    admin.execute("drop table staged")
    admin.execute("set maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        admin.execute(definition.encode())
    admin.commit()
    return Library(chunks, organizations, sources, models)


def _stage(
    admin: Connection, model: EmbeddedModel, read: Iterator[Paragraph], chunks: int, organization_id: UUID,
    model_id: UUID, sources: dict[str, UUID],
) -> None:  # fmt: skip
    chance = random.Random(7)  # noqa: S311
    room = {name: round(share * chunks) for name, share in SHARES.items()} | {"rest": chunks}
    known: set[bytes] = set()
    place, index, at = "rest", 0, ""
    document_id = uuid4()
    while batch := list(islice(read, PARAGRAPHS_PER_BATCH)):
        new: dict[bytes, str] = {}
        with admin.cursor() as cursor, cursor.copy(_COPY_STAGED) as copy:
            copy.set_types(["uuid", "uuid", "uuid", "int4", "text", "int4", "bytea", "text", "text"])
            for paragraph in batch:
                if paragraph.document != at or index + 1 >= CHUNKS_PER_DOCUMENT or room[place] == 0:
                    at, index, place = paragraph.document, 0, _drawn(chance, room)
                    document_id = uuid4()
                else:
                    index += 1
                room[place] -= 1
                passage = staging.passages(
                    Parsed(paragraph.text, (), "", "", title=paragraph.title, language="en"),
                    [Piece(paragraph.text, 0, len(paragraph.text), None, None, estimated_tokens(paragraph.text))],
                ).members[0]
                copy.write_row(
                    [sources[place], document_id, uuid5(_IDS, str(document_id)), index, paragraph.text,
                     passage.piece.token_count, passage.content_hash, passage.wording.words,
                     literal(passage.wording.exact)]
                )  # fmt: skip
                if passage.content_hash not in known:
                    known.add(passage.content_hash)
                    new[passage.content_hash] = contextual(paragraph.title, None, paragraph.text)
        _copy_vectors(admin, organization_id, model_id, list(new), model.embed(list(new.values())))


def _copy_vectors(
    admin: Connection, organization_id: UUID, model_id: UUID, hashes: Sequence[bytes], vectors: NDArray[numpy.float32]
) -> None:
    with admin.cursor() as cursor, cursor.copy(_COPY_VECTORS) as copy:
        copy.set_types(["uuid", "uuid", "bytea", "vector"])
        for content_hash, vector in zip(hashes, vectors, strict=True):
            copy.write_row([organization_id, model_id, content_hash, vector])


def _drawn(chance: random.Random, room: dict[str, int]) -> str:
    """A source for the next document: as likely as its share, while it has room."""
    drawn = chance.random()
    for name, share in SHARES.items():
        if drawn < share * 1.3:
            return name if room[name] else "rest"
        drawn -= share * 1.3
    return "rest"


def _read(path: Path) -> Iterator[Paragraph]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            text = told["text"][: RULE.size].replace("\0", " ").strip()
            if text:
                yield Paragraph(told["id"].rpartition(":")[0], told["title"], text)


def _changed(paragraph: Paragraph, words: list[str], chance: random.Random, turn: int) -> Paragraph:
    text = paragraph.text.split(" ")
    for place in range(chance.randrange(6), len(text), 6):
        text[place] = chance.choice(words)
    return Paragraph(f"{paragraph.document}-{turn}", paragraph.title, " ".join(text)[: RULE.size].strip())
