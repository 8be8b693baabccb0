"""Items that cannot be carried through at present: one row each for as long as it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.knowledge.documents import retrying
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
) -> retrying.State:
    """The item failed (again); what becomes of it, as retrying.py says. When the item changes it is tried at once."""
    known = find_by_path(connection, organization_id, source_id=source_id, path=path)
    attempt = retrying.after_failure(
        stage=stage, outcome=outcome,
        before=None if known is None else (known.stage, known.outcome, known.attempts, known.state),
    )  # fmt: skip
    run(
        connection, SQL["record"], organization_id=organization_id, data_source_id=source_id, document_id=document_id,
        file_path=path, stage=stage, outcome=outcome, reason=reason[:_LONGEST_REASON], attempts=attempt.number,
        state=attempt.state, wait_s=attempt.wait.total_seconds(),
    )  # fmt: skip
    return attempt.state


def retry(
    connection: Connection,
    organization_id: UUID,
    *,
    ids: Sequence[UUID] | None = None,
    source_id: UUID | None = None,
) -> int:
    """Let these failures, those of a source, or all be due at once: the next sync takes them up. Returns how many.

    Also what was parked or ignored, and what failed to be parsed of an item that did not change.
    """
    return run(
        connection, SQL["retry"],
        organization_id=organization_id, ids=None if ids is None else list(ids), data_source_id=source_id,
    )  # fmt: skip


def ignore(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Mind these failures no longer; they go when their items are well. Returns how many there were."""
    return run(connection, SQL["ignore"], organization_id=organization_id, ids=list(ids))


def move(connection: Connection, organization_id: UUID, *, document_id: UUID, path: str) -> None:
    """The document is at another path of its source now, and so is its failure."""
    run(connection, SQL["move"], organization_id=organization_id, document_id=document_id, file_path=path)


def move_members(
    connection: Connection, organization_id: UUID, *, source_id: UUID, former_path: str, between: str
) -> None:
    """The members of a container that had this path have others now, and so have their failures."""
    run(
        connection, SQL["move_members"], organization_id=organization_id, data_source_id=source_id,
        former_path=former_path, between=between,
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
        connection, SyncFailure, SQL["find"], organization_id=organization_id, id=None, data_source_id=source_id,
        file_path=path,
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> SyncFailure:
    """A failure by its id; raises Missing, also where the item is well by now."""
    return one(
        connection, SyncFailure, SQL["find"], missing=f"there is no failure {id}, or it is well by now",
        organization_id=organization_id, id=id, data_source_id=None, file_path=None,
    )  # fmt: skip


def select_all(
    connection: Connection,
    organization_id: UUID,
    *,
    source_id: UUID | None = None,
    stages: Sequence[str] | None = None,
    states: Sequence[retrying.State] | None = None,
    after: UUID | None = None,
    at_most: int = 1_000,
    oldest_first: bool = False,
) -> list[SyncFailure]:
    """What fails at present, the latest first: of one source or all, at some stages or any, in some states or any.

    `after`: what comes after this failure.
    """
    return many(
        connection, SyncFailure, SQL["select_all"],
        organization_id=organization_id, data_source_id=source_id, after=after, at_most=at_most,
        stages=None if stages is None else list(stages), states=None if states is None else list(states),
        oldest_first=oldest_first,
    )  # fmt: skip


def count_at(connection: Connection, organization_id: UUID, source_id: UUID, *, stages: Sequence[str]) -> int:
    """How many items of the source fail at these stages at present, but for those that are ignored."""
    return int(
        value(
            connection, SQL["count_at"],
            organization_id=organization_id, data_source_id=source_id, stages=list(stages),
        )
    )  # fmt: skip


@dataclass(frozen=True)
class _Counted:
    state: str
    items: int


def count_by_state(connection: Connection, organization_id: UUID, source_id: UUID) -> dict[str, int]:
    """How many items of the source fail in each state."""
    found = many(
        connection, _Counted, SQL["count_by_state"], organization_id=organization_id, data_source_id=source_id
    )  # fmt: skip
    return {counted.state: counted.items for counted in found}
