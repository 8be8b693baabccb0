"""Who has the lease of a source, as a test sees it from outside."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection


def find_holder(connection: Connection, source_id: UUID) -> str | None:
    """None when nobody has it."""
    row = connection.execute(
        "select holder from knowledge.leases where data_source_id = %s and expires_at > clock_timestamp()", [source_id]
    ).fetchone()
    return None if row is None else row[0]
