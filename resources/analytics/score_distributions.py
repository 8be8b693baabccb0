"""How the scores of what was found first lie: by day and configuration, how far from before, and by what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy

from resources.analytics import answers
from resources.analytics.records import Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)

WIDTH = 0.05


@dataclass(frozen=True)
class DailyScores:
    """The best scores of a day's searches by one configuration; a quantile is None where nothing was found."""

    day: date
    chatbot: str
    configuration: int
    retrievals: int
    without_result: int
    mean_score: float | None
    tenth: float | None
    quarter: float | None
    median: float | None
    three_quarters: float | None
    nine_tenths: float | None


@dataclass(frozen=True)
class DailyDrift:
    """How far a day's mean score lies from that of the four weeks before, in their standard deviations."""

    day: date
    chatbot: str
    configuration: int
    scores: int
    mean_score: float | None
    past_mean_score: float | None
    drift: float | None


@dataclass(frozen=True)
class ScoreClass:
    """How many searches had a best score from `place` times WIDTH on."""

    came_to: str
    place: int
    searches: int


def select_days(connection: Connection, organization_id: UUID, wanted: Filter) -> list[DailyScores]:
    """By day, chatbot and configuration; only these two of a filter narrow it."""
    return many(connection, DailyScores, SQL["select_days"], organization_id=organization_id, **wanted.parameters())


def select_drifts(connection: Connection, organization_id: UUID, wanted: Filter) -> list[DailyDrift]:
    """By day, chatbot and configuration; only these two of a filter narrow it."""
    return many(connection, DailyDrift, SQL["select_drifts"], organization_id=organization_id, **wanted.parameters())


def select_classes(connection: Connection, organization_id: UUID, wanted: Filter) -> list[ScoreClass]:
    """Of the searches of a filter: how many there are in each class, answered or not."""
    answered, unanswered = answers.select_scores(connection, organization_id, wanted)
    found = []
    for came_to, scores in (("answered", answered), ("not answered", unanswered)):
        places, counts = numpy.unique(numpy.floor(scores.astype(numpy.float64) / WIDTH), return_counts=True)
        found += [
            ScoreClass(came_to, int(place), int(count)) for place, count in zip(places, counts, strict=True)
        ]  # fmt: skip
    return found
