"""In how many active chunks each lexeme stands: where BM25 takes its idf from."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection, run, statements_for, value

SQL = statements_for(__name__)


def count(connection: Connection, organization_id: UUID, *, recipe_name: str) -> int:
    """Count again for a recipe; the number of lexemes that are new or stand in more or fewer chunks than before."""
    return run(connection, SQL["count"], organization_id=organization_id, recipe=recipe_name)


def count_in(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipes: Sequence[str]
) -> None:
    """Before chunks of these versions are shown: count them too. Their recipes' counts are right."""
    run(
        connection, SQL["count_in"], organization_id=organization_id, version_ids=list(version_ids),
        recipes=list(recipes),
    )  # fmt: skip


def count_out(
    connection: Connection,
    organization_id: UUID,
    *,
    document_ids: Sequence[UUID],
    kept_version_ids: Sequence[UUID],
    recipes: Sequence[str],
) -> None:
    """Before visible chunks of these documents go, except those of some versions: count them no more."""
    run(
        connection, SQL["count_out"], organization_id=organization_id, document_ids=list(document_ids),
        kept_version_ids=list(kept_version_ids), recipes=list(recipes),
    )  # fmt: skip


def find(connection: Connection, organization_id: UUID, *, recipe_name: str, lexeme: str) -> int:
    """The number of active chunks that hold a lexeme: 0 where none does."""
    found = value(connection, SQL["find"], organization_id=organization_id, recipe=recipe_name, lexeme=lexeme)
    return int(found or 0)
