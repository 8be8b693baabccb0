"""Evaluation sets: questions with known right documents, by which a chatbot's retrieval is measured."""

from __future__ import annotations

from uuid import UUID

from resources.bots.records import EvaluationSet
from resources.foundation.statements import Connection, many, one, statements_for

SQL = statements_for(__name__)


def ensure(
    connection: Connection, organization_id: UUID, *, chatbot_id: UUID, name: str, description: str = ""
) -> EvaluationSet:
    """The chatbot's set of this name, made where it is missing."""
    return one(
        connection, EvaluationSet, SQL["ensure"], missing=f"evaluation set {name!r} was not made",
        organization_id=organization_id, chatbot_id=chatbot_id, name=name, description=description,
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> EvaluationSet:
    """A set; raises Missing."""
    return one(
        connection, EvaluationSet, SQL["get"], missing=f"there is no evaluation set {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID) -> list[EvaluationSet]:
    """All sets of the organization's chatbots."""
    return many(connection, EvaluationSet, SQL["select_all"], organization_id=organization_id)
