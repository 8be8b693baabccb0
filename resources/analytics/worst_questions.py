"""The worst questions: what was disliked, not answered or found nothing, each once, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.analytics.records import Filter
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class WorstQuestion:
    """A question of a chatbot that went wrong so many `times`: `disliked`, or `unanswered`, or both.

    `answer_id`: the latest answer of them, a disliked one if there is one; `reason`: what was said of that. `review`:
    proposed, accepted or rejected where it stands in a question set. Erased questions are not here.
    """

    question: str
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
    connection: Connection, organization_id: UUID, wanted: Filter, *, at_most: int, skip: int = 0
) -> list[WorstQuestion]:
    """The most disliked first, then those that went wrong most often, then the latest."""
    return many(
        connection, WorstQuestion, SQL["select_page"], organization_id=organization_id, at_most=at_most, skip=skip,
        **wanted.parameters(),
    )  # fmt: skip
