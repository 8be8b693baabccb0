"""Partial uploads: documents that are pushed in parts. A part that was answered for survives a power cut."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused, TooMany
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.identity.records import Actor
from resources.knowledge.records import DataSource, PartialUpload
from resources.knowledge.sources import data_sources, named_objects, upload_parts, uploads

SQL = statements_for(__name__)

LARGEST = 50 << 20
KEPT_S = 24 * 3600
MOST_UNFINISHED = 50


class Torn(Refused):
    """The bytes are not those that were meant: they have another checksum."""


def begin(
    connection: Connection,
    organization_id: UUID,
    source: DataSource,
    *,
    path: str,
    file_size: int,
    checksum: str | None = None,
    media_type: str = "",
    title: str | None = None,
    address: str | None = None,
) -> PartialUpload:
    """Wait for a document in parts. `checksum`: the SHA-256 of the whole, against which it is held at the end.

    Raises Refused for a source that takes no uploads, a path that makes no sense and what is too large; TooMany where
    the organization has too many that are not whole.
    """
    uploads.require_upload_source(source)
    uploads.require_path(path)
    if not 0 < file_size <= LARGEST:
        raise Refused(
            f"a document has one byte to {LARGEST >> 20} MiB; {file_size:,} bytes were announced: "
            "split it, or let a source read it from where it lies"
        )
    begun = find(
        connection, PartialUpload, SQL["create"], organization_id=organization_id, data_source_id=source.id, path=path,
        file_size=file_size, checksum=checksum, media_type=media_type, title=title, address=address,
        seconds=KEPT_S, most=MOST_UNFINISHED,
    )  # fmt: skip
    if begun is None:
        raise TooMany(
            f"{MOST_UNFINISHED} uploads of your organization are not finished: finish or delete some, or come again "
            "when they have expired",
            retry_after_s=3600,
        )
    return begun


def get(connection: Connection, organization_id: UUID, *, source_id: UUID, id: UUID) -> PartialUpload:
    """An upload that is waited for, or is done since less than a day; raises Missing."""
    return one(
        connection, PartialUpload, SQL["find"], missing=missing(id), organization_id=organization_id,
        data_source_id=source_id, id=id,
    )  # fmt: skip


def select_unfinished(
    connection: Connection, organization_id: UUID, *, source_id: UUID, at_most: int = MOST_UNFINISHED
) -> list[PartialUpload]:
    """What is being pushed into a source and is not whole, the oldest first."""
    return many(
        connection, PartialUpload, SQL["select_unfinished"], organization_id=organization_id, data_source_id=source_id,
        at_most=at_most,
    )  # fmt: skip


def append(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    upload: PartialUpload,
    *,
    start: int,
    data: bytes,
    store: ObjectStore,
    by: Actor,
) -> int:
    """Keep some more bytes for good; how many there are now. The last ones make the document accepted, as `uploads` do.

    Whoever is killed on the way has lost nothing that was answered for. Raises Conflict where `start` is not where the
    upload stands (whoever sends the same part at once comes second), Refused for more than was announced, Torn where
    the whole is not what was meant: it is begun anew then.
    """
    if start != upload.received or (upload.outcome is not None and data):
        raise Conflict(f"the upload stands at byte {upload.received:,}, not at {start:,}: go on from there")
    if start + len(data) > upload.file_size:
        raise Refused(f"the upload has {upload.file_size:,} bytes, and {start + len(data):,} came: nothing was kept")
    if upload.outcome is not None or not data:
        return upload.received
    if start + len(data) == upload.file_size:
        _accept(database, organization_id, source, upload, data, store, by)
        return upload.file_size
    checksum = store.put(organization_id, data)
    with database.transaction(organization_id) as connection:
        values = {"id": upload.id, "start": start, "size": len(data), "seconds": KEPT_S}
        if value(connection, SQL["advance"], organization_id=organization_id, **values) is None:
            raise _continued()
        upload_parts.create(
            connection, organization_id, upload_id=upload.id, start=start, checksum=checksum, size=len(data)
        )  # fmt: skip
    return start + len(data)


def remove(database: Database, organization_id: UUID, upload: PartialUpload, store: ObjectStore) -> None:
    """Wait for it no more; its bytes go at once."""
    with database.transaction(organization_id) as connection:
        checksums = upload_parts.remove_all(connection, organization_id, [upload.id])
        run(connection, SQL["remove"], organization_id=organization_id, id=upload.id)
    named_objects.remove_unnamed(database, organization_id, store, checksums, older_than_s=0)


def retire(database: Database, organization_id: UUID, store: ObjectStore) -> int:
    """Take away what nobody went on with for a day, and forget what has been whole for as long; how many they were."""
    with database.transaction(organization_id) as connection:
        ids = [row[0] for row in connection.execute(SQL["select_over"], {"organization_id": organization_id})]
        checksums = _end(connection, organization_id, ids)
    named_objects.remove_unnamed(database, organization_id, store, checksums, older_than_s=0)
    return len(ids)


def remove_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> list[str]:
    """Wait for nothing more of a source; the checksums of what had come, whose bytes the caller removes."""
    values = {"organization_id": organization_id, "data_source_id": source_id}
    return _end(connection, organization_id, [row[0] for row in connection.execute(SQL["select_of_source"], values)])


def missing(id: object) -> str:
    """What is said of an upload that is not there, or not for whoever asks."""
    return f"there is no upload {id} that is waited for in this source: it was never begun, or has expired; begin anew"


def _continued() -> Conflict:
    return Conflict("the upload was continued by somebody else meanwhile, or is no more: ask where it stands")


def _end(connection: Connection, organization_id: UUID, ids: list[UUID]) -> list[str]:
    checksums = upload_parts.remove_all(connection, organization_id, ids)
    for id in ids:
        run(connection, SQL["remove"], organization_id=organization_id, id=id)
    return checksums


def _accept(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    upload: PartialUpload,
    last: bytes,
    store: ObjectStore,
    by: Actor,
) -> None:
    """The whole document; it counts as received when it has been accepted, so that no crash leaves it between."""
    with database.transaction(organization_id) as connection:
        data_sources.hold(connection, organization_id, source.id)
        checksums = upload_parts.select_checksums(connection, organization_id, upload.id)
    try:
        whole = b"".join([*(store.get(organization_id, checksum) for checksum in checksums), last])
    except Missing:
        with database.transaction(organization_id) as connection:
            now = find(
                connection, PartialUpload, SQL["find"], organization_id=organization_id, data_source_id=source.id,
                id=upload.id,
            )  # fmt: skip
        if now is None or now.outcome is not None:
            raise _continued() from None
        # the very same bytes came in another upload, which ended just now and took them along
        remove(database, organization_id, upload, store)
        raise Torn("a part of the document is there no more: send it anew") from None
    found = sha256(whole).hexdigest()
    if len(whole) != upload.file_size:
        raise _continued()
    if upload.checksum is not None and not compare_digest(found, upload.checksum):
        remove(database, organization_id, upload, store)
        raise Torn(f"the whole document has the SHA-256 {found}, not the one that was announced: send it anew")
    outcome = uploads.accept(
        database, organization_id, source, path=upload.path, data=whole, store=store, by=by,
        media_type=upload.media_type, title=upload.title, address=upload.address,
    )  # fmt: skip
    with database.transaction(organization_id) as connection:
        run(connection, SQL["finish"], organization_id=organization_id, id=upload.id, outcome=outcome)
        upload_parts.remove_all(connection, organization_id, [upload.id])
    named_objects.remove_unnamed(database, organization_id, store, checksums, older_than_s=0)
