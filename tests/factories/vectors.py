"""Many chunks with vectors, without a sync: rows that search can see, made by COPY as the operator."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID, uuid4

import numpy
import psycopg
from numpy.typing import NDArray
from pgvector.psycopg import register_vector

from resources.foundation.database import Server
from resources.foundation.statements import Connection
from resources.knowledge.records import ChunkingRule

RECIPE = ChunkingRule().name
CHUNKS_PER_DOCUMENT = 100

_COPY = """
copy knowledge.embeddings (organization_id, embedding_model_id, content_hash, embedding) from stdin (format binary)
"""
_CHUNKS = """
insert into knowledge.chunks (organization_id, data_source_id, document_id, document_version_id, recipe, chunk_index,
    chunk_size, chunk_overlap, content, start_char, end_char, token_count, content_hash, language, lexemes,
    lexeme_count, weights, is_active)
select %(organization_id)s, %(source_id)s, %(document_id)s, %(version_id)s, %(recipe)s, (place - 1)::integer, 1600, 0,
    'passage', 0, 7, 2, content_hash, 'simple', 'passage', 1, '{}/1000000000', true
from unnest(%(hashes)s::bytea[]) with ordinality given (content_hash, place)
"""


def points(count: int, dimension: int, *, seed: int) -> NDArray[numpy.float32]:
    """Random directions: of all questions the hardest for a graph of neighbours."""
    rows = numpy.random.default_rng(seed).normal(size=(count, dimension)).astype(numpy.float32)
    unit: NDArray[numpy.float32] = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def stock(
    server: Server,
    organization_id: UUID,
    sources: Mapping[str, NDArray[numpy.float32]],
    *,
    model: str = "points",
    per_document: int = CHUNKS_PER_DOCUMENT,
) -> tuple[UUID, dict[str, UUID]]:
    """A source of each name with a chunk for each of its vectors, 100 a document; the model and the sources by name."""
    ids = {name: uuid4() for name in sources}
    dimension = next(iter(sources.values())).shape[1]
    with psycopg.connect(server.admin_conninfo()) as admin:
        register_vector(admin)
        row = admin.execute(
            "insert into knowledge.embedding_models (organization_id, name, version, dimension) "
            "values (%s, %s, '1', %s) returning id", [organization_id, model, dimension],
        ).fetchone()  # fmt: skip
        assert row is not None
        total = 0
        for name, vectors in sources.items():
            admin.execute(
                "insert into knowledge.data_sources (organization_id, id, name, source_type) "
                "values (%s, %s, %s, 'upload')",
                [organization_id, ids[name], name],
            )
            hashes = [sha256(f"{model} {name} {place}".encode()).digest() for place in range(len(vectors))]
            with admin.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.set_types(["uuid", "uuid", "bytea", "vector"])
                for content_hash, vector in zip(hashes, vectors, strict=True):
                    copy.write_row([organization_id, row[0], content_hash, vector])
            for first in range(0, len(hashes), per_document):
                _document(admin, organization_id, ids[name], hashes[first : first + per_document])
            total += len(hashes)
        admin.execute(
            "insert into knowledge.text_statistics (organization_id, recipe, language, chunk_count, lexeme_total, "
            "average_length) values (%s, %s, 'simple', %s, %s, 1)", [organization_id, RECIPE, total, total],
        )  # fmt: skip
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as admin:
        admin.execute("vacuum (analyze) knowledge.chunks, knowledge.embeddings")
    return row[0], ids


def walks_in(connection: Connection) -> int:
    """How often an index of vectors was walked in this transaction."""
    row = connection.execute(
        "select coalesce(sum(pg_stat_get_xact_numscans(i.indexrelid)), 0) from pg_index i "
        "where i.indexrelid::regclass::text like 'knowledge.dense_%'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _document(admin: Connection, organization_id: UUID, source_id: UUID, hashes: list[bytes]) -> None:
    ids = {"organization_id": organization_id, "source_id": source_id, "document_id": uuid4(), "version_id": uuid4()}
    admin.execute(
        "insert into knowledge.documents (organization_id, id, data_source_id, title, original_filename, file_path, "
        "file_size, status) values (%(organization_id)s, %(document_id)s, %(source_id)s, 'points', 'points', "
        "%(document_id)s::text, 7, 'ready')", ids,
    )  # fmt: skip
    admin.execute(
        "insert into knowledge.document_versions (organization_id, id, document_id, number, checksum, file_size, "
        "status) values (%(organization_id)s, %(version_id)s, %(document_id)s, 1, repeat('0', 64), 7, 'ready')", ids,
    )  # fmt: skip
    admin.execute(
        "update knowledge.documents set current_version_id = %(version_id)s "
        "where organization_id = %(organization_id)s and id = %(document_id)s", ids,
    )  # fmt: skip
    admin.execute(_CHUNKS, ids | {"recipe": RECIPE, "hashes": hashes})
