"""Evaluation results: what a run found for each of its questions, so that two runs can be held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from resources.bots.records import EvaluationResult
from resources.foundation.statements import Connection, many, run_many, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection, organization_id: UUID, evaluation_run_id: UUID, results: Sequence[EvaluationResult]
) -> None:
    """What a run found."""
    whose = {"organization_id": organization_id, "evaluation_run_id": evaluation_run_id}
    run_many(connection, SQL["create"], [whose | asdict(result) for result in results])


def select_all(connection: Connection, organization_id: UUID, evaluation_run_id: UUID) -> list[EvaluationResult]:
    """What a run found, by question; nothing for a run that was no part of a comparison."""
    return many(
        connection, EvaluationResult, SQL["select_all"],
        organization_id=organization_id, evaluation_run_id=evaluation_run_id,
    )  # fmt: skip
