"""Chunks: the passages of versions. Only active ones are retrieved; the others wait until their version is whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from resources.foundation.statements import Connection, many, run, statements_for, value
from resources.knowledge.chunks import identifying
from resources.knowledge.chunks.identifying import Wording
from resources.knowledge.chunks.staging import Passages
from resources.knowledge.records import ChunkingRule, OldWording, PassagePlace, RemovedChunk

SQL = statements_for(__name__)
_ROWS_AT_ONCE = 1000


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    rule: ChunkingRule,
    versions: Sequence[tuple[UUID, UUID, Passages]],
) -> int:
    """The passages of versions under a rule, not shown to readers yet; how many.

    `versions`: a document, its version and the passages of that, in order. Their weights are made when they are shown:
    only then it is known how long the others are.
    """
    created = 0
    for columns in _columns(versions):
        created += run(
            connection, SQL["create"], organization_id=organization_id, data_source_id=source_id, recipe=rule.name,
            chunk_size=rule.size, chunk_overlap=rule.overlap, wording=identifying.WORDING, **columns,
        )  # fmt: skip
    return created


def count_of_recipe(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipe: str
) -> dict[UUID, int]:
    """How many chunks each of these versions has under a recipe; those that have none are left out."""
    rows = connection.execute(
        SQL["count_of_recipe"],
        {"organization_id": organization_id, "version_ids": list(version_ids), "recipe": recipe},
    )
    return dict(rows.fetchall())


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


def count_of_documents(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]) -> int:
    """How many chunks these documents have, seen by readers or not."""
    return int(
        value(
            connection, SQL["count_of_documents"],
            organization_id=organization_id, document_ids=list(document_ids),
        )
    )  # fmt: skip


def select_places(
    connection: Connection, organization_id: UUID, version_id: UUID, *, start: int, end: int
) -> list[PassagePlace]:
    """The passages that readers find of a version and that touch a part of its text, by recipe and place."""
    return many(
        connection, PassagePlace, SQL["select_places"],
        organization_id=organization_id, document_version_id=version_id, start=start, end=end,
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


def select_old_wordings(connection: Connection, organization_id: UUID, *, at_most: int) -> list[OldWording]:
    """Some chunks whose lexemes were made by an older rule than today's."""
    return many(
        connection, OldWording, SQL["select_old_wordings"], organization_id=organization_id,
        wording=identifying.WORDING, at_most=at_most,
    )  # fmt: skip


def set_wordings(connection: Connection, organization_id: UUID, worded: Sequence[tuple[UUID, Wording]]) -> int:
    """Give chunks the lexemes of these wordings, and weights where readers see them; how many they were."""
    return run(
        connection, SQL["set_wordings"], organization_id=organization_id, wording=identifying.WORDING,
        ids=[chunk_id for chunk_id, _ in worded], searchables=[wording.words for _, wording in worded],
        exacts=[identifying.literal(wording.exact) for _, wording in worded],
    )  # fmt: skip


def _columns(versions: Sequence[tuple[UUID, UUID, Passages]]) -> Iterator[dict[str, list[object]]]:
    """The rows as columns, so many at once that their size is bounded."""
    rows = [
        (
            document_id, version_id, passages.language, index, passage.piece.content, passage.piece.start,
            passage.piece.end, passage.piece.section_title, passage.piece.page, passage.piece.token_count,
            passage.content_hash, passage.wording.words, identifying.literal(passage.wording.exact),
        )
        for document_id, version_id, passages in versions
        for index, passage in enumerate(passages.members)
    ]  # fmt: skip
    names = (
        "document_ids", "version_ids", "languages", "indexes", "contents", "starts", "ends", "section_titles", "pages",
        "token_counts", "content_hashes", "searchables", "exacts",
    )  # fmt: skip
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        yield {
            name: list(column)
            for name, column in zip(names, zip(*rows[first : first + _ROWS_AT_ONCE], strict=True), strict=True)
        }
