"""Sessions: conversations with a chatbot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from resources.conversations.records import Session, SessionListing, SessionStatus
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, one, run, send, statements_for, value

SQL = statements_for(__name__)

TITLE_CHARACTERS = 200


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    agent_id: UUID | None,
    user_id: UUID | None,
    title: str,
    status: SessionStatus = "active",
    timezone: str = "UTC",
    id: UUID | None = None,
) -> UUID:
    """A new session; its id, which the caller may choose."""
    chosen = id or uuid4()
    send(
        connection, SQL["create"], organization_id=organization_id, id=chosen, chatbot_id=chatbot_id, agent_id=agent_id,
        user_id=user_id, title=title, status=status, timezone=timezone,
    )  # fmt: skip
    return chosen


def get(connection: Connection, organization_id: UUID, id: UUID) -> Session:
    """A session by id; raises Missing."""
    return one(connection, Session, SQL["get"], missing=missing(id), organization_id=organization_id, id=id)


def hold(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Keep the session there until the transaction ends, and others from adding to it; whether it is still there."""
    return value(connection, SQL["hold"], organization_id=organization_id, id=id) is not None


def select_recent(connection: Connection, organization_id: UUID, *, chatbot_id: UUID, limit: int = 20) -> list[Session]:
    """The latest sessions of a chatbot, the newest first."""
    return many(
        connection, Session, SQL["select_recent"],
        organization_id=organization_id, chatbot_id=chatbot_id, at_most=limit,
    )  # fmt: skip


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID | None = None,
    user_id: UUID | None = None,
    status: SessionStatus | None = None,
    agent: str | None = None,
    topic: str | None = None,
    is_handed_over: bool = False,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 20,
    oldest_first: bool = False,
) -> list[SessionListing]:
    """Sessions, the latest used first; `before`: those that come after this one (its updated_at and id).

    `agent`: those that it answered in last, by its name or id. `topic`: those that are about it.
    """
    before_at, before_id = before or (None, None)
    return many(
        connection, SessionListing, SQL["select_page"], organization_id=organization_id, chatbot_id=chatbot_id,
        user_id=user_id, status=status, agent=agent, topic=topic, is_handed_over=is_handed_over, before_at=before_at,
        before_id=before_id, at_most=limit, oldest_first=oldest_first,
    )  # fmt: skip


def set_title(connection: Connection, organization_id: UUID, id: UUID, title: str) -> None:
    """Call the session so; raises Missing."""
    if run(connection, SQL["set_title"], organization_id=organization_id, id=id, title=title) == 0:
        raise Missing(missing(id))


def set_said(
    connection: Connection, organization_id: UUID, id: UUID, *, agent_id: UUID | None, status: SessionStatus
) -> None:
    """Something more was said: the session is as new as that, and whoever ended it has begun it again."""
    send(connection, SQL["set_said"], organization_id=organization_id, id=id, agent_id=agent_id, status=status)


def hand_over(connection: Connection, organization_id: UUID, id: UUID, *, because: str) -> bool:
    """Let the session wait for a person; whether it did not wait already."""
    return run(connection, SQL["hand_over"], organization_id=organization_id, id=id, because=because) == 1


def hand_back(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Let the chatbot answer again; whether the session waited for a person."""
    return run(connection, SQL["hand_back"], organization_id=organization_id, id=id) == 1


def set_context(
    connection: Connection, organization_id: UUID, id: UUID, *, context: Mapping[str, object], title: str | None
) -> bool:
    """Keep what was made of the session, and its title where one is given; whether the session is still there."""
    values = {"organization_id": organization_id, "id": id, "context": Jsonb(dict(context)), "title": title}
    return run(connection, SQL["set_context"], **values) == 1


def hold_of_messages(connection: Connection, organization_id: UUID, message_ids: Sequence[UUID]) -> list[UUID]:
    """The sessions of these messages; nothing is added to them until the transaction ends."""
    values = {"organization_id": organization_id, "message_ids": list(message_ids)}
    return [row[0] for row in connection.execute(SQL["hold_of_messages"], values)]


def forget(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take away what background agents made of these sessions; how many had something."""
    return run(connection, SQL["forget"], organization_id=organization_id, ids=list(ids))


def withdraw(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Show the session no more; retention takes it away after its time of grace. Raises Missing."""
    if run(connection, SQL["withdraw"], organization_id=organization_id, id=id) == 0:
        raise Missing(missing(id))


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take conversations away for good, with messages, citations and retrievals; usage stays, as numbers."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))


def missing(id: object) -> str:
    """What is said of a session that is not there, or not for whoever asks."""
    return f"there is no session {id} in this organization"
