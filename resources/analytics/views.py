"""The views of analytics as tables: what tools read with SQL, for those who have none."""

from __future__ import annotations

from uuid import UUID

from resources.analytics.records import Filter, Table, ViewColumn
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)
MOST_ROWS = 100_000

_ROWS = {
    "daily_usage": SQL["daily_usage"],
    "daily_answers": SQL["daily_answers"],
    "daily_feedback": SQL["daily_feedback"],
    "daily_metrics": SQL["daily_metrics"],
    "daily_thumbs": SQL["daily_thumbs"],
    "daily_citations": SQL["daily_citations"],
    "daily_opinions": SQL["daily_opinions"],
    "retrieval_scores": SQL["retrieval_scores"],
    "score_drift": SQL["score_drift"],
    "latency_by_stage": SQL["latency_by_stage"],
    "evaluation_by_version": SQL["evaluation_by_version"],
    "index_recall": SQL["index_recall"],
    "queries_without_result": SQL["queries_without_result"],
    "cited_documents": SQL["cited_documents"],
    "never_cited_documents": SQL["never_cited_documents"],
    "disliked_documents": SQL["disliked_documents"],
    "question_clusters": SQL["question_clusters"],
    "clustered_questions": SQL["clustered_questions"],
    "daily_expenses": SQL["daily_expenses"],
    "source_freshness": SQL["source_freshness"],
    "source_coverage": SQL["source_coverage"],
    "source_cost": SQL["source_cost"],
    "failures_backlog": SQL["failures_backlog"],
}
NAMES = tuple(_ROWS)


def select_rows(
    connection: Connection, organization_id: UUID, name: str, wanted: Filter, *, at_most: int = MOST_ROWS
) -> Table:
    """Rows of a view: of the days, the chatbot and the source that are wanted, where it tells them apart.

    Raises Missing for a view that is not there.
    """
    if name not in _ROWS:
        raise Missing(f"there is no view {name!r}; there are: {', '.join(NAMES)}")
    with connection.cursor() as cursor:
        values = {**wanted.parameters(), "organization_id": organization_id, "at_most": at_most + 1}
        rows = cursor.execute(_ROWS[name], values).fetchall()
        columns = [column.name for column in cursor.description or ()]
    return Table(name, columns, rows[:at_most], is_cut=len(rows) > at_most)


def describe(connection: Connection) -> list[ViewColumn]:
    """What the views and their columns are, in their own words; also those that are the ground of others."""
    return many(connection, ViewColumn, SQL["describe"])
