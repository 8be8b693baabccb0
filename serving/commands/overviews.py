"""A source as the command line shows it: where it is, when it is synced, how that stands, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge.connectors import locating
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import deletions, estimating
from resources.knowledge.records import DataSource, SourceListing, TrainingJob
from resources.knowledge.sources import data_sources, directory, reconciliation, scheduling, training_jobs

State = Literal["new", "queued", "processing", "completed", "failed", "interrupted", "paused"]

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Overview:
    """Counts of documents by state, and of the chunks and vectors that are searched.

    `state` is that of its latest sync: `queued` when its time has come and no sync has begun, `interrupted` when the
    process that worked on it is gone. While it is processing: `done` of `total` items of its `stage`, and the time that
    this stage still needs. `next_sync` is None for a source that is not synced by itself; `is_overdue` when it missed
    more than three times. Failing items are `failing` (tried again by themselves), `parked` or `ignored`;
    `held` documents wait for somebody to decide about their deletion.
    """

    id: UUID
    name: str
    type: str
    location: str
    status: str
    schedule: str
    every_s: int
    state: State
    stage: str | None
    done: int
    total: int
    time_left_s: float | None
    reason: str | None
    is_overdue: bool
    next_sync: datetime | None
    last_sync: datetime | None
    documents: int
    ready: int
    waiting: int
    failed: int
    chunks: int
    vectors: int
    failing: int
    parked: int
    ignored: int
    held: int


def select_all(connection: Connection, organization_id: UUID) -> list[Overview]:
    """The organization's sources by name."""
    listed = {entry.id: entry for entry in directory.select_of_organization(connection, organization_id)}
    return [
        _overview(connection, organization_id, source, listed[source.id])
        for source in data_sources.select_all(connection, organization_id)
    ]


def get(connection: Connection, organization_id: UUID, source: DataSource) -> Overview:
    """One source."""
    listed = {entry.id: entry for entry in directory.select_of_organization(connection, organization_id)}
    return _overview(connection, organization_id, source, listed[source.id])


def _overview(connection: Connection, organization_id: UUID, source: DataSource, entry: SourceListing) -> Overview:
    held = reconciliation.get(connection, organization_id, source.id)
    latest = training_jobs.select_latest(connection, organization_id, source_id=source.id, at_most=1)
    job = latest[0] if latest else None
    state = _state(entry, job)
    is_processing = job is not None and state == "processing"
    left = estimating.time_left(job) if job is not None and is_processing else None
    by_state = sync_failures.count_by_state(connection, organization_id, source.id)
    undecided = deletions.select_waiting(connection, organization_id, source_id=source.id)
    return Overview(
        id=source.id, name=source.name, type=source.source_type,
        location=locating.place_of(source.source_type, source.config), status=source.status,
        schedule=schedule(source), every_s=source.sync_frequency, state=state,
        stage=job.stage if job is not None and is_processing else None,
        done=job.done if job is not None and is_processing else 0,
        total=job.total if job is not None and is_processing else 0,
        time_left_s=None if left is None else left.total_seconds(),
        reason=job.reason if job is not None and state == "failed" else None,
        is_overdue=scheduling.is_overdue(entry), next_sync=_next_sync(entry), last_sync=source.last_sync,
        documents=held.documents, ready=held.ready, waiting=held.waiting, failed=held.failed, chunks=held.chunks,
        vectors=held.vectors, failing=by_state.get("retrying", 0), parked=by_state.get("parked", 0),
        ignored=by_state.get("ignored", 0),
        held=sum(batch.documents for batch in undecided),
    )  # fmt: skip


def _state(entry: SourceListing, job: TrainingJob | None) -> State:
    if entry.status == "inactive":
        return "paused"
    if job is not None and job.status == "processing":
        return "processing" if entry.is_leased else "interrupted"
    if scheduling.is_due(entry):
        return "queued"
    if job is None or entry.last_sync is None:
        return "new"
    return "failed" if job.status == "failed" else "completed"


def _next_sync(entry: SourceListing) -> datetime | None:
    if entry.status == "inactive" or not entry.auto_sync:
        return None
    return max(scheduling.due_at(entry), entry.now)


def schedule(source: DataSource) -> str:
    """When a source is synced: `every 15m`, `0 7 * * 1-5 Europe/Berlin`, `by hand`."""
    if not source.auto_sync:
        return "by hand"
    if source.cron is not None:
        return f"{source.cron} {source.time_zone}"
    return f"every {duration(source.sync_frequency)}"


def duration(amount_s: int) -> str:
    """`90s`, `15m`, `2h`, `1d`: in the largest unit that needs no fraction."""
    for unit, length in reversed(_UNITS_S.items()):
        if amount_s % length == 0:
            return f"{amount_s // length}{unit}"
    return f"{amount_s}s"
