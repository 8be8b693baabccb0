"""Items that cannot be carried through at present: one row each for as long as it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection, find, many, run, statements_for, value
from resources.knowledge.records import SyncFailure

SQL = statements_for(__name__)
STAGES = ("listing", "fetching", "parsing", "chunking", "embedding")
_LONGEST_REASON = 1_000


def record(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID,
    path: str,
    document_id: UUID | None,
    stage: str,
    outcome: str,
    reason: str,
) -> None:
    """The item failed (again). It is tried again after 1 minute, then 4, 16 … up to a day; at once when it changes."""
    run(
        connection, SQL["record"], organization_id=organization_id, data_source_id=source_id, document_id=document_id,
        file_path=path, stage=stage, outcome=outcome, reason=reason[:_LONGEST_REASON],
    )  # fmt: skip


def remove(
    connection: Connection, organization_id: UUID, *, source_id: UUID, path: str, stages: Sequence[str] = STAGES
) -> None:
    """The item fails no longer at these stages."""
    run(
        connection, SQL["remove"], organization_id=organization_id, data_source_id=source_id, file_path=path,
        stages=list(stages),
    )  # fmt: skip


def remove_of_documents(
    connection: Connection, organization_id: UUID, document_ids: Sequence[UUID], *, stages: Sequence[str] = STAGES
) -> None:
    """These documents fail no longer at these stages, or are no more."""
    run(
        connection, SQL["remove_of_documents"], organization_id=organization_id, document_ids=list(document_ids),
        stages=list(stages),
    )  # fmt: skip


def remove_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> None:
    """Nothing of the source fails any more."""
    run(connection, SQL["remove_of_source"], organization_id=organization_id, data_source_id=source_id)


def remove_outdated(connection: Connection, organization_id: UUID, *, source_id: UUID, training_job_id: UUID) -> None:
    """Forget failures without a document that this sync, which listed the whole source, did not meet again."""
    run(
        connection, SQL["remove_outdated"], organization_id=organization_id, data_source_id=source_id,
        training_job_id=training_job_id,
    )  # fmt: skip


def find_by_path(connection: Connection, organization_id: UUID, *, source_id: UUID, path: str) -> SyncFailure | None:
    """The failure of an item."""
    return find(
        connection, SyncFailure, SQL["find"], organization_id=organization_id, data_source_id=source_id, file_path=path
    )


def select_all(
    connection: Connection, organization_id: UUID, *, source_id: UUID | None = None, at_most: int = 1_000
) -> list[SyncFailure]:
    """What fails at present, of one source or of all, the latest first."""
    return many(
        connection, SyncFailure, SQL["select_all"],
        organization_id=organization_id, data_source_id=source_id, at_most=at_most,
    )  # fmt: skip


def count_at(connection: Connection, organization_id: UUID, source_id: UUID, *, stages: Sequence[str]) -> int:
    """How many items of the source fail at these stages at present."""
    return int(
        value(
            connection, SQL["count_at"],
            organization_id=organization_id, data_source_id=source_id, stages=list(stages),
        )
    )  # fmt: skip
