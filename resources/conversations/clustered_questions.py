"""Clustered questions: what found nothing, was not answered, or was answered badly, and in which cluster each lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg

from resources.foundation.inference import Vectors
from resources.foundation.statements import Connection, many, run, statements_for, value

SQL = statements_for(__name__)

_AT_ONCE = 2_000


@dataclass(frozen=True)
class Model:
    """An embedding model whose vectors some of these questions were searched with."""

    name: str
    dimension: int
    questions: int


@dataclass(frozen=True)
class Asked:
    """A question: its retrieval, the cluster that it lies in so far, its words and the vector of its search."""

    retrieval_log_id: UUID
    question_cluster_id: UUID | None
    question: str
    query_embedding: Vectors


@dataclass(frozen=True)
class Usual:
    """A question of late, whatever became of it; `is_answered`: its answer cites something."""

    id: UUID
    question: str
    query_embedding: Vectors
    is_answered: bool


def collect(connection: Connection, organization_id: UUID, *, since: date, until: date) -> int:
    """Gather the questions without a good answer of some days anew; how many they are.

    Those that lie in a cluster stay there. What somebody deleted or erased is not gathered.
    """
    return int(value(connection, SQL["collect"], organization_id=organization_id, since=since, until=until))


def select_models(connection: Connection, organization_id: UUID) -> list[Model]:
    """The models whose vectors these questions were searched with."""
    return many(connection, Model, SQL["select_models"], organization_id=organization_id)


def has_news(connection: Connection, organization_id: UUID, *, since: date, few: int) -> bool:
    """Whether fewer than `few` questions are gathered, and one of these days was asked in vain that is not."""
    return bool(value(connection, SQL["has_news"], organization_id=organization_id, since=since, few=few))


def each_asked(connection: Connection, organization_id: UUID, model: Model, *, at_most: int) -> Iterator[Asked]:
    """The latest questions of a model, in portions: never all of them in memory."""
    values = {
        "organization_id": organization_id, "model": model.name, "dimension": model.dimension, "at_most": at_most
    }  # fmt: skip
    with psycopg.ServerCursor[Any](connection, f"asked_{uuid4().hex}") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(SQL["select_asked"], values, binary=True)
        for id, cluster_id, question, vector in cursor:
            yield Asked(id, cluster_id, question, vector.to_numpy())


def select_usual(connection: Connection, organization_id: UUID, model: Model, *, at_most: int) -> list[Usual]:
    """The latest questions of a model, answered or not."""
    values = {
        "organization_id": organization_id, "model": model.name, "dimension": model.dimension, "at_most": at_most
    }  # fmt: skip
    rows = connection.execute(SQL["select_usual"], values, binary=True)
    return [Usual(id, question, vector.to_numpy(), is_answered) for id, question, vector, is_answered in rows]


def set_clusters(
    connection: Connection,
    organization_id: UUID,
    *,
    retrieval_log_ids: Sequence[UUID],
    question_cluster_ids: Sequence[UUID | None],
    likenesses: Sequence[float | None],
) -> int:
    """Put questions into clusters, None for none; how many lie otherwise than before. What is gone stays gone."""
    return run(
        connection, SQL["set_clusters"], organization_id=organization_id, retrieval_log_ids=list(retrieval_log_ids),
        question_cluster_ids=list(question_cluster_ids), likenesses=list(likenesses),
    )  # fmt: skip
