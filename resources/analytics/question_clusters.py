"""Question clusters as analysts ask for them: what questions of a filter lie in, how large they are, what is near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from resources.analytics.records import Each, Filter
from resources.conversations.question_clusters import Standing
from resources.foundation.statements import Connection, many, one, statements_for, value

SQL = statements_for(__name__)

MOST_QUESTIONS = 1_000


@dataclass(frozen=True)
class Cluster:
    """A cluster, with its questions of a filter alone; `question` is its most typical one, None where it was deleted.

    `document`: where the nearest passage stands, and `document_source` whose that is. Scores are cosines.
    """

    cluster_id: UUID
    words: str | None
    question: str | None
    standing: Standing
    questions: int
    unanswered: int
    disliked: int
    first_day: date
    last_day: date
    nearest_score: float | None
    low_score: float | None
    usual_score: float | None
    alike: int
    alike_answered: int
    sources: Sequence[str] | None
    tags: Sequence[str] | None
    document_id: UUID | None
    document: str | None
    document_source: str | None

    @property
    def name(self) -> str:
        """What it is called: by its words, else by a question."""
        return self.words or self.question or "questions that were deleted"


@dataclass(frozen=True)
class Total:
    """Questions by what there is to them; 'alone' are those that no other is like."""

    standing: Standing | Literal["alone"]
    clusters: int
    questions: int
    unanswered: int
    disliked: int


@dataclass(frozen=True)
class Period:
    """How many questions of a cluster came in a period; `cluster_id` None: of all others."""

    period: date
    cluster_id: UUID | None
    questions: int


@dataclass(frozen=True)
class Belonging:
    """A source that documents would belong to: how many questions lie nearest to it, by what there is to them."""

    source: str
    tags: Sequence[str] | None
    clusters: int
    questions: int
    missing: int
    unclear: int
    present: int


@dataclass(frozen=True)
class OpenQuestion:
    """A question without a good answer; None for the words of one that was deleted."""

    asked_at: datetime
    question: str | None
    understood_as: str | None
    is_unanswered: bool
    is_disliked: bool
    likeness: float | None
    best_score: float | None
    chatbot: str | None
    source: str | None
    cluster_id: UUID | None
    words: str | None
    answer_id: UUID


@dataclass(frozen=True)
class NearPassage:
    """A passage near a cluster; `passage` None where it is not served any more."""

    score: float
    document_id: UUID
    title: str
    source: str
    source_id: UUID
    path: str
    tags: Sequence[str] | None
    passage: str | None
    start_char: int | None
    end_char: int | None


def missing(id: object) -> str:
    """What is said of an id that is nobody's."""
    return f"there is no topic {id} among the gaps of this organization"


def get(connection: Connection, organization_id: UUID, cluster_id: UUID) -> Cluster:
    """A cluster with all its questions; raises Missing."""
    return one(
        connection, Cluster, SQL["get"], missing=missing(cluster_id), organization_id=organization_id,
        cluster_id=cluster_id,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int) -> list[Cluster]:
    """The clusters that questions of a filter lie in, the largest first."""
    return many(
        connection, Cluster, SQL["select_all"], organization_id=organization_id, at_most=at_most, **wanted.parameters()
    )


def select_totals(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Total]:
    """The questions of a filter by what there is to them."""
    return many(connection, Total, SQL["select_totals"], organization_id=organization_id, **wanted.parameters())


def select_periods(
    connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each, cluster_ids: Sequence[UUID]
) -> list[Period]:
    """The questions of a filter over time, those of these clusters apart."""
    return many(
        connection, Period, SQL["select_periods"], organization_id=organization_id, each=each,
        cluster_ids=list(cluster_ids), **wanted.parameters(),
    )  # fmt: skip


def select_sources(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Belonging]:
    """Where documents would belong."""
    return many(connection, Belonging, SQL["select_sources"], organization_id=organization_id, **wanted.parameters())


def select_questions(
    connection: Connection, organization_id: UUID, wanted: Filter, *, cluster_id: UUID | None = None,
    at_most: int = MOST_QUESTIONS,
) -> list[OpenQuestion]:  # fmt: skip
    """The questions of a filter, of one cluster or of all, the latest first."""
    return many(
        connection, OpenQuestion, SQL["select_questions"], organization_id=organization_id, cluster_id=cluster_id,
        at_most=at_most, **wanted.parameters(),
    )  # fmt: skip


def select_passages(connection: Connection, organization_id: UUID, cluster_id: UUID) -> list[NearPassage]:
    """What lies nearest to a cluster, the nearest first."""
    return many(
        connection, NearPassage, SQL["select_passages"], organization_id=organization_id, cluster_id=cluster_id
    )  # fmt: skip


def find_made_at(connection: Connection, organization_id: UUID) -> datetime | None:
    """When clusters were last made; None where there are none."""
    made_at: datetime | None = value(connection, SQL["select_made"], organization_id=organization_id)
    return made_at
