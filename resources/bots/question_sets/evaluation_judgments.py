"""What is known of the questions of an evaluation set: the documents that answer, and the words that do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from resources.bots.records import EvaluationJudgment
from resources.foundation.statements import Connection, many, run, run_many, statements_for

SQL = statements_for(__name__)


def replace(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, judgments: Sequence[EvaluationJudgment]
) -> None:
    """Make these all that is known of the set's questions."""
    run(connection, SQL["remove_all"], organization_id=organization_id, evaluation_set_id=evaluation_set_id)
    _create(connection, organization_id, judgments)


def replace_of(
    connection: Connection, organization_id: UUID, query_ids: Sequence[UUID], judgments: Sequence[EvaluationJudgment]
) -> None:
    """Make these all that is known of these questions."""
    run(connection, SQL["remove_of"], organization_id=organization_id, query_ids=list(query_ids))
    _create(connection, organization_id, judgments)


def select_all(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, *, query_ids: Sequence[UUID] | None = None
) -> list[EvaluationJudgment]:
    """The judgments of a set's questions, or of these of them."""
    return many(
        connection, EvaluationJudgment, SQL["select_all"], organization_id=organization_id,
        evaluation_set_id=evaluation_set_id, query_ids=None if query_ids is None else list(query_ids),
    )  # fmt: skip


def _create(connection: Connection, organization_id: UUID, judgments: Sequence[EvaluationJudgment]) -> None:
    run_many(connection, SQL["create"], [{"organization_id": organization_id} | asdict(one) for one in judgments])
