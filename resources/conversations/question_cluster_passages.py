"""Question cluster passages: what lies nearest to a cluster of questions in the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection, run, statements_for
from resources.knowledge.records import Found

SQL = statements_for(__name__)


def replace(
    connection: Connection, organization_id: UUID, question_cluster_id: UUID, passages: Sequence[Found]
) -> None:
    """The passages of a cluster, nearest first; of documents that are still there."""
    run(connection, SQL["remove_all"], organization_id=organization_id, question_cluster_id=question_cluster_id)
    if passages:
        run(
            connection, SQL["create"], organization_id=organization_id, question_cluster_id=question_cluster_id,
            document_ids=[one.document_id for one in passages], chunk_ids=[one.chunk_id for one in passages],
            scores=[one.dense_score for one in passages],
        )  # fmt: skip
