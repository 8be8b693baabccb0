"""Evaluation sets: questions with known right documents, by which a chatbot's retrieval is measured."""

from __future__ import annotations

from uuid import UUID

from resources.bots.records import EvaluationSet
from resources.foundation.statements import Connection, many, one, statements_for, value

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


def select_judged(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[UUID]:
    """The chatbot's sets that have a question with a judgment."""
    rows = connection.execute(SQL["select_judged"], {"organization_id": organization_id, "chatbot_id": chatbot_id})
    return [row[0] for row in rows]


def count_judged(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> int:
    """How many questions of a chatbot's sets have a document that is known to answer."""
    return int(value(connection, SQL["count_judged"], organization_id=organization_id, chatbot_id=chatbot_id))
