"""What evaluations say of configurations: their scores, when they came to serve, and pairs of them side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.analytics.records import Filter
from resources.bots.evaluation.comparing import DECISIVE
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)
MOST = 5_000
Verdict = Literal["won", "lost", "moved", "same"]


@dataclass(frozen=True)
class EvaluationScore:
    """A metric of an evaluation over a whole set, with its 95 % interval (bootstrap over the questions)."""

    chatbot: str
    configuration: int
    evaluation_set: str
    split: str
    metric: str
    queries: int
    value: float | None
    low: float | None
    high: float | None
    evaluated_at: datetime
    is_latest: bool


@dataclass(frozen=True)
class Activation:
    """When a configuration came to serve."""

    chatbot: str
    configuration: int
    activated_at: datetime


@dataclass(frozen=True)
class Compared:
    """Two configurations on the same questions: the mean difference of the decisive metric, and how many moved."""

    chatbot: str
    baseline: int
    candidate: int
    queries: int
    baseline_value: float | None
    candidate_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    won: int
    lost: int
    moved: int
    compared_at: datetime


@dataclass(frozen=True)
class Pair:
    """A question asked by two configurations: what each found, best first, and how well.

    `…_rank`: where the first document that answers stands, None beyond the hundredth. `before` and `after` are nDCG@10,
    None where no document is known to answer.
    """

    query_id: UUID
    evaluation_set: str
    question: str
    before_ids: Sequence[UUID]
    after_ids: Sequence[UUID]
    before_rank: int | None
    after_rank: int | None
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """How much better the second one is."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def verdict(self) -> Verdict:
        """Won or lost by the second one, moved where the metric is the same and the documents are not."""
        if self.difference and abs(self.difference) > 1e-9:
            return "won" if self.difference > 0 else "lost"
        return "same" if list(self.before_ids) == list(self.after_ids) else "moved"


@dataclass(frozen=True)
class DocumentName:
    """What a document is called."""

    document_id: UUID
    path: str
    title: str


def select_scores(
    connection: Connection, organization_id: UUID, wanted: Filter, *, metric: str | None = DECISIVE
) -> list[EvaluationScore]:
    """The scores of evaluations that were made in the days of a filter, the oldest first; of all metrics for None."""
    return _scores(connection, organization_id, metric, wanted.parameters() | {"latest": False})


def select_latest_scores(
    connection: Connection, organization_id: UUID, wanted: Filter, *, metric: str | None = None
) -> list[EvaluationScore]:
    """The scores of the latest evaluation of each configuration and set, on whatever day it was made."""
    values = wanted.parameters() | {"latest": True, "since": None, "until": None}
    return _scores(connection, organization_id, metric, values)


def select_activations(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Activation]:
    """What came to serve in the days of a filter."""
    return many(
        connection, Activation, SQL["select_activations"], organization_id=organization_id, **wanted.parameters()
    )


def select_compared(
    connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int = 50
) -> list[Compared]:
    """The comparisons of two configurations by all of a chatbot's questions, on whatever day, the latest first."""
    return many(
        connection, Compared, SQL["select_compared"], organization_id=organization_id, metric=DECISIVE, at_most=at_most,
        **wanted.parameters(),
    )  # fmt: skip


def select_pairs(
    connection: Connection, organization_id: UUID, *, baseline_id: UUID, candidate_id: UUID, at_most: int = MOST
) -> list[Pair]:
    """Each question that both were asked, as each was measured last with its results kept."""
    return many(
        connection, Pair, SQL["select_pairs"], organization_id=organization_id, baseline_id=baseline_id,
        candidate_id=candidate_id, at_most=at_most,
    )  # fmt: skip


def select_documents(
    connection: Connection, organization_id: UUID, document_ids: Collection[UUID]
) -> dict[UUID, DocumentName]:
    """What documents are called; those that are gone are not there."""
    found = many(
        connection, DocumentName, SQL["select_documents"], organization_id=organization_id,
        document_ids=list(document_ids),
    )  # fmt: skip
    return {one.document_id: one for one in found}


def _scores(
    connection: Connection, organization_id: UUID, metric: str | None, values: dict[str, object]
) -> list[EvaluationScore]:
    return many(
        connection, EvaluationScore, SQL["select_scores"], organization_id=organization_id, metric=metric,
        at_most=MOST, **values,
    )  # fmt: skip
