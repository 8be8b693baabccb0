"""Evaluation scores: the metrics of a run, over all its questions (slice '') and over each slice of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from resources.bots.records import EvaluationScore
from resources.foundation.statements import Connection, many, run_many, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection, organization_id: UUID, evaluation_run_id: UUID, scores: Sequence[EvaluationScore]
) -> None:
    """The scores of a run."""
    whose = {"organization_id": organization_id, "evaluation_run_id": evaluation_run_id}
    run_many(connection, SQL["create"], [whose | asdict(score) for score in scores])


def select_all(connection: Connection, organization_id: UUID, evaluation_run_id: UUID) -> list[EvaluationScore]:
    """The scores of a run, those over all its questions first."""
    return many(
        connection, EvaluationScore, SQL["select_all"],
        organization_id=organization_id, evaluation_run_id=evaluation_run_id,
    )  # fmt: skip
