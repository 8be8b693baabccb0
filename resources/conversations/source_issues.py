"""Source issues: what whoever reads answers asks of whoever looks after a source: something is wrong, or missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.conversations import messages
from resources.foundation.errors import Refused
from resources.foundation.statements import Connection, many, one, run, statements_for, value
from resources.identity import notifications
from resources.knowledge.documents import document_states
from resources.knowledge.sources import data_sources

SQL = statements_for(__name__)

IssueState = Literal["open", "closed"]


@dataclass(frozen=True)
class SourceIssue:
    """Something to be looked after in a source, maybe in one of its documents, maybe seen in an answer.

    `words`: what is wrong; `note`: what came of it. `message_id` is None where the conversation was withdrawn.
    """

    id: UUID
    data_source_id: UUID
    source: str
    document_id: UUID | None
    path: str | None
    title: str | None
    message_id: UUID | None
    words: str
    note: str
    state: IssueState
    opened_by: str | None
    closed_by: str | None
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime


def open(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    words: str,
    document_id: UUID | None = None,
    message_id: UUID | None = None,
    opened_by: UUID | None = None,
) -> SourceIssue:
    """Open one, and tell whoever owns the source, else those who run the organization.

    What they are told names the source, and repeats no words. Raises Missing where the source, the document or the
    answer is not there, Refused where the document is another source's.
    """
    source = data_sources.get(connection, organization_id, source_id)
    if document_id is not None:
        found = document_states.find(connection, organization_id, document_id)
        if found is None or found[0] != source_id:
            raise Refused(f"the document is none of the source {source.name!r}: name one that it has")
    if message_id is not None:
        messages.get(connection, organization_id, message_id)
    id: UUID = value(
        connection, SQL["create"], organization_id=organization_id, source_id=source_id, document_id=document_id,
        message_id=message_id, words=_written(words), opened_by=opened_by,
    )  # fmt: skip
    _, owner_id = data_sources.get_owner(connection, organization_id, source_id)
    notifications.raise_event(
        connection, organization_id, event="source_issue_opened", owner_id=owner_id,
        subject=f"Somebody asks you to look at a document of the source {source.name}" if document_id
        else f"Somebody asks you to look at the source {source.name}",
        body={"source": source.name, "source_id": str(source_id), "issue": str(id), "page": f"/sources/{source_id}"},
    )  # fmt: skip
    return get(connection, organization_id, id)


def get(connection: Connection, organization_id: UUID, id: UUID) -> SourceIssue:
    """One of them; raises Missing."""
    return one(
        connection, SourceIssue, SQL["get"], missing=f"there is no source issue {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    at_most: int,
    after: SourceIssue | None = None,
    source_id: UUID | None = None,
    document_id: UUID | None = None,
    message_id: UUID | None = None,
    state: IssueState | None = None,
    oldest_first: bool = False,
) -> list[SourceIssue]:
    """The latest first, those after one only; of a source, a document, an answer or a state only."""
    return many(
        connection, SourceIssue, SQL["select_page"], organization_id=organization_id, at_most=at_most,
        before_at=after.created_at if after else None, before_id=after.id if after else None, source_id=source_id,
        document_id=document_id, message_id=message_id, state=state, oldest_first=oldest_first,
    )  # fmt: skip


def change(
    connection: Connection,
    organization_id: UUID,
    known: SourceIssue,
    *,
    words: str | None = None,
    note: str | None = None,
    state: IssueState | None = None,
    changed_by: UUID | None = None,
) -> SourceIssue:
    """Say what came of it, and close it or open it again; None leaves as it is."""
    run(
        connection, SQL["change"], organization_id=organization_id, id=known.id,
        words=known.words if words is None else _written(words), note=known.note if note is None else note.strip(),
        state=state or known.state, changed_by=changed_by,
    )  # fmt: skip
    return get(connection, organization_id, known.id)


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take these away; how many they were."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))


def remove_of_messages(connection: Connection, organization_id: UUID, message_ids: Sequence[UUID]) -> int:
    """Take away what was opened for these answers: it may repeat what they said. How many they were."""
    return run(connection, SQL["remove_of_messages"], organization_id=organization_id, message_ids=list(message_ids))


def remove_of_user(connection: Connection, organization_id: UUID, user_id: UUID) -> int:
    """Take away what this user opened, in words of their own; how many they were."""
    return run(connection, SQL["remove_of_user"], organization_id=organization_id, user_id=user_id)


def _written(words: str) -> str:
    """Raises Refused where nothing is said."""
    if not words.strip():
        raise Refused("say in a sentence what is wrong: whoever looks after the source sees nothing else")
    return words.strip()
