"""The questions of an evaluation set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from resources.bots.records import EvaluationQuery, NewQuery, QuestionState, Split
from resources.foundation.statements import Connection, find, many, run, run_many, statements_for, value

SQL = statements_for(__name__)


def replace(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, queries: Sequence[NewQuery]
) -> None:
    """Make these the questions of the set. One that was there, by its external id, keeps its id."""
    run(
        connection, SQL["remove_others"], organization_id=organization_id, evaluation_set_id=evaluation_set_id,
        external_ids=[query.external_id for query in queries],
    )  # fmt: skip
    place(connection, organization_id, evaluation_set_id, queries)


def place(connection: Connection, organization_id: UUID, evaluation_set_id: UUID, queries: Sequence[NewQuery]) -> None:
    """Add these to the set. One that was there, by its external id, keeps its id, its origin and its review."""
    whose = {"organization_id": organization_id, "evaluation_set_id": evaluation_set_id}
    run_many(connection, SQL["replace"], [whose | asdict(query) for query in queries])


def propose(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, query: NewQuery
) -> tuple[UUID, bool]:
    """The id of this question in the set, and whether it is new there; one that was there stays as it is."""
    added = value(
        connection, SQL["propose"], organization_id=organization_id, evaluation_set_id=evaluation_set_id,
        **asdict(query),
    )  # fmt: skip
    if added is not None:
        return added, True
    known = find_named(connection, organization_id, evaluation_set_id, query.external_id)
    if known is None:  # removed by somebody between the two statements
        return propose(connection, organization_id, evaluation_set_id, query)
    return known.id, False


def find_named(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, external_id: str
) -> EvaluationQuery | None:
    """The question of the set that bears this external id."""
    return find(
        connection, EvaluationQuery, SQL["find"],
        organization_id=organization_id, evaluation_set_id=evaluation_set_id, external_id=external_id,
    )  # fmt: skip


def find_set(connection: Connection, organization_id: UUID, id: UUID) -> UUID | None:
    """The set that a question is in; None where there is no such question."""
    found: UUID | None = value(connection, SQL["find_set"], organization_id=organization_id, id=id)
    return found


def select_all(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, *, ids: Sequence[UUID] | None = None
) -> list[EvaluationQuery]:
    """The questions of a set, by external id; with `ids` those of them."""
    return many(
        connection, EvaluationQuery, SQL["select_all"],
        organization_id=organization_id, evaluation_set_id=evaluation_set_id, ids=None if ids is None else list(ids),
    )  # fmt: skip


def set_reviewed(
    connection: Connection,
    organization_id: UUID,
    id: UUID,
    *,
    state: QuestionState,
    is_answerable: bool,
    reviewed_by: str,
) -> None:
    """Keep what somebody said of the question."""
    run(
        connection, SQL["review"], organization_id=organization_id, id=id, state=state, is_answerable=is_answerable,
        reviewed_by=reviewed_by,
    )  # fmt: skip


def set_split(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, external_ids: Sequence[str], *, split: Split
) -> int:
    """Say what these questions are for; how many were for the other thing."""
    return run(
        connection, SQL["set_split"], organization_id=organization_id, evaluation_set_id=evaluation_set_id,
        external_ids=list(external_ids), split=split,
    )  # fmt: skip


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take these questions away, with what is known of them; how many they were."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))
