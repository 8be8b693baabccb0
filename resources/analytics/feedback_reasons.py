"""Why answers were disliked, in the words of those who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.analytics.records import Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)
MOST = 10_000


@dataclass(frozen=True)
class Reason:
    """A reason, in small letters, and how many thumbs down came with it. None: nothing was said."""

    reason: str | None
    given: int
    last_given_at: datetime


def select_all(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Reason]:
    """The commonest first, by the day of the question."""
    return many(
        connection, Reason, SQL["select_all"], organization_id=organization_id, at_most=MOST, **wanted.parameters()
    )
