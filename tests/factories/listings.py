"""Sources as the directory lists them, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from resources.knowledge.records import SourceListing

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOURLY = SourceListing(
    organization_id=UUID(int=1), organization_slug="acme", id=UUID(int=2), name="docs", status="active",
    auto_sync=True, sync_frequency=3600, cron=None, time_zone="UTC", created_at=NOON, last_sync=None, is_leased=False,
    leased_to=None, is_asked_for=False, took_s=None, now=NOON,
)  # fmt: skip


def listing(**changes: object) -> SourceListing:
    """A source that is synced every hour and never was, at noon; but for these changes."""
    return replace(HOURLY, **changes)  # type: ignore[arg-type]
