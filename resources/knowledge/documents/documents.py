"""Documents: one for each item of a source. Readers see its current version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.knowledge.records import Document, Item, KnownItem, Member, Move, Sighting

SQL = statements_for(__name__)

DeletionReason = Literal["vanished", "expired", "removed"]


def get(connection: Connection, organization_id: UUID, id: UUID) -> Document:
    """A document that is not deleted; raises Missing."""
    return one(
        connection, Document, SQL["get"], missing=f"there is no document {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def find_by_path(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str) -> Document | None:
    """The document of a path of a source, deleted or not."""
    return find(
        connection, Document, SQL["find_by_path"],
        organization_id=organization_id, data_source_id=source_id, file_path=path,
    )  # fmt: skip


def select_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> list[Document]:
    """The documents of a source that are not deleted, by path."""
    return many(
        connection, Document, SQL["select_of_source"], organization_id=organization_id, data_source_id=source_id
    )


def select_ids_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> list[UUID]:
    """The documents of a source that are not deleted."""
    rows = connection.execute(
        SQL["select_ids_of_source"], {"organization_id": organization_id, "data_source_id": source_id}
    )
    return [row[0] for row in rows]


def select_known(
    connection: Connection, organization_id: UUID, *, source_id: UUID, after: str, at_most: int
) -> list[KnownItem]:
    """A page of what is known of a source's items, deleted ones too, ascending by path (by code points)."""
    return many(
        connection, KnownItem, SQL["select_known"],
        organization_id=organization_id, data_source_id=source_id, after=after, at_most=at_most,
    )  # fmt: skip


def count_present(connection: Connection, organization_id: UUID, source_id: UUID) -> int:
    """How many documents of a source are not deleted."""
    return int(value(connection, SQL["count_present"], organization_id=organization_id, data_source_id=source_id))


def select_shown(connection: Connection, organization_id: UUID, source_id: UUID) -> set[UUID]:
    """The items of a source that readers see, but for members of containers."""
    rows = connection.execute(SQL["select_shown"], {"organization_id": organization_id, "data_source_id": source_id})
    return {row[0] for row in rows}


def select_with_members(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """These documents and, of containers among them, all that stands in them and is not deleted."""
    rows = connection.execute(SQL["select_with_members"], {"organization_id": organization_id, "ids": list(ids)})
    return [row[0] for row in rows]


def place(connection: Connection, organization_id: UUID, *, source_id: UUID, item: Item) -> Document:
    """The document of an item, made where it is missing, and locked until the transaction ends."""
    return one(
        connection, Document, SQL["place"], missing=f"no document was made for {item.path}",
        organization_id=organization_id, data_source_id=source_id, file_path=item.path,
        original_filename=name_of(item.path), file_size=item.size or 0,
    )  # fmt: skip


def lock(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Keep others from changing these documents until the transaction ends; those that are not deleted."""
    rows = connection.execute(SQL["lock"], {"organization_id": organization_id, "ids": list(ids)})
    return {row[0] for row in rows}


def set_seen(connection: Connection, organization_id: UUID, id: UUID, seen: Sighting) -> None:
    """The item's content is as it was; only what surrounds it was looked at again."""
    run(
        connection, SQL["set_seen"], organization_id=organization_id, id=id, file_size=seen.size,
        modified_ns=seen.modified_ns, revision=seen.revision, address=seen.address,
        source_metadata=Jsonb(dict(seen.metadata)),
    )  # fmt: skip


def set_fetched(connection: Connection, organization_id: UUID, id: UUID, seen: Sighting) -> None:
    """The item has new bytes, or is back. What readers see stays until these are ready."""
    run(
        connection, SQL["set_fetched"], organization_id=organization_id, id=id, file_size=seen.size,
        modified_ns=seen.modified_ns, revision=seen.revision, address=seen.address, source_title=seen.title,
        source_metadata=Jsonb(dict(seen.metadata)), mime_type=seen.mime_type, file_type_id=seen.file_type_id,
    )  # fmt: skip


def set_unread(connection: Connection, organization_id: UUID, id: UUID, *, item: Item) -> None:
    """The item could not be read: it is read again when it changes or its failure is due, not at each sync."""
    run(
        connection, SQL["set_unread"], organization_id=organization_id, id=id, file_size=item.size or 0,
        modified_ns=item.modified_ns, revision=item.revision, address=item.address,
    )  # fmt: skip


def set_failed(
    connection: Connection, organization_id: UUID, id: UUID, *, stage: str, outcome: str, reason: str
) -> None:
    """Log that the document could not be carried through; it is 'failed' unless a version of it is ready."""
    run(
        connection, SQL["set_failed"], organization_id=organization_id, id=id, stage=stage, outcome=outcome,
        reason=reason,
    )  # fmt: skip


def remark(connection: Connection, organization_id: UUID, id: UUID, *, stage: str, outcome: str, reason: str) -> None:
    """Log what a person should know of a document that is well otherwise."""
    run(
        connection, SQL["remark"], organization_id=organization_id, id=id, stage=stage, outcome=outcome, reason=reason
    )  # fmt: skip


def forget_time(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Read the item again at the next sync, whatever its size, time and revision say."""
    run(connection, SQL["forget_time"], organization_id=organization_id, id=id)


def publish(connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID]) -> None:
    """Readers see these versions of their documents from now on."""
    run(connection, SQL["publish"], organization_id=organization_id, version_ids=list(version_ids))


def remove(
    connection: Connection, organization_id: UUID, ids: Sequence[UUID], *, reason: DeletionReason = "vanished"
) -> int:
    """Delete documents softly: readers see nothing of them, their versions stay. Returns how many were there."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids), reason=reason)


def lock_all(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Keep others from changing these documents until the transaction ends; those there are, and whether deleted."""
    rows = connection.execute(SQL["lock_all"], {"organization_id": organization_id, "ids": list(ids)})
    return {row[0]: row[1] for row in rows}


def set_expires_at(connection: Connection, organization_id: UUID, id: UUID, expires_at: datetime | None) -> None:
    """Give a document its own end, which no rule moves; None: the rules hold again. Raises Missing."""
    if run(connection, SQL["set_expires_at"], organization_id=organization_id, id=id, expires_at=expires_at) == 0:
        raise Missing(f"there is no document {id} in this organization")


def erase(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take documents away for good, with their versions, failures and judgments. Returns how many were there.

    Their chunks must have gone before, as others count on statistics and vectors of them (retention.forget). The
    database refuses while a legal hold names one of them.
    """
    return run(connection, SQL["erase"], organization_id=organization_id, ids=list(ids))


def place_member(
    connection: Connection, organization_id: UUID, *, source_id: UUID, container_id: UUID, member: Member
) -> UUID | None:
    """The document of a member, made where it is missing, and locked; None where its path is an item's own."""
    id: UUID | None = value(
        connection, SQL["place_member"], organization_id=organization_id, data_source_id=source_id,
        parent_id=container_id, original_filename=member.path.rpartition("/")[2], file_path=member.path,
        file_size=member.size, mime_type=member.mime_type, file_type_id=member.file_type_id,
        revision=member.container_checksum, address=member.address,
    )  # fmt: skip
    return id


def set_members_seen(
    connection: Connection, organization_id: UUID, ids: Sequence[UUID], *, container_checksum: str
) -> None:
    """These members are in the new bytes of their container as they were in the old ones."""
    run(
        connection, SQL["set_members_seen"], organization_id=organization_id, ids=list(ids),
        revision=container_checksum,
    )  # fmt: skip


def move_member(connection: Connection, organization_id: UUID, id: UUID, *, path: str) -> bool:
    """Give a member another path; False where that was taken once."""
    return run(
        connection, SQL["move_member"], organization_id=organization_id, id=id, file_path=path,
        original_filename=path.rpartition("/")[2],
    ) > 0  # fmt: skip


def move_members(
    connection: Connection, organization_id: UUID, *, source_id: UUID, former_path: str, path: str, between: str
) -> None:
    """What stands in a container that has another path now, at any depth, goes along."""
    run(
        connection, SQL["move_members"], organization_id=organization_id, data_source_id=source_id,
        former_path=former_path, path=path, between=between,
    )  # fmt: skip


def set_unpacked(connection: Connection, organization_id: UUID, checksums: Mapping[UUID, str]) -> None:
    """The members of these containers are those of these bytes."""
    run(
        connection, SQL["set_unpacked"], organization_id=organization_id, ids=list(checksums),
        checksums=list(checksums.values()),
    )  # fmt: skip


def select_moves(
    connection: Connection, organization_id: UUID, *, source_id: UUID, ids: Sequence[UUID], since: datetime
) -> list[Move]:
    """Which of these documents, which vanished, are at another path of the source now, by their former paths.

    The other one has the same bytes, type and name at the source, and readers never saw it. `since`: when this sync
    began.
    """
    return many(
        connection, Move, SQL["select_moves"],
        organization_id=organization_id, data_source_id=source_id, ids=list(ids), since=since,
    )  # fmt: skip


def move(connection: Connection, organization_id: UUID, move: Move) -> bool:
    """The document is where the other one was, which is no more, and stays what it was. False when that is gone."""
    return run(
        connection, SQL["move"], organization_id=organization_id, id=move.id, arrived_id=move.arrived_id
    ) > 0  # fmt: skip


def name_of(path: str) -> str:
    """What a person calls an item: the end of its path."""
    return path.rstrip("/").rpartition("/")[2] or path


def forget_unpacked(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> None:
    """The next sync looks into these containers anew, whatever was seen in their bytes before."""
    run(connection, SQL["forget_unpacked"], organization_id=organization_id, ids=list(ids))
    run(connection, SQL["forget_members_seen"], organization_id=organization_id, ids=list(ids))
