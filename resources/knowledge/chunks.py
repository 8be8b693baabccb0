"""Chunks: the passages of versions. Only active ones are retrieved; the others wait until their version is whole."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection, many, run, run_many, statements_for, value
from resources.knowledge import segmenting
from resources.knowledge.contextualizing import content_hash, contextual
from resources.knowledge.records import ChunkingRule, Parsed, Piece, RemovedChunk

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    document_id: UUID,
    version_id: UUID,
    rule: ChunkingRule,
    parsed: Parsed,
    pieces: Sequence[Piece],
    average_length: float,
) -> None:
    """The pieces of a version under a rule, in order, not shown to readers yet.

    `average_length` is the length of a chunk in lexemes that this recipe's weights are made with.
    """
    shared = {
        "organization_id": organization_id, "data_source_id": source_id, "document_id": document_id,
        "document_version_id": version_id, "recipe": rule.name, "chunk_size": rule.size,
        "chunk_overlap": rule.overlap, "language": segmenting.configuration(parsed.language),
        "average_length": average_length,
    }  # fmt: skip
    rows = [shared | _values(index, piece, parsed.title) for index, piece in enumerate(pieces)]
    run_many(connection, SQL["create"], rows)


def count_of_version(connection: Connection, organization_id: UUID, *, version_id: UUID, recipe: str) -> int:
    """How many chunks a version has under a recipe."""
    return int(
        value(
            connection, SQL["count_of_version"],
            organization_id=organization_id, document_version_id=version_id, recipe=recipe,
        )
    )  # fmt: skip


def count_of_versions(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipe: str
) -> int:
    """How many passages these versions have under a recipe."""
    return int(
        value(
            connection, SQL["count_of_versions"],
            organization_id=organization_id, version_ids=list(version_ids), recipe=recipe,
        )
    )  # fmt: skip


def remove_of_documents(
    connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]
) -> list[RemovedChunk]:
    """Take away all chunks of these documents."""
    return many(
        connection, RemovedChunk, SQL["remove_of_documents"],
        organization_id=organization_id, document_ids=list(document_ids),
    )  # fmt: skip


def remove_staged(connection: Connection, organization_id: UUID, document_id: UUID) -> list[RemovedChunk]:
    """Take away the chunks of a document that readers do not see yet."""
    return many(
        connection, RemovedChunk, SQL["remove_staged"], organization_id=organization_id, document_id=document_id
    )


def remove_replaced(
    connection: Connection, organization_id: UUID, *, document_ids: Sequence[UUID], version_ids: Sequence[UUID]
) -> list[RemovedChunk]:
    """Take away the chunks of these documents that belong to other versions than these."""
    return many(
        connection, RemovedChunk, SQL["remove_replaced"],
        organization_id=organization_id, document_ids=list(document_ids), version_ids=list(version_ids),
    )  # fmt: skip


def publish(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipes: Sequence[str]
) -> int:
    """Readers see these versions' chunks under these recipes from now on; how many are new to them."""
    return run(
        connection, SQL["publish"], organization_id=organization_id, version_ids=list(version_ids),
        recipes=list(recipes),
    )  # fmt: skip


def remove_unwanted(connection: Connection, organization_id: UUID, *, wanted: Sequence[str], at_most: int) -> int:
    """Take away chunks that were cut by other recipes than these; how many they were."""
    return run(
        connection, SQL["remove_unwanted"], organization_id=organization_id, wanted=list(wanted), at_most=at_most
    )


def _values(index: int, piece: Piece, title: str | None) -> dict[str, object]:
    text = contextual(title, piece.section_title, piece.content)
    return {
        "chunk_index": index, "content": piece.content, "start_char": piece.start, "end_char": piece.end,
        "section_title": piece.section_title, "page": piece.page, "token_count": piece.token_count,
        "content_hash": content_hash(text), "searchable": segmenting.searchable(text),
    }  # fmt: skip
