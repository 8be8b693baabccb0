"""Whether searches find what they should: along an index what an exact one finds, and by statistics that are true."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy
from numpy.typing import NDArray

from resources.foundation.database import Database
from resources.foundation.proportions import wilson
from resources.foundation.statements import many, statements_for
from resources.knowledge.chunks.text_statistics import TOLERANCE
from resources.knowledge.search import search, vector_indexes

SQL = statements_for(__name__)

QUESTIONS = 30
WORDS = 50
K = 10


@dataclass(frozen=True)
class Recall:
    """The share of the ten nearest that is found along a model's index in a scope, with its 95 % interval (Wilson).

    `short` counts the answers that had fewer rows than the exact ones.
    """

    embedding_model_id: UUID
    model: str
    visible: int
    questions: int
    value: float
    low: float
    high: float
    short: int


@dataclass(frozen=True)
class Scope:
    """A source, and how many passages it shows under a recipe."""

    recipe: str
    data_source_id: UUID
    visible: int


@dataclass(frozen=True)
class LengthDrift:
    """What is noted of a language's passages, and what they are."""

    recipe: str
    language: str
    noted: int
    counted: int
    weighed: float
    average: float


@dataclass(frozen=True)
class WordDrift:
    """In how many passages a word is noted to stand, and in how many it does."""

    recipe: str
    lexeme: str
    noted: int
    counted: int


@dataclass(frozen=True)
class OldPlan:
    """A table that changed since the planner counted it."""

    name: str
    changed: int
    known: int


def recalls(database: Database, organization_id: UUID, *, questions: int = QUESTIONS) -> Iterator[Recall]:
    """Of each model with an index: in all sources, in the largest one and in one of middling size.

    Asked are stored vectors, a little moved, since each would find itself.
    """
    with database.transaction(organization_id) as connection:
        indexes = vector_indexes.select_all(connection, organization_id)
        scopes = many(connection, Scope, SQL["select_scopes"], organization_id=organization_id)
    if not scopes:
        return
    wanted: list[list[Scope]] = [scopes, scopes[:1], scopes[len(scopes) // 2 :][:1]]
    for index in indexes:
        if index.serves:
            asked = _sample(database, organization_id, index.embedding_model_id, questions)
            for chosen in wanted if len(scopes) > 1 else wanted[:1]:
                yield _recall(database, organization_id, index, chosen, asked)


def drifts(database: Database, organization_id: UUID) -> Iterator[str]:
    """What is noted otherwise than it is, in words: lengths, counts of passages, counts of words, the planner's."""
    with database.transaction(organization_id) as connection:
        lengths = many(
            connection, LengthDrift, SQL["select_length_drifts"], organization_id=organization_id, tolerance=TOLERANCE
        )
        words = many(
            connection, WordDrift, SQL["select_word_drifts"], organization_id=organization_id, at_most=WORDS,
            seed=int.from_bytes(os.urandom(4), "big"),
        )  # fmt: skip
        plans = many(connection, OldPlan, SQL["select_old_plans"])
    for length in lengths:
        yield (
            f"{length.counted:,} passages in {length.language} where {length.noted:,} are noted, "
            f"of {length.average:.1f} words where they are weighed by {length.weighed:.1f}"
        )
    if words:
        yield f"{len(words)} of {WORDS} words stand in more or fewer passages than is noted: the next sync counts again"
    for plan in plans:
        yield f"the planner knows {plan.known:,} rows of {plan.name}, and {plan.changed:,} have changed: analyze it"


def _sample(database: Database, organization_id: UUID, model_id: UUID, count: int) -> list[NDArray[numpy.float32]]:
    with database.transaction(organization_id) as connection:
        rows = [
            row[0].to_numpy()
            for place in (os.urandom(32), b"\0" * 32)
            for row in connection.execute(
                SQL["select_sample"],
                {"organization_id": organization_id, "embedding_model_id": model_id, "place": place, "at_most": count},
            )
        ]
    chance = numpy.random.default_rng()
    moved = []
    for row in rows[:count]:
        vector = numpy.asarray(row, dtype=numpy.float32)
        vector = vector + chance.normal(scale=0.5 / math.sqrt(len(vector)), size=len(vector)).astype(numpy.float32)
        moved.append((vector / numpy.linalg.norm(vector)).astype(numpy.float32))
    return moved


def _recall(
    database: Database,
    organization_id: UUID,
    index: vector_indexes.VectorIndex,
    scopes: list[Scope],
    asked: list[NDArray[numpy.float32]],
) -> Recall:
    wanted = found = short = 0
    for vector in asked:
        with database.transaction(organization_id) as connection:
            exact, near = (
                search.dense(
                    connection, organization_id, vector=vector, recipe_name=scopes[0].recipe,
                    embedding_model_id=index.embedding_model_id, source_ids=[one.data_source_id for one in scopes],
                    k=K, breadth=breadth,
                )
                for breadth in (0, search.BREADTH)
            )  # fmt: skip
        wanted += len(exact)
        found += len({hit.chunk_id for hit in exact} & {hit.chunk_id for hit in near})
        short += len(near) < len(exact)
    low, high = wilson(found, wanted)
    return Recall(
        index.embedding_model_id,
        index.model,
        sum(one.visible for one in scopes),
        len(asked),
        found / wanted if wanted else 1.0,
        low,
        high,
        short,
    )
