"""Question clusters: questions without a good answer that mean about the same, and whether documents say it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

from resources.conversations.clustered_questions import Model
from resources.foundation.statements import Connection, many, run, statements_for
from resources.knowledge.records import ChunkingRule

SQL = statements_for(__name__)

Standing = Literal["missing", "unclear", "present", "unknown"]


@dataclass(frozen=True)
class QuestionCluster:
    """What is kept of a cluster beside its questions. Scores are cosines; None where they are not defined."""

    id: UUID
    embedding_model: str
    words: list[str]
    standing: Standing
    nearest_score: float | None
    low_score: float | None
    usual_score: float | None
    alike: int
    alike_answered: int


@dataclass(frozen=True)
class Searched:
    """Where chatbots search with a model: the recipe of the passages, and the model's row."""

    chunk_size: int
    chunk_overlap: int
    embedding_model_id: UUID

    @property
    def recipe_name(self) -> str:
        """As `chunks.recipe` has it."""
        return ChunkingRule(self.chunk_size, self.chunk_overlap).name


def lock(connection: Connection, organization_id: UUID) -> None:
    """Nobody else puts questions into other clusters until the transaction ends."""
    run(connection, SQL["lock"], organization_id=organization_id)


def replace(connection: Connection, organization_id: UUID, cluster: QuestionCluster) -> None:
    """What a cluster is now, new or known."""
    run(connection, SQL["replace"], organization_id=organization_id, **asdict(cluster))


def remove_empty(connection: Connection, organization_id: UUID) -> int:
    """Take away clusters that no question lies in; how many they were."""
    return run(connection, SQL["remove_empty"], organization_id=organization_id)


def select_stop_words(connection: Connection, organization_id: UUID, words: Collection[str]) -> set[str]:
    """Those of these words that say nothing by themselves, in English or in a language of the passages."""
    rows = connection.execute(
        SQL["select_stop_words"], {"organization_id": organization_id, "words": sorted(words)}
    ).fetchall()
    return {row[0] for row in rows}


def select_recipes(connection: Connection, organization_id: UUID, model: Model) -> list[Searched]:
    """How the passages are cut that chatbots search with a model now, the commonest first."""
    return many(
        connection, Searched, SQL["select_recipes"], organization_id=organization_id, model=model.name,
        dimension=model.dimension,
    )  # fmt: skip
