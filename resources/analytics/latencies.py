"""How long answers took, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from resources.analytics.records import Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class StageLatency:
    """A stage on a day: understanding, retrieval, answering, or the whole."""

    day: date
    chatbot: str | None
    stage: str
    answers: int
    mean_seconds: float | None
    median_seconds: float | None
    seconds_of_95_in_100: float | None
    slowest_seconds: float | None


def select_days(connection: Connection, organization_id: UUID, wanted: Filter) -> list[StageLatency]:
    """By day, chatbot and stage; only the chatbot of a filter narrows it."""
    return many(connection, StageLatency, SQL["select_days"], organization_id=organization_id, **wanted.parameters())
