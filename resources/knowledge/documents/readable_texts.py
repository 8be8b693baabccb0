"""Readable texts: what a person or program may read of a document, as the passages of an answer are places in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.foundation.statements import Connection, one, statements_for, value
from resources.knowledge.records import Element

SQL = statements_for(__name__)

MOST_CHARACTERS = 100_000


@dataclass(frozen=True)
class ReadableText:
    """`text` is `characters` long as a whole and begins here at `start`; `is_current` is what is found today."""

    id: UUID
    document_id: UUID
    data_source_id: UUID
    source_name: str
    path: str
    title: str
    address: str | None
    mime_type: str | None
    language: str | None
    version: int
    is_current: bool
    as_of: datetime
    run_id: str | None
    characters: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where the part ends."""
        return self.start + len(self.text)


def get(
    connection: Connection,
    organization_id: UUID,
    document_id: UUID,
    *,
    version_id: UUID | None = None,
    start: int = 0,
    most: int = MOST_CHARACTERS,
) -> ReadableText:
    """At most `most` characters of a document from `start` (counted from 0), of the version that is found now or of a
    former one. Raises Missing where it is unknown, was never shown, or has been deleted."""
    return one(
        connection, ReadableText, SQL["get"], missing=f"there is no document {document_id} that can be read",
        organization_id=organization_id, document_id=document_id, version_id=version_id, start=start,
        most=min(most, MOST_CHARACTERS),
    )  # fmt: skip


def select_addresses(
    connection: Connection, organization_id: UUID, document_ids: Collection[UUID]
) -> dict[UUID, str | None]:  # fmt: skip
    """Where people find these documents, as far as they may be read now; None: nobody knows."""
    values = {"organization_id": organization_id, "document_ids": list(document_ids)}
    return dict(connection.execute(SQL["addresses"], values).fetchall())


def select_elements(connection: Connection, organization_id: UUID, id: UUID) -> list[Element]:
    """The headings, paragraphs and so on of a version that may be read, in reading order; none where it has none."""
    rows = value(connection, SQL["elements"], organization_id=organization_id, id=id) or []
    return [Element(*row) for row in rows]
