"""Upload parts: the bytes that have come of documents that are not whole yet. They lie in the object store."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection, run, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection, organization_id: UUID, *, upload_id: UUID, start: int, checksum: str, size: int
) -> None:
    """Name bytes that lie in the store already as those from `start` on."""
    run(
        connection, SQL["create"], organization_id=organization_id, partial_upload_id=upload_id, start_byte=start,
        checksum=checksum, file_size=size,
    )  # fmt: skip


def select_checksums(connection: Connection, organization_id: UUID, upload_id: UUID) -> list[str]:
    """The parts that have come, in order."""
    rows = connection.execute(
        SQL["select_checksums"], {"organization_id": organization_id, "partial_upload_id": upload_id}
    )
    return [row[0] for row in rows]


def remove_all(connection: Connection, organization_id: UUID, upload_ids: Sequence[UUID]) -> list[str]:
    """Name the parts of these uploads no more; their checksums, whose bytes the caller removes after the commit."""
    rows = connection.execute(
        SQL["remove_all"], {"organization_id": organization_id, "partial_upload_ids": list(upload_ids)}
    )
    return [row[0] for row in rows]
