"""In how many active chunks each lexeme stands: where BM25 takes its idf from."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection, run, statements_for, value

SQL = statements_for(__name__)


def count(connection: Connection, organization_id: UUID, *, recipe_name: str) -> int:
    """Count again for a recipe; the number of lexemes that are new or stand in more or fewer chunks than before."""
    return run(connection, SQL["count"], organization_id=organization_id, recipe=recipe_name)


def find(connection: Connection, organization_id: UUID, *, recipe_name: str, lexeme: str) -> int:
    """The number of active chunks that hold a lexeme: 0 where none does."""
    found = value(connection, SQL["find"], organization_id=organization_id, recipe=recipe_name, lexeme=lexeme)
    return int(found or 0)
