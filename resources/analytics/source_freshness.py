"""How old what sources say may be: as the view of that name says, and for cron expressions, which SQL cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.analytics.records import Filter, Freshness
from resources.foundation.statements import Connection, many, statements_for
from resources.knowledge.sources import scheduling

SQL = statements_for(__name__)


@dataclass(frozen=True)
class _Row:
    source: str
    status: str
    auto_sync: bool
    cron: str | None
    time_zone: str
    every_seconds: int
    created_at: datetime
    last_sync: datetime | None
    seconds_since_sync: float | None
    is_stale: bool | None
    newest_version_at: datetime | None
    now: datetime


def select_all(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Freshness]:
    """The sources at present, by name; a filter counts by its source and its tag."""
    rows = many(
        connection, _Row, SQL["select_all"], organization_id=organization_id, source=wanted.source, tag=wanted.tag
    )
    return [
        Freshness(row.source, row.last_sync, row.seconds_since_sync, _is_stale(row), row.newest_version_at)
        for row in rows
    ]


def _is_stale(row: _Row) -> bool | None:
    if row.cron is None or not row.auto_sync or row.status == "inactive":
        return row.is_stale
    since = row.last_sync or row.created_at
    late = scheduling.overdue_from(since, frequency_s=row.every_seconds, cron=row.cron, time_zone=row.time_zone)
    return late <= row.now
