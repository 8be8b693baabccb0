"""The worst questions: those that were disliked, or not answered, each once, and what was done about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.analytics.records import Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)

Why = Literal["disliked", "unanswered"]
LOOKED_AT = 20_000
"""So many of the latest such questions of a span are looked at, so that a year takes no longer than a month."""


@dataclass(frozen=True)
class WorstQuestion:
    """A question of a chatbot, and how many `times` it went wrong; `disliked` and `unanswered` of these.

    Questions of the same words are one. `answer_id`: the latest of these answers; `question`: as it was asked then,
    None where that is erased or no longer kept; `reason`: what was said of that answer. `review`: proposed, accepted or
    rejected where it stands in a question set. Questions that were withdrawn by their askers are not here.
    """

    question: str | None
    chatbot: str
    times: int
    disliked: int
    unanswered: int
    last_asked_at: datetime
    answer_id: UUID
    reason: str | None
    review: str | None
    open_issues: int


def select_page(
    connection: Connection,
    organization_id: UUID,
    wanted: Filter,
    *,
    at_most: int,
    skip: int = 0,
    why: Why = "disliked",
) -> list[WorstQuestion]:
    """Those that went wrong most often first, then the latest."""
    return many(
        connection, WorstQuestion, SQL["select_page"], organization_id=organization_id, why=why, at_most=at_most,
        skip=skip, looked_at=LOOKED_AT, **wanted.parameters(),
    )  # fmt: skip
