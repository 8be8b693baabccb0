"""What a filter names that is not there. Which documents it lets through is asked while searching (search.sql)."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection, statements_for
from resources.knowledge.search.filtering import Filter

SQL = statements_for(__name__)


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
