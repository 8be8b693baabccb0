"""Index recalls: how well searches along vector indexes found what exact ones find, as it was measured each night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from resources.foundation.statements import Connection, many, run, statements_for
from resources.knowledge.search.search_health import Recall

SQL = statements_for(__name__)


@dataclass(frozen=True)
class IndexRecall:
    """A measurement: the share of the ten nearest that is found along a model's index, with its 95 % interval."""

    model: str
    passages: int
    questions: int
    recall: float
    low: float
    high: float
    short: int
    measured_at: datetime


def create(connection: Connection, organization_id: UUID, recall: Recall) -> None:
    """Keep what was measured."""
    run(
        connection, SQL["create"], organization_id=organization_id, embedding_model_id=recall.embedding_model_id,
        passages=recall.visible, questions=recall.questions, recall=recall.value, low=min(recall.low, recall.value),
        high=max(recall.high, recall.value), short=recall.short,
    )  # fmt: skip


def select_days(connection: Connection, organization_id: UUID, *, since: date, until: date) -> list[IndexRecall]:
    """What was measured on the days from `since` until before `until`, of UTC, the oldest first."""
    return many(connection, IndexRecall, SQL["select_days"], organization_id=organization_id, since=since, until=until)
