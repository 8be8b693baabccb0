"""Tasks of background agents: written with the answer that they follow, taken by whoever works, done once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from resources.conversations.records import BackgroundTask
from resources.foundation.statements import Connection, find, many, run, send, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Claimed:
    """A task that is somebody's for a while; `attempts` counts this one, and tells whose it is."""

    id: UUID
    session_id: UUID
    agent_id: UUID
    attempts: int


def ask_for(connection: Connection, organization_id: UUID, *, chatbot_id: UUID, session_id: UUID) -> None:
    """Let the background agents of a chatbot work on a session."""
    send(
        connection, SQL["ask_for"], organization_id=organization_id, chatbot_id=chatbot_id, session_id=session_id
    )  # fmt: skip


def claim(connection: Connection, organization_id: UUID, *, seconds: float) -> Claimed | None:
    """Take a task that is due for so many seconds; who is killed meanwhile leaves it to the next one."""
    return find(connection, Claimed, SQL["claim"], organization_id=organization_id, seconds=seconds)


def finish(
    connection: Connection,
    organization_id: UUID,
    claimed: Claimed,
    *,
    status: Literal["done", "failed"] = "done",
    failure: str | None = None,
) -> bool:
    """The task has ended, in the transaction that keeps what it made; False where it is another's by now."""
    values = {"id": claimed.id, "attempts": claimed.attempts, "status": status, "failure": failure}
    return run(connection, SQL["finish"], organization_id=organization_id, **values) == 1


def postpone(connection: Connection, organization_id: UUID, claimed: Claimed, *, seconds: float, failure: str) -> None:
    """The task did not work; it is tried again later."""
    values = {"id": claimed.id, "attempts": claimed.attempts, "seconds": seconds, "failure": failure}
    run(connection, SQL["postpone"], organization_id=organization_id, **values)


def select_for_session(
    connection: Connection, organization_id: UUID, session_id: UUID, *, limit: int = 20
) -> list[BackgroundTask]:
    """What background agents did and are to do for a session, the newest first."""
    return many(
        connection, BackgroundTask, SQL["select_for_session"], organization_id=organization_id, session_id=session_id,
        at_most=limit,
    )  # fmt: skip


def select_organizations(connection: Connection) -> list[UUID]:
    """The organizations with tasks that are due; asked of the directory."""
    return [row[0] for row in connection.execute(SQL["select_organizations"])]
