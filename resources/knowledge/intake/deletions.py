"""Deletions that wait: documents that their source lists no more, and that are too many to delete unasked.

Until somebody approves, readers see them. What comes back at the source leaves its batch by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Conflict
from resources.foundation.statements import Connection, many, one, run, statements_for, value
from resources.knowledge.chunks import embeddings, text_statistics
from resources.knowledge.documents import documents, withdrawals
from resources.knowledge.intake import guarding
from resources.knowledge.records import DataSource, DeletionBatch, HeldDeletion
from resources.knowledge.sources import announcements, training_jobs

SQL = statements_for(__name__)
Status = Literal["waiting", "approved", "rejected", "outdated"]
_WITHDRAWN_AT_ONCE = 200
_UPLOADS = "upload"  # what is deleted there, a person deletes; there is no listing that could lie


def settle(
    connection: Connection, organization_id: UUID, source: DataSource, missing: Sequence[UUID]
) -> guarding.Verdict:
    """Decide about the documents that a whole listing of the source lacks; those to ask about wait from now on.

    Documents that readers do not see are not asked about. The same documents as before wait in the same batch; others
    outdate it. The caller withdraws what the verdict lets go.
    """
    shown = documents.select_shown(connection, organization_id, source.id) if missing else set()
    connection.execute(SQL["lock_open"], {"organization_id": organization_id, "data_source_id": source.id})
    decided = _select_open(connection, organization_id, source.id)
    verdict = guarding.judge(missing, shown=shown, decided=decided, guard=_guard(source))
    _remove(connection, organization_id, [*verdict.returned, *verdict.go])
    waiting = {id for id, decision in decided.items() if decision == "waiting"} - set(verdict.returned)
    if not verdict.ask or set(verdict.ask) != waiting:
        _outdate(connection, organization_id, source.id)
    if verdict.ask:
        _hold(connection, organization_id, source.id, verdict.ask, known=len(shown))
    elif "waiting" in decided.values():
        announcements.deletions_decided(connection, organization_id, source.id)
    return verdict


def foresee(
    connection: Connection, organization_id: UUID, source: DataSource, missing: Sequence[UUID]
) -> guarding.Verdict:
    """What `settle` would decide about these now; nothing is written."""
    shown = documents.select_shown(connection, organization_id, source.id) if missing else set()
    decided = _select_open(connection, organization_id, source.id)
    return guarding.judge(missing, shown=shown, decided=decided, guard=_guard(source))


def select_waiting(
    connection: Connection, organization_id: UUID, *, source_id: UUID | None = None
) -> list[DeletionBatch]:
    """The batches that wait for somebody's word, the latest first."""
    return select_all(connection, organization_id, source_id=source_id, statuses=["waiting"])


def select_all(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID | None = None,
    statuses: Sequence[Status] | None = None,
    after: UUID | None = None,
    at_most: int = 100,
    oldest_first: bool = False,
) -> list[DeletionBatch]:
    """The latest batches, of one source or of all, in some states or any; `after`: what comes after this batch."""
    return many(
        connection, DeletionBatch, SQL["select_all"], organization_id=organization_id, data_source_id=source_id,
        statuses=None if statuses is None else list(statuses), after=after, at_most=at_most, oldest_first=oldest_first,
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> DeletionBatch:
    """A batch; raises Missing."""
    return one(
        connection, DeletionBatch, SQL["get"], missing=f"there are no deletions {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_documents(
    connection: Connection, organization_id: UUID, id: UUID, *, after: str = "", at_most: int = 500
) -> list[HeldDeletion]:
    """A page of the documents of a batch that readers still see, by path."""
    return many(
        connection, HeldDeletion, SQL["select_documents"],
        organization_id=organization_id, deletion_batch_id=id, after=after, at_most=at_most,
    )  # fmt: skip


def approve(database: Database, organization_id: UUID, id: UUID, *, decided_by: str) -> int:
    """Delete the documents of a batch that are still missing at their source; how many they were.

    What was rejected may be approved later. A sync may run meanwhile; when this is killed, the next sync does the rest.
    Raises Missing, Conflict.
    """
    with database.transaction(organization_id) as connection:
        batch = get(connection, organization_id, id)
        _decide(connection, organization_id, batch, "approved", decided_by, from_statuses=["waiting", "rejected"])
    deleted = 0
    while True:
        with database.transaction(organization_id) as connection:
            page = select_documents(connection, organization_id, id, at_most=_WITHDRAWN_AT_ONCE)
            ids = [held.document_id for held in page]
            deleted += withdrawals.withdraw(connection, organization_id, ids)
            _remove(connection, organization_id, ids)
        if len(page) < _WITHDRAWN_AT_ONCE:
            break
    with database.transaction(organization_id) as connection:
        training_jobs.record_cleanup(connection, organization_id, batch.data_source_id, deleted=deleted)
        embeddings.lock(connection, organization_id)
        embeddings.remove_unused(connection, organization_id)
        for recipe in text_statistics.select_stale(connection, organization_id, recipes=()):
            text_statistics.refresh(connection, organization_id, recipe)
    return deleted


def reject(connection: Connection, organization_id: UUID, id: UUID, *, decided_by: str) -> DeletionBatch:
    """Keep the documents of a batch, and do not ask again until they were back once. Raises Missing, Conflict."""
    batch = get(connection, organization_id, id)
    _decide(connection, organization_id, batch, "rejected", decided_by, from_statuses=["waiting"])
    return get(connection, organization_id, id)


def _decide(
    connection: Connection,
    organization_id: UUID,
    batch: DeletionBatch,
    status: Status,
    decided_by: str,
    *,
    from_statuses: Sequence[Status],
) -> None:
    decided = run(
        connection, SQL["decide"], organization_id=organization_id, id=batch.id, status=status, decided_by=decided_by,
        from_statuses=list(from_statuses),
    )  # fmt: skip
    if not decided:
        now = get(connection, organization_id, batch.id)
        by = f" by {now.decided_by}" if now.decided_by else ""
        raise Conflict(
            f"deletions {batch.id} of source {batch.source_name!r} are {now.status}{by}: look at those that wait now"
        )
    announcements.deletions_decided(connection, organization_id, batch.data_source_id)


def _guard(source: DataSource) -> guarding.Guard | None:
    return guarding.Guard(source.deletion_share, source.deletion_floor) if source.source_type != _UPLOADS else None


def _select_open(connection: Connection, organization_id: UUID, source_id: UUID) -> dict[UUID, guarding.Decision]:
    rows = connection.execute(SQL["select_open"], {"organization_id": organization_id, "data_source_id": source_id})
    return {row[0]: row[1] for row in rows}


def _hold(
    connection: Connection, organization_id: UUID, source_id: UUID, document_ids: Sequence[UUID], *, known: int
) -> None:
    whose = {"organization_id": organization_id, "data_source_id": source_id}
    waiting: UUID | None = value(connection, SQL["find_waiting"], **whose)
    if waiting is not None:
        run(
            connection, SQL["set_documents"],
            organization_id=organization_id, id=waiting, documents=len(document_ids),
        )  # fmt: skip
        return
    id: UUID = value(connection, SQL["create"], **whose, documents=len(document_ids), known=known)
    run(
        connection, SQL["add"],
        organization_id=organization_id, deletion_batch_id=id, document_ids=list(document_ids),
    )  # fmt: skip
    announcements.deletions_wait(
        connection, organization_id, source_id, batch_id=id, documents=len(document_ids), known=known
    )


def _outdate(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    whose = {"organization_id": organization_id, "data_source_id": source_id}
    run(connection, SQL["outdate"], **whose)
    run(connection, SQL["remove_outdated"], **whose)


def _remove(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]) -> None:
    if document_ids:
        run(connection, SQL["remove"], organization_id=organization_id, document_ids=list(document_ids))
