"""What askers thought of answers, summed over spans of time and parts, from the daily thumbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from resources.analytics.records import Each, Filter, Thumbs
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


def select_sums(
    connection: Connection,
    organization_id: UUID,
    wanted: Filter,
    *,
    by: Sequence[str] = ("all",),
    each: Each | None = None,
    middle: date | None = None,
) -> list[Thumbs]:
    """The thumbs of each period and part, as answers.select_sums has the questions."""
    return many(
        connection, Thumbs, SQL["select_sums"], organization_id=organization_id, by=list(by), each=each, middle=middle,
        **wanted.parameters(),
    )  # fmt: skip
