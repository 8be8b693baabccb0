"""The questions of an evaluation set."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.bots.records import EvaluationQuery, NewQuery
from resources.foundation.statements import Connection, many, run, run_many, statements_for

SQL = statements_for(__name__)


def replace(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, queries: Sequence[NewQuery]
) -> None:
    """Make these the questions of the set. One that was there, by its external id, keeps its id."""
    whose: dict[str, object] = {"organization_id": organization_id, "evaluation_set_id": evaluation_set_id}
    run(connection, SQL["remove_others"], **whose, external_ids=[query.external_id for query in queries])
    rows = [
        whose | {"external_id": query.external_id, "question": query.question, "slice": query.slice,
                 "data_source_id": query.data_source_id}
        for query in queries
    ]  # fmt: skip
    run_many(connection, SQL["replace"], rows)


def select_all(connection: Connection, organization_id: UUID, evaluation_set_id: UUID) -> list[EvaluationQuery]:
    """The questions of a set, by external id."""
    return many(
        connection, EvaluationQuery, SQL["select_all"],
        organization_id=organization_id, evaluation_set_id=evaluation_set_id,
    )  # fmt: skip
