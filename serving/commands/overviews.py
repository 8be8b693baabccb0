"""A source as the command line shows it: where it is, how often it is synced, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge import data_sources, reconciliation


@dataclass(frozen=True)
class Overview:
    """Counts of documents by state, and of the chunks and vectors that are searched. `every_s` in seconds."""

    id: UUID
    name: str
    location: str
    status: str
    every_s: int
    documents: int
    ready: int
    waiting: int
    failed: int
    chunks: int
    vectors: int
    last_sync: datetime | None


def select_all(connection: Connection, organization_id: UUID) -> list[Overview]:
    """The organization's sources by name."""
    found = []
    for source in data_sources.select_all(connection, organization_id):
        held = reconciliation.get(connection, organization_id, source.id)
        found.append(
            Overview(
                id=source.id,
                name=source.name,
                location=str(source.config.get("location", "")),
                status=source.status,
                every_s=source.sync_frequency,
                documents=held.documents,
                ready=held.ready,
                waiting=held.waiting,
                failed=held.failed,
                chunks=held.chunks,
                vectors=held.vectors,
                last_sync=source.last_sync,
            )
        )
    return found
