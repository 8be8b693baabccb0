"""The kinds of file that an agent reads, where any are named; one that names none reads all kinds."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, run, statements_for

SQL = statements_for(__name__)


def attach(connection: Connection, organization_id: UUID, *, agent_id: UUID, file_type_id: UUID) -> None:
    """Let the agent read documents of this kind, and of those that are named beside it; raises Missing."""
    try:
        with connection.transaction():
            run(
                connection, SQL["attach"],
                organization_id=organization_id, agent_id=agent_id, file_type_id=file_type_id,
            )  # fmt: skip
    except ForeignKeyViolation:
        raise Missing(f"there is no agent {agent_id} or no kind of file {file_type_id} in this organization") from None


def detach_all(connection: Connection, organization_id: UUID, *, agent_id: UUID) -> None:
    """Let the agent read documents of all kinds."""
    run(connection, SQL["detach_all"], organization_id=organization_id, agent_id=agent_id)


def select_names(connection: Connection, organization_id: UUID, agent_id: UUID) -> list[str]:
    """The names of the kinds that the agent reads, in order; none where it reads all."""
    rows = connection.execute(SQL["select_names"], {"organization_id": organization_id, "agent_id": agent_id})
    return [row[0] for row in rows]
