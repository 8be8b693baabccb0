"""Legal holds: what may not be deleted for good, by which matter, until somebody releases it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, run, statements_for, value
from resources.knowledge.records import LegalHold

SQL = statements_for(__name__)


def place(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    reason: str,
    placed_by: str,
    source_id: UUID | None = None,
    document_id: UUID | None = None,
) -> UUID:
    """Hold a document, or all of a source, those to come too; the hold's id. Raises Conflict where it is so already."""
    try:
        with connection.transaction():
            placed: UUID = value(
                connection, SQL["place"], organization_id=organization_id, name=name, reason=reason,
                placed_by=placed_by, data_source_id=source_id, document_id=document_id,
            )  # fmt: skip
            return placed
    except UniqueViolation:
        raise Conflict(f"it is on hold {name!r} already") from None
    except CheckViolation:
        raise Refused(f"a hold cannot be named {name!r}: give it 1 to 200 characters") from None


def release(connection: Connection, organization_id: UUID, *, name: str, released_by: str) -> int:
    """End all holds of a name; how many. Raises Missing where none is in force."""
    released = run(connection, SQL["release"], organization_id=organization_id, name=name, released_by=released_by)
    if released == 0:
        raise Missing(f"no hold {name!r} is in force: 'millrace hold list' shows those that are")
    return released


def release_one(connection: Connection, organization_id: UUID, id: UUID, *, released_by: str) -> None:
    """End one hold. Raises Conflict where it was released already."""
    if run(connection, SQL["release_one"], organization_id=organization_id, id=id, released_by=released_by) == 0:
        raise Conflict("this hold was released already")


def select_all(connection: Connection, organization_id: UUID) -> list[LegalHold]:
    """All holds, those in force first, then the latest."""
    return many(connection, LegalHold, SQL["select_all"], organization_id=organization_id)


def refuse_held(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID], *, what: str) -> None:
    """Raise Refused, naming the hold, when one of these documents or its source is on hold."""
    held = find(
        connection, LegalHold, SQL["find_of_documents"],
        organization_id=organization_id, document_ids=list(document_ids),
    )  # fmt: skip
    if held is not None:
        raise Refused(_refusal(what, held))


def refuse_held_source(connection: Connection, organization_id: UUID, source_id: UUID, *, what: str) -> None:
    """Raise Refused, naming the hold, when the source or one of its documents is on hold."""
    held = find(
        connection, LegalHold, SQL["find_of_source"], organization_id=organization_id, data_source_id=source_id
    )  # fmt: skip
    if held is not None:
        raise Refused(_refusal(what, held))


def select_held(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]) -> set[UUID]:
    """Of these documents, those that are on hold, or whose source is."""
    rows = connection.execute(
        SQL["select_held"], {"organization_id": organization_id, "document_ids": list(document_ids)}
    )
    return {row[0] for row in rows}


def _refusal(what: str, held: LegalHold) -> str:
    on = f"document {held.file_path!r} of source {held.source_name!r}" if held.document_id else (
        f"source {held.source_name!r}"
    )  # fmt: skip
    return (
        f"{what} is not erased: hold {held.name!r} on {on}, placed by {held.placed_by}, keeps it; "
        f"'millrace hold release' ends a hold"
    )
