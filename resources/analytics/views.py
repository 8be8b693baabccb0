"""The views of analytics as tables: what tools read with SQL, for those who have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

from resources.analytics.records import Filter, Table, ViewColumn
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)
MOST_ROWS = 100_000
"""So many are held in memory; a file may have more."""

_FETCHED = 1_000

_ROWS = {
    "daily_usage": SQL["daily_usage"],
    "daily_key_usage": SQL["daily_key_usage"],
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
    "model_prices": SQL["model_prices"],
    "source_freshness": SQL["source_freshness"],
    "source_coverage": SQL["source_coverage"],
    "source_cost": SQL["source_cost"],
    "failures_backlog": SQL["failures_backlog"],
}
NAMES = tuple(_ROWS)


@contextmanager
def read(
    connection: Connection, organization_id: UUID, name: str, wanted: Filter
) -> Iterator[tuple[Sequence[str], Iterator[Sequence[object]]]]:  # fmt: skip
    """The columns of a view, and its rows: of the days, the chatbot and the source that are wanted, as far as it tells.

    They are fetched some at a time, so that a year of them fits into memory, and into the time that a statement has.
    Raises Missing for a view that is not there.
    """
    if name not in _ROWS:
        raise Missing(f"there is no view {name!r}; there are: {', '.join(NAMES)}")
    with connection.cursor(name="rows_of_a_view") as cursor:
        cursor.itersize = _FETCHED
        cursor.execute(_ROWS[name], {**wanted.parameters(), "organization_id": organization_id})
        yield [column.name for column in cursor.description or ()], iter(cursor)


def select_rows(
    connection: Connection, organization_id: UUID, name: str, wanted: Filter, *, at_most: int = MOST_ROWS
) -> Table:
    """The first rows of a view, as read gives them."""
    with read(connection, organization_id, name, wanted) as (columns, rows):
        found = list(islice(rows, at_most + 1))
    return Table(name, columns, found[:at_most], is_cut=len(found) > at_most)


def describe(connection: Connection) -> list[ViewColumn]:
    """What the views and their columns are, in their own words; also those that are the ground of others."""
    return many(connection, ViewColumn, SQL["describe"])
