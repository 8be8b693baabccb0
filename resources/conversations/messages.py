"""Messages: what was said in a session, by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.conversations.records import MessageStatus, Role, SessionMessage
from resources.foundation.statements import Connection, many, run, statements_for, value

SQL = statements_for(__name__)

ERASED = "(This answer was taken away: a document that it may have rested on has been erased.)"


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    session_id: UUID,
    role: Role,
    content: str,
    sender_id: UUID | None = None,
    status: MessageStatus = "sent",
    reply_to_id: UUID | None = None,
    metadata: Mapping[str, object] | None = None,
    id: UUID | None = None,
) -> UUID:
    """Something more that was said; its id, which the caller may choose."""
    chosen: UUID = value(
        connection, SQL["create"], organization_id=organization_id, id=id, session_id=session_id, role=role,
        content=content, sender_id=sender_id, status=status, reply_to_id=reply_to_id,
        metadata=Jsonb(dict(metadata or {})),
    )  # fmt: skip
    return chosen


def select_for_session(connection: Connection, organization_id: UUID, session_id: UUID) -> list[SessionMessage]:
    """What was said in the session, in order."""
    return many(
        connection, SessionMessage, SQL["select_for_session"], organization_id=organization_id, session_id=session_id
    )


def blank(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take the words of these answers away, which rested on what has been erased; how many they were."""
    return run(connection, SQL["blank"], organization_id=organization_id, ids=list(ids), content=ERASED)
