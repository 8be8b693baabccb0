"""Question clusters as analysts ask for them: what questions of a filter lie in, how large they are, what is near."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from resources.analytics.records import Each, Filter
from resources.conversations.question_clusters import Standing
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for, value

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
class Count:
    """How many questions of a filter lie in a cluster, or in none: then `standing` is 'alone'.

    `source` and `tags` are those of the passage that is nearest to it.
    """

    cluster_id: UUID | None
    standing: Standing | Literal["alone"]
    questions: int
    unanswered: int
    disliked: int
    first_day: date
    last_day: date
    source: str | None
    tags: Sequence[str] | None


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
    found = _select(connection, organization_id, [cluster_id])
    if not found:
        raise Missing(missing(cluster_id))
    return found[cluster_id]


def select_counts(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Count]:
    """How many questions of a filter lie in each cluster and in none, the largest first."""
    return many(connection, Count, SQL["select_counts"], organization_id=organization_id, **wanted.parameters())


def select_largest(
    connection: Connection, organization_id: UUID, counts: Sequence[Count], *, at_most: int
) -> list[Cluster]:  # fmt: skip
    """The first of the clusters that were counted, with these counts."""
    largest = [one for one in counts if one.cluster_id is not None][:at_most]
    known = _select(connection, organization_id, [one.cluster_id for one in largest if one.cluster_id is not None])
    return [
        replace(
            known[one.cluster_id], questions=one.questions, unanswered=one.unanswered, disliked=one.disliked,
            first_day=one.first_day, last_day=one.last_day,
        ) for one in largest if one.cluster_id in known
    ]  # fmt: skip


def totals(counts: Sequence[Count]) -> dict[str, Total]:
    """The questions that were counted by what there is to them."""
    found: dict[str, Total] = {}
    for one in counts:
        old = found.get(one.standing, Total(one.standing, 0, 0, 0, 0))
        found[one.standing] = Total(
            one.standing, old.clusters + (one.cluster_id is not None), old.questions + one.questions,
            old.unanswered + one.unanswered, old.disliked + one.disliked,
        )  # fmt: skip
    return found


def belongings(counts: Sequence[Count]) -> list[Belonging]:
    """Where documents would belong, the source with the most questions first."""
    by_source: dict[str, list[Count]] = defaultdict(list)
    for one in counts:
        if one.source is not None:
            by_source[one.source].append(one)
    found = [
        Belonging(
            source, some[0].tags, len(some), sum(one.questions for one in some),
            *(sum(one.questions for one in some if one.standing == standing)
              for standing in ("missing", "unclear", "present")),
        ) for source, some in by_source.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.questions, one.source))


def select_periods(
    connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each, cluster_ids: Sequence[UUID]
) -> list[Period]:
    """The questions of a filter over time, those of these clusters apart."""
    return many(
        connection, Period, SQL["select_periods"], organization_id=organization_id, each=each,
        cluster_ids=list(cluster_ids), **wanted.parameters(),
    )  # fmt: skip


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


def _select(connection: Connection, organization_id: UUID, cluster_ids: Sequence[UUID]) -> dict[UUID, Cluster]:
    found = many(
        connection, Cluster, SQL["select_some"], organization_id=organization_id, cluster_ids=list(cluster_ids)
    )  # fmt: skip
    return {one.cluster_id: one for one in found}
