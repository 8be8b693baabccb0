"""Training jobs: what a person sees of the syncs of a source. Their counts are counted from the items themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from uuid import UUID

from resources.foundation.statements import Connection, many, one, run, statements_for, value
from resources.knowledge.records import SyncCounts, TrainingJob

SQL = statements_for(__name__)


def queue(connection: Connection, organization_id: UUID, source_id: UUID, *, run_id: str | None = None) -> UUID:
    """Ask for a sync of the source, which begins when somebody has time; its id. One that waits already is that one."""
    queued: UUID = value(
        connection, SQL["queue"], organization_id=organization_id, data_source_id=source_id, dagster_run_id=run_id
    )
    return queued


def start(connection: Connection, organization_id: UUID, source_id: UUID, *, run_id: str | None) -> UUID:
    """A sync begins, the one that waits if there is one; its id. One that never ended is ended as interrupted.

    The source must be leased to the caller: else this would end the sync of another.
    """
    end_open(connection, organization_id, source_id)
    whose = {"organization_id": organization_id, "data_source_id": source_id, "dagster_run_id": run_id}
    queued: UUID | None = value(connection, SQL["start_queued"], **whose)
    started: UUID = queued or value(connection, SQL["start"], **whose)
    return started


def end_open(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    """End the sync of a source that never ended."""
    run(connection, SQL["end_open"], organization_id=organization_id, data_source_id=source_id)


def end_queued(connection: Connection, organization_id: UUID, source_id: UUID, *, reason: str) -> None:
    """A sync of the source that waits will not begin."""
    run(connection, SQL["end_queued"], organization_id=organization_id, data_source_id=source_id, reason=reason)


def set_progress(connection: Connection, organization_id: UUID, id: UUID, *, stage: str, done: int, total: int) -> None:
    """How far the sync is in its stage. Nothing happens when it has ended by now."""
    run(
        connection, SQL["set_progress"], organization_id=organization_id, id=id, stage=stage, done=done, total=total
    )  # fmt: skip


def find_open(connection: Connection, organization_id: UUID, source_id: UUID) -> UUID | None:
    """The sync of the source that runs now."""
    found: UUID | None = value(connection, SQL["find_open"], organization_id=organization_id, data_source_id=source_id)
    return found


def advance(connection: Connection, organization_id: UUID, id: UUID, counts: SyncCounts) -> None:
    """Add to what the sync did."""
    run(connection, SQL["advance"], organization_id=organization_id, id=id, **asdict(counts))


def spend(connection: Connection, organization_id: UUID, id: UUID, *, tokens: int, cost: Decimal | None) -> None:
    """The sync gave so many tokens to a model. One cost that is not known makes the cost of the sync unknown."""
    run(connection, SQL["spend"], organization_id=organization_id, id=id, tokens=tokens, cost=cost)


def complete(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """The sync ended; failing items have their own rows."""
    run(connection, SQL["complete"], organization_id=organization_id, id=id)


def fail(connection: Connection, organization_id: UUID, id: UUID, *, reason: str) -> None:
    """The sync could not go on."""
    run(connection, SQL["fail"], organization_id=organization_id, id=id, reason=reason)


def record_cleanup(connection: Connection, organization_id: UUID, source_id: UUID, *, deleted: int) -> None:
    """The source was removed, with so many documents."""
    run(
        connection, SQL["record_cleanup"], organization_id=organization_id, data_source_id=source_id, deleted=deleted
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> TrainingJob:
    """A sync; raises Missing."""
    return one(
        connection, TrainingJob, SQL["get"], missing=f"there is no sync {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_latest(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID | None = None,
    after: UUID | None = None,
    at_most: int = 20,
) -> list[TrainingJob]:
    """The latest syncs of a source, or of all sources, newest first; `after`: what comes after this one."""
    return many(
        connection, TrainingJob, SQL["select_latest"],
        organization_id=organization_id, data_source_id=source_id, after=after, at_most=at_most,
    )  # fmt: skip


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Forget ended syncs; how many they were."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))
