"""Daily metrics: the sums that a year is told from, made once for each day that is over, and again when it changes.

What reads them (the views `daily_metrics`, `daily_thumbs`, `daily_usage`, `daily_citations` and those made of them)
takes the rows themselves for days that are not summed or have changed since, so that the numbers are the same whether
anybody sums or not; only slower. Triggers note what changes in past days (conversations.changed_days).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.statements import Connection, run, statements_for

SQL = statements_for(__name__)

SETTLED_AFTER = timedelta(hours=1)
"""How long a day is left alone when it is over: a transaction that began in it may still write, and notes nothing."""

_STEPS = (
    SQL["note_summed"], SQL["forget_changes"],
    SQL["remove_answers"], SQL["sum_answers"], SQL["remove_thumbs"], SQL["sum_thumbs"],
    SQL["remove_latencies"], SQL["sum_latencies"], SQL["remove_scores"], SQL["sum_scores"],
    SQL["remove_usage"], SQL["sum_usage"], SQL["remove_citations"], SQL["sum_citations"],
    SQL["remove_opinions"], SQL["sum_opinions"],
)  # fmt: skip


def select_unsummed(connection: Connection, organization_id: UUID, *, as_of: datetime) -> list[date]:
    """The days that are over and settled, and not summed or changed since, the latest first."""
    values = {"organization_id": organization_id, "as_of": as_of - SETTLED_AFTER}
    return [row[0] for row in connection.execute(SQL["select_unsummed"], values)]


def refresh(
    database: Database, organization_id: UUID, *, as_of: datetime, days: Collection[date] | None = None
) -> list[date]:
    """Sum the days that need it, all or those of `days`, each in a transaction of its own; which were summed.

    One that is killed is gone on with by the next. Where nothing has changed, that is one question.
    """
    with database.transaction(organization_id) as connection:
        wanted = select_unsummed(connection, organization_id, as_of=as_of)
    wanted = [day for day in wanted if days is None or day in days]
    for day in wanted:
        with database.transaction(organization_id) as connection:
            sum_day(connection, organization_id, day)
    return wanted


def sum_day(connection: Connection, organization_id: UUID, day: date) -> None:
    """Sum one day anew. What changes meanwhile is noted after what is forgotten here, and so is not lost."""
    for step in _STEPS:
        run(connection, step, organization_id=organization_id, day=day)
