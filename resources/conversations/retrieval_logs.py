"""Retrieval logs: what each answer asked of the knowledge base, and what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from resources.conversations.records import RetrievalLog
from resources.foundation.inference import Vectors
from resources.foundation.statements import Connection, find, run, send, statements_for, value
from resources.knowledge.records import Found

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    model_config_version_id: UUID,
    query: str,
    query_embedding: Vectors | None,
    found: Sequence[Found],
    threshold: float,
    k: int,
    elapsed_ms: float,
    detailed_question: str | None = None,
    sub_questions: Sequence[str] = (),
    filter: Mapping[str, object] | None = None,
    degraded: str | None = None,
) -> UUID:
    """Log a retrieval before its answer is known; its id. `filter` as Filter.wanted gives it.

    `degraded`: why there is no `query_embedding`.
    """
    id = uuid4()
    send(
        connection,
        SQL["create"],
        organization_id=organization_id,
        id=id,
        chatbot_id=chatbot_id,
        model_config_version_id=model_config_version_id,
        query=query,
        query_embedding=query_embedding,
        retrieved_chunk_ids=[hit.chunk_id for hit in found],
        retrieved_document_ids=[hit.document_id for hit in found],
        similarity_scores=[hit.score for hit in found],
        lexical_scores=[hit.lexical_score for hit in found],
        dense_scores=[hit.dense_score for hit in found],
        retrieval_threshold=threshold,
        retrieval_k=k,
        elapsed_ms=elapsed_ms,
        detailed_question=detailed_question,
        sub_questions=list(sub_questions),
        filter=None if filter is None else Jsonb(dict(filter)),
        degraded=degraded,
    )
    return id


def set_reranked(
    connection: Connection,
    organization_id: UUID,
    id: UUID,
    *,
    offered: Sequence[Found],
    scores: Sequence[float | None],
    elapsed_ms: float,
) -> None:
    """Say in which order a reranker had the passages offered, best first, and its score of each, None for none.

    A retrieval that was erased stays so.
    """
    run(
        connection, SQL["set_reranked"], organization_id=organization_id, id=id,
        document_ids=[hit.document_id for hit in offered], chunk_ids=[hit.chunk_id for hit in offered],
        scores=list(scores), elapsed_ms=elapsed_ms,
    )  # fmt: skip


def set_answer(connection: Connection, organization_id: UUID, id: UUID, *, session_id: UUID, message_id: UUID) -> None:
    """Say which answer the retrieval served."""
    send(
        connection, SQL["set_answer"], organization_id=organization_id, id=id,
        session_id=session_id, message_id=message_id,
    )  # fmt: skip


def find_for_message(connection: Connection, organization_id: UUID, message_id: UUID) -> RetrievalLog | None:
    """The retrieval that served an answer."""
    return find(
        connection, RetrievalLog, SQL["find_for_message"], organization_id=organization_id, message_id=message_id
    )


def hold(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Keep the retrieval from being erased until the transaction ends; False where it has been, with what it found."""
    return value(connection, SQL["hold"], organization_id=organization_id, id=id) is not None


def remove_of_documents(
    connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]
) -> list[UUID | None]:
    """Take away the retrievals that found one of these documents; for each the answer that it served, if any."""
    rows = connection.execute(
        SQL["remove_of_documents"], {"organization_id": organization_id, "document_ids": list(document_ids)}
    )
    return [row[0] for row in rows]


def remove(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> int:
    """Take retrievals away; how many they were."""
    return run(connection, SQL["remove"], organization_id=organization_id, ids=list(ids))
