"""The kinds of file that an agent reads, where any are named; one that names none reads all kinds."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from resources.foundation.errors import Conflict, Missing
from resources.foundation.statements import Connection, run, statements_for
from resources.knowledge.sources import file_types
from resources.knowledge.sources.file_types import ListedFileType

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


def remove_kind(connection: Connection, organization_id: UUID, kind: ListedFileType) -> None:
    """Take a kind away that no agent names: one that named this one alone would read all kinds without it.

    Raises Conflict for such a one, and for those that `file_types.remove` leaves.
    """
    file_types.hold(connection, organization_id, kind.id)
    readers = connection.execute(
        SQL["select_readers"], {"organization_id": organization_id, "file_type_id": kind.id}
    ).fetchall()
    if readers:
        names = ", ".join(repr(name) for (name,) in readers)
        raise Conflict(f"the kind {kind.name!r} cannot be removed, since agents name it: take it from {names} first")
    file_types.remove(connection, organization_id, kind)
