"""Tombstones: what syncs must not bring back, kept as hashes of where it stood and what it said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.statements import Connection, many, run, run_many, statements_for, value
from resources.knowledge.documents import withholding
from resources.knowledge.records import Buried, Item, Tombstone

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Seen:
    """An item that is about to be written: its bytes' checksum, None where it could not be read."""

    item: Item
    checksum: str | None


class Gate:
    """What stays out of a source in one sync. The listing is asked first; the last word falls as rows are written."""

    def __init__(self, database: Database, organization_id: UUID, source_id: UUID) -> None:
        self._organization_id = organization_id
        self._source_id = source_id
        with database.transaction(organization_id) as connection:
            self._withheld = select_of_source(connection, organization_id, source_id)

    def keeps_out(self, item: Item) -> bool:
        """Whether the listing alone tells that the item stays out; its bytes are not fetched then."""
        return self._withheld.by_listing(item) == "withheld"

    def turn_away(self, connection: Connection, seen: Sequence[Seen]) -> set[str]:
        """The paths of what must not be written, as of now; the caller holds the source, so no erasure comes between.

        An expired path that says something new is let in: new content has a new life.
        """
        items = [(each.item.path, each.checksum) for each in seen]
        stones = select_of(connection, self._organization_id, self._source_id, items=items)
        away: set[str] = set()
        for each in seen if stones.by_path or stones.contents else ():
            path = each.item.path
            if stones.by_content(path, each.checksum) == "withheld":
                away.add(path)
                set_state(
                    connection, self._organization_id, source_id=self._source_id, path=path,
                    state_hash=withholding.state_hash(each.item),
                )  # fmt: skip
            elif each.checksum is not None:
                lift(connection, self._organization_id, source_id=self._source_id, path=path, kind="expired")
        return away


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
