"""Document states: what a person asks of a document that is not found: what is seen of it, and what failed."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for
from resources.knowledge.records import DocumentState

SQL = statements_for(__name__)
STATES = ("pending", "ready", "outdated", "failed", "deleted")


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    state: str | None = None,
    words: str | None = None,
    after: str = "",
    at_most: int = 100,
) -> list[DocumentState]:
    """A page of a source's documents, ascending by path (by code points); only those of a state where one is given,
    and with these words in path or title where some are given.

    pending: nothing of it can be found yet. ready: what was last brought can be found. outdated: an older version can
    be found, the newest failed. failed: nothing can be found. deleted: it could be found once.
    """
    return _select(
        connection, organization_id, source_id=source_id, state=state, words=words, after=after, at_most=at_most
    )


def get(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str) -> DocumentState:
    """How one document stands; raises Missing."""
    found = _select(connection, organization_id, source_id=source_id, path=path, at_most=1)
    if not found:
        raise Missing(f"there is no document {path!r} in this source: nothing of that path was listed by any sync")
    return found[0]


def find(connection: Connection, organization_id: UUID, id: UUID) -> tuple[UUID, DocumentState] | None:
    """The source of a document, and how the document stands, though it be deleted; None where it is unknown."""
    row = connection.execute(SQL["find_source"], {"organization_id": organization_id, "id": id}).fetchone()
    return None if row is None else (row[0], get(connection, organization_id, source_id=row[0], path=row[1]))


def count_by_state(connection: Connection, organization_id: UUID, source_id: UUID) -> dict[str, int]:
    """How many documents a source has in each state; states that none is in are left out."""
    rows = connection.execute(
        SQL["count_by_state"], {"organization_id": organization_id, "data_source_id": source_id}
    ).fetchall()
    return dict(rows)


def _select(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    path: str | None = None,
    state: str | None = None,
    words: str | None = None,
    after: str = "",
    at_most: int,
) -> list[DocumentState]:
    return many(
        connection, DocumentState, SQL["select_page"],
        organization_id=organization_id, data_source_id=source_id, path=path, state=state, words=words, after=after,
        at_most=at_most,
    )  # fmt: skip
