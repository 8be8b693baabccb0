"""Evaluation sets: questions with known right documents, by which a chatbot's retrieval is measured."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from psycopg.errors import UniqueViolation

from resources.bots.records import EvaluationSet, KnownDocument, SetCounts, SourcePassage
from resources.foundation.errors import Conflict
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value

SQL = statements_for(__name__)


def ensure(
    connection: Connection, organization_id: UUID, *, chatbot_id: UUID, name: str, description: str = ""
) -> EvaluationSet:
    """The chatbot's set of this name, made where it is missing. An empty description leaves the one that it has."""
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


def find_by_name(
    connection: Connection, organization_id: UUID, *, chatbot_id: UUID, name: str
) -> EvaluationSet | None:  # fmt: skip
    """The chatbot's set that bears the name."""
    return find(
        connection,
        EvaluationSet,
        SQL["find_by_name"],
        organization_id=organization_id,
        chatbot_id=chatbot_id,
        name=name,
    )


def describe(connection: Connection, organization_id: UUID, id: UUID, *, name: str, description: str) -> None:
    """Call a set so, and say what it is. Raises Conflict where the chatbot has another of this name."""
    try:
        with connection.transaction():
            run(
                connection, SQL["describe"], organization_id=organization_id, id=id, name=name, description=description
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"the chatbot has a set {name!r} already: choose another name") from None


def count_all(connection: Connection, organization_id: UUID, chatbot_id: UUID | None = None) -> list[SetCounts]:
    """All sets of the organization's chatbots, or of one, with how many questions each has, and which."""
    return many(connection, SetCounts, SQL["count_all"], organization_id=organization_id, chatbot_id=chatbot_id)


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Take a set away, with its questions and whatever was measured on it."""
    run(connection, SQL["remove"], organization_id=organization_id, id=id)


def select_documents(
    connection: Connection, organization_id: UUID, chatbot_id: UUID, *, ids: Iterable[UUID] | None = None
) -> list[KnownDocument]:
    """The documents that a chatbot reads, or of these those that it reads, as judgments may name them."""
    return many(
        connection, KnownDocument, SQL["select_documents"], organization_id=organization_id, chatbot_id=chatbot_id,
        ids=None if ids is None else list(ids),
    )  # fmt: skip


def select_passages(
    connection: Connection, organization_id: UUID, chatbot_id: UUID, *, recipe: str, shortest: int, at_most: int
) -> list[SourcePassage]:
    """Passages to make questions from, of at least so many characters: from each document one before any has two.

    The choice is the same each time; those that a question was generated from already are left out.
    """
    return many(
        connection, SourcePassage, SQL["select_passages"], organization_id=organization_id, chatbot_id=chatbot_id,
        recipe=recipe, shortest=shortest, at_most=at_most,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID) -> list[EvaluationSet]:
    """All sets of the organization's chatbots."""
    return many(connection, EvaluationSet, SQL["select_all"], organization_id=organization_id)


def select_judged(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[UUID]:
    """The chatbot's sets that have a question with a judgment: accepted, and of the split that reports."""
    rows = connection.execute(SQL["select_judged"], {"organization_id": organization_id, "chatbot_id": chatbot_id})
    return [row[0] for row in rows]


def count_judged(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> int:
    """How many questions of a chatbot's sets report (accepted ones) and have a document that is known to answer."""
    return int(value(connection, SQL["count_judged"], organization_id=organization_id, chatbot_id=chatbot_id))
