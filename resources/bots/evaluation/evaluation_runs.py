"""Evaluation runs: measurements of a configuration on a set of questions."""

from __future__ import annotations

from uuid import UUID

from resources.bots.records import EvaluationRun, Split
from resources.foundation.statements import Connection, many, one, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    evaluation_set_id: UUID,
    model_config_version_id: UUID,
    queries: int,
    elapsed_ms: float,
    dagster_run_id: str | None = None,
    split: Split = "report",
) -> EvaluationRun:
    """A measurement that has ended."""
    return one(
        connection, EvaluationRun, SQL["create"], missing="the measurement was not kept",
        organization_id=organization_id, evaluation_set_id=evaluation_set_id,
        model_config_version_id=model_config_version_id, dagster_run_id=dagster_run_id, queries=queries,
        elapsed_ms=elapsed_ms, split=split,
    )  # fmt: skip


def select_latest(
    connection: Connection, organization_id: UUID, evaluation_set_id: UUID, *, at_most: int = 20
) -> list[EvaluationRun]:
    """The newest measurements of a set, the newest first."""
    return many(
        connection, EvaluationRun, SQL["select_latest"],
        organization_id=organization_id, evaluation_set_id=evaluation_set_id, at_most=at_most,
    )  # fmt: skip
