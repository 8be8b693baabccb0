"""Sessions: conversations with a chatbot."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.conversations.records import Session, SessionStatus
from resources.foundation.statements import Connection, many, one, run, statements_for, value

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    agent_id: UUID | None,
    user_id: UUID | None,
    title: str,
    status: SessionStatus = "active",
) -> UUID:
    """A new session; its id."""
    id: UUID = value(
        connection, SQL["create"], organization_id=organization_id, chatbot_id=chatbot_id, agent_id=agent_id,
        user_id=user_id, title=title, status=status,
    )  # fmt: skip
    return id


def get(connection: Connection, organization_id: UUID, id: UUID) -> Session:
    """A session by id; raises Missing."""
    missing = f"there is no session {id} in this organization"
    return one(connection, Session, SQL["get"], missing=missing, organization_id=organization_id, id=id)


def select_recent(connection: Connection, organization_id: UUID, *, chatbot_id: UUID, limit: int = 20) -> list[Session]:
    """The latest sessions of a chatbot, the newest first."""
    return many(
        connection, Session, SQL["select_recent"],
        organization_id=organization_id, chatbot_id=chatbot_id, at_most=limit,
    )  # fmt: skip


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take conversations away for good, with messages, citations and retrievals; usage stays, as numbers."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))
