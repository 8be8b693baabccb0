"""Retrieval: what a chatbot's configuration finds for a question. What serves is what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.bots import chatbots
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.conversations import ranking
from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.statements import Connection
from resources.knowledge import embedding_models
from resources.knowledge import search as knowledge_search
from resources.knowledge.records import Found

# Twice as many are fetched as are wanted, so that texts that stand in several documents leave room for others.
SPARE = 2


def search(
    database: Database,
    organization_id: UUID,
    *,
    chatbot: Chatbot,
    config: ModelConfigVersion,
    question: str,
    embedder: Embedder,
    k: int | None = None,
) -> list[Found]:
    """The passages that a chatbot would answer from, best first; `k` of them, or as many as its configuration says."""
    vector = embedder.embed([question])[0]
    with database.transaction(organization_id) as connection:
        source_ids = chatbots.select_source_ids(connection, organization_id, chatbot.id)
        return find_passages(
            connection, organization_id, config=config, question=question, vector=vector, embedder=embedder,
            source_ids=source_ids, k=k or config.retrieval_k, threshold=config.similarity_threshold,
        )  # fmt: skip


def find_passages(
    connection: Connection,
    organization_id: UUID,
    *,
    config: ModelConfigVersion,
    question: str,
    vector: Vectors,
    embedder: Embedder,
    source_ids: Sequence[UUID],
    k: int,
    threshold: float,
    max_documents: int | None = None,
) -> list[Found]:
    """At most k passages of these sources, of at most `max_documents` documents, no text twice, best first."""
    models = embedding_models.select_all(connection, organization_id)
    model = next((known for known in models if (known.name, known.version) == (embedder.name, embedder.version)), None)
    if model is None or not source_ids:
        return []
    if model.dimension != len(vector):
        raise Misconfigured(
            f"the embedding model {embedder.name} gives {len(vector)} numbers now, and the stored vectors have "
            f"{model.dimension}: set the model that made them, or configure the chatbot anew and sync"
        )
    found = knowledge_search.hybrid(
        connection, organization_id, question=question, vector=vector, recipe_name=config.preparation.rule.name,
        embedding_model_id=model.id, source_ids=list(source_ids), k=SPARE * k, lexical_weight=config.lexical_weight,
        threshold=threshold,
    )  # fmt: skip
    best = ranking.best(found, k=k)
    allowed = set(list(dict.fromkeys(hit.document_id for hit in best))[:max_documents])
    return [hit for hit in best if hit.document_id in allowed]
