"""What was really asked of a chatbot, asked again by two of its versions: how far they would answer from other places.

Nobody has judged these questions: they inform whoever decides, and decide nothing. Only numbers are kept, no question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from resources.bots import chatbots
from resources.bots.evaluation import comparing, retrieval_quality
from resources.bots.evaluation.trials import Openers
from resources.bots.records import ModelConfigVersion, UnjudgedComparison
from resources.bots.retrieval import retrieval
from resources.foundation.database import Database
from resources.foundation.statements import Connection, find, many, run, statements_for

SQL = statements_for(__name__)

DAYS = 30
MOST = 200
"""So many of the latest questions are asked again: both versions, and maybe rerankers, have to work on each."""

BATCH = 64
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class LoggedComparison(UnjudgedComparison):
    """A comparison that is kept: of which versions, on what was asked between two instants."""

    baseline_id: UUID
    candidate_id: UUID
    asked_since: datetime | None
    asked_until: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class _Logged:
    question: str
    asked_at: datetime


def evaluate(
    database: Database,
    organization_id: UUID,
    *,
    baseline: ModelConfigVersion,
    candidate: ModelConfigVersion,
    openers: Openers,
    days: int = DAYS,
    at_most: int = MOST,
    progress: Progress | None = None,
) -> LoggedComparison | None:
    """Ask the latest questions of so many days again by both versions, and keep how they differ; None where none is.

    A question that was asked often is asked once. What a user erased, or deleted, is not asked. A transaction for each
    question and version; none is held while a model thinks.
    """
    with database.transaction(organization_id) as connection:
        logged = many(
            connection, _Logged, SQL["select_questions"], organization_id=organization_id,
            chatbot_id=candidate.chatbot_id, days=days, at_most=at_most,
        )  # fmt: skip
        source_ids = chatbots.select_source_ids(connection, organization_id, candidate.chatbot_id)
    if not logged:
        return None
    questions = [one.question for one in logged]
    rankings = [
        _rankings(database, organization_id, version, questions, source_ids, openers, progress)
        for version in (baseline, candidate)
    ]
    compared = comparing.compare_unjudged(*rankings)
    with database.transaction(organization_id) as connection:
        run(
            connection, SQL["create"], organization_id=organization_id, baseline_id=baseline.id,
            candidate_id=candidate.id, asked_since=logged[-1].asked_at, asked_until=logged[0].asked_at,
            **asdict(compared),
        )  # fmt: skip
        return find_latest(connection, organization_id, baseline_id=baseline.id, candidate_id=candidate.id)


def find_latest(
    connection: Connection, organization_id: UUID, *, baseline_id: UUID, candidate_id: UUID
) -> LoggedComparison | None:
    """The newest comparison of two versions on what was asked."""
    return find(
        connection, LoggedComparison, SQL["find_latest"],
        organization_id=organization_id, baseline_id=baseline_id, candidate_id=candidate_id,
    )  # fmt: skip


def _rankings(
    database: Database,
    organization_id: UUID,
    version: ModelConfigVersion,
    questions: Sequence[str],
    source_ids: Sequence[UUID],
    openers: Openers,
    progress: Progress | None,
) -> list[list[UUID]]:
    """The documents that a version finds for each question, best first."""
    embedder = openers.embedder(version.embedding_model)
    reranker = openers.reranker(retrieval.reranker_name(version))
    adviser = openers.adviser(version.llm_model)
    rankings = []
    for first in range(0, len(questions), BATCH):
        batch = questions[first : first + BATCH]
        for question, vector in zip(batch, embedder.embed(batch), strict=True):
            order = retrieval_quality.ranked(
                database, organization_id, version, question=question, vector=vector, embedder=embedder,
                reranker=reranker, adviser=adviser, source_ids=source_ids,
            )  # fmt: skip
            rankings.append(list(dict.fromkeys(hit.document_id for hit in order.passages)))
        if progress:
            progress(f"configuration {version.number}: what was asked", len(rankings), len(questions))
    return rankings
