"""Named objects: which bytes of the object store a row still needs; the others may go."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, statements_for

SQL = statements_for(__name__)
LOGGER = logging.getLogger(__name__)

AT_ONCE = 500
YOUNG_S = 24 * 3600.0
"""Bytes come into the store before the row that names them: what is younger than this is left alone."""


@dataclass(frozen=True)
class StoredBytes:
    """How many stored objects, and how many bytes they have together."""

    objects: int = 0
    size: int = 0

    def __add__(self, other: StoredBytes) -> StoredBytes:
        return StoredBytes(self.objects + other.objects, self.size + other.size)


def select_unnamed(connection: Connection, organization_id: UUID, checksums: Iterable[str]) -> set[str]:
    """Of these checksums, those that no row names."""
    rows = connection.execute(SQL["select_unnamed"], {"organization_id": organization_id, "checksums": list(checksums)})
    return {row[0] for row in rows}


def remove_unnamed(
    database: Database, organization_id: UUID, store: ObjectStore, checksums: Iterable[str], *, older_than_s: float
) -> StoredBytes:
    """Take bytes out of the store that no row names; how many and how large they were.

    To be called after the rows have gone for good: whoever is killed before leaves the bytes to `sweep`. Bytes that
    are being brought again at this very moment may be lost to their new row; it then says so, and its source is read
    again at the next sync.
    """
    removed = StoredBytes()
    waiting = iter(checksums)
    while some := list(islice(waiting, AT_ONCE)):
        with database.transaction(organization_id) as connection:
            unnamed = select_unnamed(connection, organization_id, some)
        for checksum in sorted(unnamed):
            size = store.remove(organization_id, checksum, older_than_s=older_than_s)
            removed += StoredBytes() if size is None else StoredBytes(1, size)
    return removed


def sweep(
    database: Database, organization_id: UUID, store: ObjectStore, *, older_than_s: float = YOUNG_S
) -> StoredBytes:
    """Remove what a killed sync or a killed purge left behind: old bytes that no row names, and half-written files."""
    kept = store.select_checksums(organization_id, older_than_s=older_than_s)
    removed = remove_unnamed(database, organization_id, store, kept, older_than_s=older_than_s)
    torn = store.remove_torn(organization_id, older_than_s=older_than_s)
    if removed.objects or torn:
        LOGGER.info("swept %d stored objects that nothing named, and %d torn ones", removed.objects, torn)
    return removed
