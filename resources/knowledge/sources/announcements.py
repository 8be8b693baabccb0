"""What people are told of syncs: one that brought something, that failed or is overdue, deletions that wait for them.

Each is written in the transaction of what it tells. Trouble of a source is told once, until a sync of it goes well.
"""

from __future__ import annotations

from uuid import UUID

from resources.foundation.counting import counted
from resources.foundation.statements import Connection
from resources.identity import notifications
from resources.identity.expenses import BudgetReached
from resources.knowledge.records import SourceListing, TrainingJob
from resources.knowledge.sources import data_sources, scheduling, training_jobs

_COUNTS = ("changed", "moved", "deleted", "held", "failed", "embedded")


def synced(connection: Connection, organization_id: UUID, source_id: UUID, job_id: UUID | None) -> None:
    """A sync went well: what was wrong is over; where it brought anything, that is news."""
    notifications.close_event(connection, organization_id, dedup_key=_failed(source_id))
    notifications.close_event(connection, organization_id, dedup_key=_reached(source_id))
    on_time(connection, organization_id, source_id)
    if job_id is None:
        return
    job = training_jobs.get(connection, organization_id, job_id)
    counts = _counts(job)
    if not any(counts[name] for name in ("changed", "moved", "deleted")):
        return
    name, owner_id = data_sources.get_owner(connection, organization_id, source_id)
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count and what != "embedded")
    notifications.raise_event(
        connection, organization_id, event="sync_completed", subject=f"Source {name} was synced: {told}",
        body={"source": name, "source_id": str(source_id), "run": job.dagster_run_id, **counts}, owner_id=owner_id,
    )  # fmt: skip


def failed(connection: Connection, organization_id: UUID, source_id: UUID, *, reason: str) -> None:
    """A sync failed; told once, until one goes well."""
    name, owner_id = data_sources.get_owner(connection, organization_id, source_id)
    notifications.raise_event(
        connection, organization_id, event="sync_failed", subject=f"Source {name} was not synced",
        body={"source": name, "source_id": str(source_id), "reason": reason},
        dedup_key=_failed(source_id), owner_id=owner_id,
    )  # fmt: skip


def budget_reached(connection: Connection, organization_id: UUID, source_id: UUID, reached: BudgetReached) -> None:
    """The vectors that a source lacks cost more than is left of the month's budget; told once, until one goes well."""
    name, owner_id = data_sources.get_owner(connection, organization_id, source_id)
    budget = reached.budget
    notifications.raise_event(
        connection, organization_id, event="budget_reached",
        subject=f"The budget of this month is reached: source {name} waits for vectors",
        body={
            "source": name, "source_id": str(source_id), "currency": budget.currency,
            "limit": str(budget.limit), "spent": str(budget.spent), "needed": str(reached.cost),
            "reason": str(reached),
        },
        dedup_key=_reached(source_id), owner_id=owner_id,
    )  # fmt: skip


def overdue(connection: Connection, organization_id: UUID, entry: SourceListing) -> None:
    """A source missed more than three of its times; told once, until it is on time again."""
    name, owner_id = data_sources.get_owner(connection, organization_id, entry.id)
    last = "never" if entry.last_sync is None else entry.last_sync.isoformat(timespec="seconds")
    notifications.raise_event(
        connection, organization_id, event="source_overdue", subject=f"Source {name} is overdue",
        body={
            "source": name, "source_id": str(entry.id), "last_sync": last,
            "due": scheduling.due_at(entry).isoformat(timespec="seconds"),
        },
        dedup_key=_overdue(entry.id), owner_id=owner_id,
    )  # fmt: skip


def on_time(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    """The source is overdue no longer, if it was."""
    notifications.close_event(connection, organization_id, dedup_key=_overdue(source_id))


def deletions_wait(
    connection: Connection, organization_id: UUID, source_id: UUID, *, batch_id: UUID, documents: int, known: int
) -> None:
    """So many documents vanished from a source that nobody deletes them unasked; told once, until that is decided."""
    name, owner_id = data_sources.get_owner(connection, organization_id, source_id)
    notifications.raise_event(
        connection, organization_id, event="deletions_waiting",
        subject=f"{counted(documents, 'document')} of {known:,} vanished from source {name}: delete or keep?",
        body={
            "source": name, "source_id": str(source_id), "batch": str(batch_id), "documents": documents,
            "known": known, "decide_with": "millrace deletions list",
        },
        dedup_key=_waiting(source_id), owner_id=owner_id,
    )  # fmt: skip


def deletions_decided(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    """Nobody waits for an answer any more."""
    notifications.close_event(connection, organization_id, dedup_key=_waiting(source_id))


def _counts(job: TrainingJob) -> dict[str, int]:
    return {name: int(getattr(job, name)) for name in _COUNTS}


def _failed(source_id: UUID) -> str:
    return f"sync_failed/{source_id}"


def _overdue(source_id: UUID) -> str:
    return f"source_overdue/{source_id}"


def _waiting(source_id: UUID) -> str:
    return f"deletions_waiting/{source_id}"


def _reached(source_id: UUID) -> str:
    return f"budget_reached/{source_id}"
