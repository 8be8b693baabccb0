"""Tombstones: what syncs must not bring back, kept as hashes of where it stood and what it said."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from resources.foundation.statements import Connection, many, run, run_many, statements_for, value
from resources.knowledge import withholding
from resources.knowledge.records import Buried, Tombstone

SQL = statements_for(__name__)


def bury(connection: Connection, organization_id: UUID, documents: Iterable[Buried], *, kind: str) -> int:
    """Keep syncs from bringing these documents back; how many they are. What is erased is never only expired again."""
    rows = [
        {
            "organization_id": organization_id, "data_source_id": each.data_source_id, "kind": kind,
            "path_hash": withholding.path_hash(each.data_source_id, each.file_path),
            "content_hashes": [withholding.content_hash(each.data_source_id, one) for one in each.checksums],
            "state_hash": withholding.stated(each.revision, each.file_size, each.modified_ns),
        }
        for each in documents
    ]  # fmt: skip
    if rows:
        run_many(connection, SQL["bury"], rows)
    return len(rows)


def select_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> withholding.Withheld:
    """All that stays out of a source."""
    stones = many(
        connection, Tombstone, SQL["select_of_source"], organization_id=organization_id, data_source_id=source_id
    )
    return withholding.withheld(source_id, stones)


def select_of(
    connection: Connection, organization_id: UUID, source_id: UUID, *, items: Iterable[tuple[str, str | None]]
) -> withholding.Withheld:
    """What stands in the way of these items (path, checksum where it is known), as of this statement."""
    wanted = list(items)
    stones = many(
        connection, Tombstone, SQL["select_of"], organization_id=organization_id, data_source_id=source_id,
        path_hashes=[withholding.path_hash(source_id, path) for path, _ in wanted],
        content_hashes=[withholding.content_hash(source_id, checksum) for _, checksum in wanted if checksum],
    )  # fmt: skip
    return withholding.withheld(source_id, stones)


def set_state(
    connection: Connection, organization_id: UUID, *, source_id: UUID, path: str, state_hash: bytes | None
) -> None:
    """An expired item was looked at again and says what it said: its listing alone tells, from now on."""
    run(
        connection, SQL["set_state"], organization_id=organization_id, data_source_id=source_id,
        path_hash=withholding.path_hash(source_id, path), state_hash=state_hash,
    )  # fmt: skip


def lift(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str, kind: str) -> UUID | None:
    """Let a path come back: an expired one that says something new, or an erased one by a person's word."""
    lifted: UUID | None = value(
        connection, SQL["lift"], organization_id=organization_id, data_source_id=source_id, kind=kind,
        path_hash=withholding.path_hash(source_id, path),
    )  # fmt: skip
    return lifted


def count(connection: Connection, organization_id: UUID, *, kind: str) -> int:
    """How many paths are kept out."""
    return int(value(connection, SQL["count"], organization_id=organization_id, kind=kind))
