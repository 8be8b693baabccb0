"""Uploads: documents that were pushed into a source. What is accepted survives a power cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, find, many, run, statements_for, value
from resources.identity import audit_log
from resources.identity.records import Actor
from resources.knowledge.documents import documents, tombstones, withdrawals
from resources.knowledge.records import Buried, DataSource, Upload
from resources.knowledge.sources import data_sources, named_objects, training_jobs

SQL = statements_for(__name__)
LONGEST_PATH = 1_000
Accepted = Literal["created", "replaced", "unchanged"]


def accept(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    *,
    path: str,
    data: bytes,
    store: ObjectStore,
    by: Actor,
    media_type: str = "",
    title: str | None = None,
    address: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Accepted:
    """Keep a pushed document for good: its bytes, then its row; when this returns, both are on disk.

    The next sync carries it into the knowledge base; the source is due at once, and the audit log says who pushed.
    Raises Refused for a source that takes no uploads, a path that makes no sense, what was erased or has expired, and
    what would take the place of something that is on legal hold and stands nowhere else; Missing for a source that is
    gone, Unavailable when the disk is full.
    """
    require_upload_source(source)
    require_path(path)
    checksum = store.put(organization_id, data)
    with database.transaction(organization_id) as connection:
        data_sources.hold(connection, organization_id, source.id)
        stones = tombstones.select_of(connection, organization_id, source.id, items=[(path, checksum)])
    if stones.by_content(path, checksum) == "withheld":
        named_objects.remove_unnamed(database, organization_id, store, [checksum], older_than_s=0)
        raise Refused(
            f"{path!r} stays out of source {source.name!r}: it was erased, or expired as it is; 'millrace erase lift' "
            "lets what was erased come back"
        )
    with database.transaction(organization_id) as connection:
        data_sources.hold(connection, organization_id, source.id)
        _require_kept(connection, organization_id, source.id, path, instead=checksum)
        rows = connection.execute(
            SQL["put"],
            {
                "organization_id": organization_id, "data_source_id": source.id, "path": path, "checksum": checksum,
                "file_size": len(data), "media_type": media_type, "title": title, "address": address,
                "metadata": Jsonb(dict(metadata or {})), "user_id": by.user_id,
            },
        ).fetchall()  # fmt: skip
        if not rows:
            return "unchanged"
        training_jobs.queue(connection, organization_id, source.id)
        audit_log.record(connection, organization_id, by, action="push", entity="source", entity_id=source.id)
    return "created" if rows[0][0] else "replaced"


def find_by_path(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str) -> Upload | None:
    """What was pushed under a path."""
    return find(
        connection, Upload, SQL["find"], organization_id=organization_id, data_source_id=source_id, path=path
    )  # fmt: skip


def select_page(
    connection: Connection, organization_id: UUID, *, source_id: UUID, after: str = "", at_most: int = 500
) -> list[Upload]:
    """A page of what was pushed into a source, ascending by path (by code points)."""
    return many(
        connection, Upload, SQL["select_page"],
        organization_id=organization_id, data_source_id=source_id, after=after, at_most=at_most,
    )  # fmt: skip


def remove(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str) -> None:
    """Take a pushed document back: no search finds it once this transaction has ended. Raises Missing.

    Raises Refused for what is on legal hold and was not synced yet, so that its bytes would be lost.
    """
    _require_kept(connection, organization_id, source_id, path)
    # everybody locks documents before uploads; and a sync that was just bringing this one has done so after the second
    _withdraw(connection, organization_id, source_id, path)
    gone = run(connection, SQL["remove"], organization_id=organization_id, data_source_id=source_id, path=path)
    if not gone:
        raise Missing(f"there is no upload {path!r} in this source")
    _withdraw(connection, organization_id, source_id, path)
    training_jobs.queue(connection, organization_id, source_id)


def hold_present(connection: Connection, organization_id: UUID, source_id: UUID, paths: Sequence[str]) -> set[str]:
    """Of these paths those that something is pushed under now; it is not taken back before the transaction ends."""
    rows = connection.execute(
        SQL["select_present"],
        {"organization_id": organization_id, "data_source_id": source_id, "paths": list(paths)},
    )
    return {row[0] for row in rows}


def _withdraw(connection: Connection, organization_id: UUID, source_id: UUID, path: str) -> None:
    document = documents.find_by_path(connection, organization_id, source_id=source_id, path=path)
    if document is not None and document.soft_deleted_at is None:
        withdrawals.withdraw(connection, organization_id, [document.id])


def _require_kept(
    connection: Connection, organization_id: UUID, source_id: UUID, path: str, *, instead: str | None = None
) -> None:
    hold = value(
        connection, SQL["find_hold_on_only_copy"],
        organization_id=organization_id, data_source_id=source_id, path=path, checksum=instead,
    )  # fmt: skip
    if hold is not None:
        raise Refused(
            f"{path!r} is kept by the legal hold {hold!r}, and nothing else has what was pushed there last: try again "
            "after the next sync, which keeps it as a version"
        )


def require_upload_source(source: DataSource) -> None:
    """Raise Refused unless documents may be pushed into this source."""
    if source.source_type != "upload":
        raise Refused(
            f"source {source.name!r} is of type {source.source_type!r}: documents are pushed into sources of type "
            "'upload' only; make one with: millrace source add --type upload --name …"
        )


def require_path(path: str) -> None:
    """Raise Refused unless a document can bear this path."""
    well_formed = path == path.encode("utf-8", "replace").decode() and path.isprintable()
    parts = path.split("/")
    if not well_formed or not 1 <= len(path) <= LONGEST_PATH or any(part in ("", ".", "..") for part in parts):
        raise Refused(
            f"the path {path[:100]!r} cannot name a document: it is 1 to {LONGEST_PATH:,} printable characters, "
            "parts separated by single slashes, none of them '.' or '..'"
        )


def erase(connection: Connection, organization_id: UUID, pushed: Iterable[tuple[Buried, str | None]]) -> list[str]:
    """Take away what was pushed of documents that are no more, so that no sync finds it; the checksums of its bytes.

    With a checksum only what says just that: what was pushed anew meanwhile stays, and is a new document. None: all.
    """
    gone: list[str] = []
    for each, checksum in pushed:
        rows = connection.execute(
            SQL["erase"],
            {
                "organization_id": organization_id, "data_source_id": each.data_source_id, "path": each.file_path,
                "checksum": checksum,
            },
        )  # fmt: skip
        gone += [row[0] for row in rows]
    return gone
