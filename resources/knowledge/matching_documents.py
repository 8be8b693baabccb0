"""Which documents a filter lets through: one fixed function of the database, filters are its parameter."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.foundation.statements import Connection, statements_for, value
from resources.knowledge.filtering import Filter

SQL = statements_for(__name__)


def select_ids(
    connection: Connection, organization_id: UUID, *, source_ids: Sequence[UUID] | None, filter: Filter
) -> list[UUID] | None:
    """The documents of these sources (None: of all) that readers see and the filter lets through.

    None where the filter lets everything through: a search need not be bound then.
    """
    if filter.wanted is None:
        return None
    found: list[UUID] | None = value(
        connection, SQL["select_ids"], organization_id=organization_id,
        source_ids=None if source_ids is None else list(source_ids), wanted=Jsonb(filter.wanted),
    )  # fmt: skip
    return found or []


def select_unknown(connection: Connection, organization_id: UUID, filter: Filter) -> list[tuple[str, str]]:
    """What a filter names and the organization does not have: (source, tag or kind of file, its name)."""
    rows = connection.execute(
        SQL["select_unknown"],
        {
            "organization_id": organization_id, "sources": filter.names("source"), "tags": filter.names("tag"),
            "file_types": filter.names("file_type"),
        },
    )  # fmt: skip
    return [(what, name) for what, name in rows]
