"""Citations: the verified quotes that an answer rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.conversations.records import Citation, MessageCitation, Passage, Quotation
from resources.foundation.statements import Connection, many, run_many, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class _Standing:
    position: int
    version_id: UUID
    version_number: int
    run_id: str | None
    document_id: UUID
    title: str
    location: str
    address: str | None
    source_name: str
    as_of: datetime | None


def verify(
    connection: Connection,
    organization_id: UUID,
    quotations: Sequence[Quotation],
    passages: Mapping[int, Passage],
) -> list[Citation]:
    """Those quotations that stand at their offsets in the stored text of their version, with where they come from.

    The database reads the characters again: what a model or a chunk claims counts for nothing. `passages` by index.
    """
    standing = many(
        connection,
        _Standing,
        SQL["select_standing"],
        organization_id=organization_id,
        version_ids=[quotation.version_id for quotation in quotations],
        starts=[quotation.start for quotation in quotations],
        ends=[quotation.end for quotation in quotations],
        quotes=[quotation.quote for quotation in quotations],
    )
    return [_citation(quotations[row.position - 1], row, passages) for row in standing]


def create_all(
    connection: Connection, organization_id: UUID, *, message_id: UUID, citations: Sequence[Citation]
) -> None:
    """Keep what an answer rests on."""
    rows = [
        {
            "organization_id": organization_id, "message_id": message_id, "citation_index": citation.index,
            "document_id": citation.document_id, "document_version_id": citation.version_id,
            "chunk_id": citation.chunk_id, "quote": citation.quote, "start_char": citation.start,
            "end_char": citation.end, "position": position, "title": citation.title,
            "section_title": citation.section_title, "page": citation.page, "version_number": citation.version_number,
            "source_name": citation.source_name, "location": citation.location, "address": citation.address,
            "as_of": citation.as_of, "run_id": citation.run_id,
        }
        for position, citation in enumerate(citations)
    ]  # fmt: skip
    if rows:
        run_many(connection, SQL["create"], rows)


def select_for_message(connection: Connection, organization_id: UUID, message_id: UUID) -> list[MessageCitation]:
    """What an answer rests on, in the order of its markers."""
    return select_for_messages(connection, organization_id, [message_id])


def select_for_messages(
    connection: Connection, organization_id: UUID, message_ids: Sequence[UUID]
) -> list[MessageCitation]:
    """What these answers rest on, by answer, in the order of their markers, as it was answered."""
    return many(
        connection, MessageCitation, SQL["select_for_messages"],
        organization_id=organization_id, message_ids=list(message_ids),
    )  # fmt: skip


def select_messages_of(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]) -> list[UUID]:
    """The answers that cite one of these documents, or a version of it that is gone."""
    rows = connection.execute(
        SQL["select_messages_of"], {"organization_id": organization_id, "document_ids": list(document_ids)}
    )
    return [row[0] for row in rows]


def _citation(quotation: Quotation, row: _Standing, passages: Mapping[int, Passage]) -> Citation:
    passage = passages[quotation.index]
    return Citation(
        index=quotation.index,
        chunk_id=quotation.chunk_id,
        document_id=row.document_id,
        version_id=row.version_id,
        version_number=row.version_number,
        title=row.title,
        section_title=passage.section_title,
        page=passage.page,
        quote=quotation.quote,
        start=quotation.start,
        end=quotation.end,
        source_name=row.source_name,
        location=row.location,
        as_of=row.as_of,
        run_id=row.run_id,
        address=row.address,
    )
