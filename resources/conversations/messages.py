"""Messages: what was said in a session, by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from resources.conversations.records import MessageStatus, Role, SessionMessage
from resources.foundation.statements import Connection, many, one, run, send, statements_for, value

SQL = statements_for(__name__)

MOST_TURNS = 64
"""How many messages of a session are looked at for its history; the context window takes fewer."""
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
    chosen = id or uuid4()
    send(
        connection, SQL["create"], organization_id=organization_id, id=chosen, session_id=session_id, role=role,
        content=content, sender_id=sender_id, status=status, reply_to_id=reply_to_id,
        metadata=Jsonb(dict(metadata or {})),
    )  # fmt: skip
    return chosen


def select_for_session(connection: Connection, organization_id: UUID, session_id: UUID) -> list[SessionMessage]:
    """What was said in the session, in order."""
    return many(
        connection, SessionMessage, SQL["select_for_session"], organization_id=organization_id, session_id=session_id
    )


def select_page(
    connection: Connection, organization_id: UUID, session_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> list[SessionMessage]:
    """What was said in the session after a message of it, in order; nothing where that is no message of it."""
    return many(
        connection, SessionMessage, SQL["select_page"], organization_id=organization_id, session_id=session_id,
        after=after, at_most=limit,
    )  # fmt: skip


def select_latest(
    connection: Connection, organization_id: UUID, session_id: UUID, *, days: int | None = None, limit: int = MOST_TURNS
) -> list[SessionMessage]:
    """The last things that were said in the session, in order; `days`: what is older is not remembered."""
    found = many(
        connection, SessionMessage, SQL["select_latest"], organization_id=organization_id, session_id=session_id,
        days=days, at_most=limit,
    )  # fmt: skip
    return found[::-1]


def select_thread(
    connection: Connection, organization_id: UUID, session_id: UUID, id: UUID, *, days: int | None = None
) -> list[SessionMessage]:
    """A message of the session and those that it goes back to, in order; nothing where it is no message of it."""
    found = many(
        connection, SessionMessage, SQL["select_thread"], organization_id=organization_id, session_id=session_id, id=id,
        days=days, at_most=MOST_TURNS,
    )  # fmt: skip
    return found[::-1]


def get(connection: Connection, organization_id: UUID, id: UUID) -> SessionMessage:
    """A message of a session that is still there; raises Missing."""
    return one(connection, SessionMessage, SQL["find"], missing=missing(id), organization_id=organization_id, id=id)


def set_delivered(connection: Connection, organization_id: UUID, session_id: UUID) -> int:
    """What was only sent to the asker has been fetched; how many messages."""
    return run(
        connection, SQL["set_status"], organization_id=organization_id, session_id=session_id, status="delivered",
        former=["sent"],
    )  # fmt: skip


def set_read(connection: Connection, organization_id: UUID, session_id: UUID) -> None:
    """Whoever goes on asking has read the answers."""
    send(
        connection, SQL["set_status"], organization_id=organization_id, session_id=session_id, status="read",
        former=["sent", "delivered"],
    )  # fmt: skip


def select_answers_since(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """These answers, and all that came after them in their sessions: they may repeat what those said."""
    rows = connection.execute(SQL["select_answers_since"], {"organization_id": organization_id, "ids": list(ids)})
    return [row[0] for row in rows]


def have_erased(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> bool:
    """Whether the words of one of these messages were taken away."""
    return bool(ids) and bool(value(connection, SQL["have_erased"], organization_id=organization_id, ids=list(ids)))


def blank(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take the words of these answers away, which rested on what has been erased; how many they were."""
    return run(connection, SQL["blank"], organization_id=organization_id, ids=list(ids), content=ERASED)


def missing(id: object) -> str:
    """What is said of a message that is not there, or not for whoever asks."""
    return f"there is no message {id} in this organization"
