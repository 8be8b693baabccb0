"""Handovers: a person answers in a session that waits for one, and gives it back to the chatbot."""

from __future__ import annotations

from uuid import UUID

from resources.conversations import messages, sessions
from resources.conversations.answering import exchanges
from resources.conversations.answering.voices import storable
from resources.conversations.records import SessionMessage, SessionStatus
from resources.foundation.errors import Refused
from resources.foundation.statements import Connection
from resources.identity import notifications

PERSON = "person"
LONGEST_ANSWER = 50_000


def answer(
    connection: Connection,
    organization_id: UUID,
    session_id: UUID,
    *,
    content: str,
    user_id: UUID | None,
    name: str,
    hands_back: bool = False,
) -> SessionMessage:
    """What a person (`name`, to be shown) says in a session; the asker reads it there.

    The session need not wait for a person; one that does goes on waiting, unless it is handed back. Raises Missing, and
    Refused for an answer that is empty or too long.
    """
    text = storable(content).strip()
    if not text or len(text) > LONGEST_ANSWER:
        raise Refused(f"an answer has 1 to {LONGEST_ANSWER:,} characters")
    session = sessions.get(connection, organization_id, session_id)
    sessions.hold(connection, organization_id, session_id)
    asked = [one for one in messages.select_latest(connection, organization_id, session_id) if one.role == "user"]
    sessions.set_said(connection, organization_id, session_id, agent_id=None, status=session.status)
    message_id = messages.create(
        connection, organization_id, session_id=session_id, role="assistant", content=text, sender_id=user_id,
        status="sent", reply_to_id=asked[-1].id if asked else None,
        metadata={"outcome": "answered", "answered_by": PERSON, "agent": name},
    )  # fmt: skip
    if hands_back:
        hand_back(connection, organization_id, session_id)
    return messages.get(connection, organization_id, message_id)


def hand_back(connection: Connection, organization_id: UUID, session_id: UUID) -> bool:
    """Let the chatbot answer in the session again; whether it waited for a person. Raises Missing."""
    sessions.get(connection, organization_id, session_id)
    was_waiting = sessions.hand_back(connection, organization_id, session_id)
    notifications.close_event(connection, organization_id, dedup_key=exchanges.handover_key(session_id))
    return was_waiting


def close(connection: Connection, organization_id: UUID, session_id: UUID) -> None:
    """The session has come to its end, and waits for nobody; a further question begins it again. Raises Missing."""
    set_status(connection, organization_id, session_id, "completed")
    hand_back(connection, organization_id, session_id)


def set_status(connection: Connection, organization_id: UUID, session_id: UUID, status: SessionStatus) -> None:
    """Whether the session goes on or has come to its end; raises Missing."""
    sessions.get(connection, organization_id, session_id)
    sessions.set_said(connection, organization_id, session_id, agent_id=None, status=status)


def withdraw(connection: Connection, organization_id: UUID, session_id: UUID) -> None:
    """Show the session no more; whoever was to answer in it need not. Raises Missing."""
    sessions.withdraw(connection, organization_id, session_id)
    notifications.close_event(connection, organization_id, dedup_key=exchanges.handover_key(session_id))
