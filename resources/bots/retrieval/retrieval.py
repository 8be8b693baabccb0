"""Retrieval: what a chatbot's configuration finds for a question, in steps that serving and measuring share.

candidates = find_candidates(connection, …)        in a transaction: the filter, the search, no text twice
order = ordered(question, candidates, reranker)    in none: a reranker may think for seconds
offered = first(order, k, config)                  not too many of one document
offered = joined(database, …, offered)             neighbours as one passage, for who reads them
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from resources.bots import chatbots
from resources.bots.records import Chatbot, ModelConfigVersion
from resources.bots.retrieval import ranking, topicality
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError, Misconfigured, Unavailable
from resources.foundation.inference import Embedder, Reranker, Usage, Vectors
from resources.foundation.rerankers import LLM, NONE
from resources.foundation.statements import Connection
from resources.identity import expenses
from resources.knowledge.chunks import embedding_models
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.documents import document_versions
from resources.knowledge.records import Found
from resources.knowledge.search import search as knowledge_search
from resources.knowledge.search.filtering import EVERYTHING, Filter

logger = logging.getLogger(__name__)

# Twice as many are fetched as are wanted, so that texts that stand in several documents leave room for others.
SPARE = 2
# A reranker judges so many; those below them stay where the search put them.
RERANK_DEPTH = 50


@dataclass(frozen=True)
class Order:
    """Candidates in the order in which they are offered.

    `scores` are the reranker's, of the first of `passages`; none where nothing was reranked. `failure` says why not,
    where a reranker was asked in vain; the order is the search's then.
    """

    passages: tuple[Found, ...]
    scores: tuple[float, ...] = ()
    failure: str | None = None
    usage: Usage | None = None

    @property
    def is_reranked(self) -> bool:
        """Whether a reranker decided."""
        return bool(self.scores)


@dataclass(frozen=True)
class Retrieval:
    """What was found: `candidates` as the search orders them, `offered` as a question is answered from them.

    `degraded`: why words alone were looked for, where the embedding model did not answer.
    """

    candidates: tuple[Found, ...]
    offered: tuple[Found, ...]
    order: Order
    degraded: str | None = None


def reranker_name(config: ModelConfigVersion) -> str | None:
    """The reranker of a configuration, None where it has none; `llm` alone is the model that answers."""
    if config.reranker_model in (None, NONE):
        return None
    return f"{LLM}:{config.llm_model}" if config.reranker_model == LLM else config.reranker_model


def reranker_model(reranker: Reranker | None) -> str | None:
    """The model that a reranker asks, by the name that its price is known by."""
    return None if reranker is None else reranker.name.partition(":")[2]


def depth(k: int, reranker: Reranker | None, most_per_document: int | None = None) -> int:
    """How many candidates are wanted where k passages are."""
    if most_per_document is not None:
        return max(k, knowledge_search.DEPTH)
    return k if reranker is None else max(k, RERANK_DEPTH)


def search(
    database: Database,
    organization_id: UUID,
    *,
    chatbot: Chatbot,
    config: ModelConfigVersion,
    question: str,
    embedder: Embedder,
    reranker: Reranker | None = None,
    k: int | None = None,
    filter: Filter = EVERYTHING,
) -> Retrieval:
    """What a chatbot would answer from, best first; `k` passages, or as many as its configuration says.

    Of documents that the filter lets through alone. Neighbours stay apart, so that there are k; an answer joins them.
    """
    wanted = k or config.retrieval_k
    vectors, degraded = embedded(embedder, [question])
    with database.transaction(organization_id) as connection:
        source_ids = chatbots.select_source_ids(connection, organization_id, chatbot.id)
        candidates = find_candidates(
            connection, organization_id, config=config, question=question, vector=vectors[0], embedder=embedder,
            source_ids=source_ids, k=depth(wanted, reranker, config.max_per_document),
            threshold=config.similarity_threshold, filter=filter,
        )  # fmt: skip
    order = ordered(question, candidates, reranker)
    pay(database, organization_id, [(reranker_model(reranker), order.usage)])
    return Retrieval(tuple(candidates), tuple(first(order, wanted, config)), order, degraded)


def embedded(embedder: Embedder, questions: Sequence[str]) -> tuple[Sequence[Vectors | None], str | None]:
    """A vector for each question. Where the model does not answer, None for each, and a sentence that says why.

    Whoever searches finds less by words alone than by both, and more than by nothing. Raises RefusedTexts.
    """
    try:
        return list(embedder.embed(questions)), None
    except (Unavailable, Misconfigured) as error:
        logger.warning("words alone are looked for, since %s embeds nothing: %s", embedder.name, error)
        away = "did not answer" if isinstance(error, Unavailable) else "cannot be asked as it is set up"
        return [None] * len(questions), f"The embedding model {embedder.name} {away}: words alone were looked for."


def find_candidates(
    connection: Connection,
    organization_id: UUID,
    *,
    config: ModelConfigVersion,
    question: str,
    vector: Vectors | None,
    embedder: Embedder,
    source_ids: Sequence[UUID],
    k: int,
    threshold: float,
    fetch: int | None = None,
    filter: Filter = EVERYTHING,
) -> list[Found]:
    """At most k passages of these sources, no text twice, in the order of the search, which gives `fetch` or 2 k.

    Of documents that the filter lets through alone. Where repetitions leave fewer than k, the search is asked for all
    that it can give. None for a question that is off topic by the configuration (topicality.py). By words alone where
    there is no vector.
    """
    models = embedding_models.select_all(connection, organization_id)
    model = next((known for known in models if (known.name, known.version) == (embedder.name, embedder.version)), None)
    if not source_ids or (model is None and vector is not None):
        return []
    if model is not None and vector is not None and model.dimension != len(vector):
        raise Misconfigured(
            f"the embedding model {embedder.name} gives {len(vector)} numbers now, and the stored vectors have "
            f"{model.dimension}: set the model that made them, or configure the chatbot anew and sync"
        )
    look = partial(
        knowledge_search.hybrid, connection, organization_id, question=question, vector=vector,
        recipe_name=config.preparation.rule.name, source_ids=list(source_ids), filter=filter,
        embedding_model_id=None if vector is None or model is None else model.id,
        lexical_weight=1.0 if vector is None else config.lexical_weight,
        threshold=0.0 if vector is None else threshold,
        is_steady=embedder.name in knowledge_search.STEADY_MODELS,
    )  # fmt: skip
    asked = fetch or SPARE * k
    found = look(k=asked)
    if topicality.is_off_topic(
        connection, organization_id, question=question, recipe_name=config.preparation.rule.name,
        source_ids=source_ids, filter=filter, found=found, threshold=config.off_topic_threshold,
    ):  # fmt: skip
        return []
    best = ranking.distinct(found, k=k)
    if len(best) < k and len(found) == asked < knowledge_search.DEPTH:
        best = ranking.distinct(look(k=knowledge_search.DEPTH), k=k)
    return best


def find_for_all(
    connection: Connection,
    organization_id: UUID,
    *,
    config: ModelConfigVersion,
    questions: Sequence[str],
    vectors: Sequence[Vectors | None] | Vectors,
    embedder: Embedder,
    source_ids: Sequence[UUID],
    k: int,
    threshold: float,
    fetch: int | None = None,
    filter: Filter = EVERYTHING,
) -> list[Found]:
    """At most k passages for several questions together, with a vector for each, as one order: as for one alone."""
    rankings = [
        find_candidates(
            connection, organization_id, config=config, question=question, vector=vector, embedder=embedder,
            source_ids=source_ids, k=k, threshold=threshold, fetch=fetch, filter=filter,
        )
        for question, vector in zip(questions, vectors, strict=True)
    ]  # fmt: skip
    return rankings[0] if len(rankings) == 1 else ranking.fused(rankings, k=k)


def first(order: Order, k: int, config: ModelConfigVersion) -> list[Found]:
    """The k passages that are offered: the first ones, not too many of one document where the configuration says so."""
    return ranking.best(order.passages, k=k, most_per_document=config.max_per_document)


def joined(database: Database, organization_id: UUID, offered: Sequence[Found]) -> list[Found]:
    """As `joined_within`, in a transaction of its own."""
    if not ranking.neighbours(offered):
        return list(offered)
    with database.transaction(organization_id) as connection:
        return joined_within(connection, organization_id, offered)


def joined_within(connection: Connection, organization_id: UUID, offered: Sequence[Found]) -> list[Found]:
    """The passages, those that stand beside each other as one, with the text between them."""
    groups = ranking.neighbours(offered)
    if not groups:
        return list(offered)
    places = [
        (group[0].document_version_id, group[0].start_char, max(one.end_char for one in group)) for group in groups
    ]
    texts = document_versions.select_parts(connection, organization_id, places)
    # a version that was erased meanwhile has no text: what was found of it is not told anew
    known = [(group, text) for group, text in zip(groups, texts, strict=True) if text is not None]
    return ranking.joined(offered, known)


def pay(
    database: Database,
    organization_id: UUID,
    taken: Sequence[tuple[str | None, Usage | None]],
    *,
    kind: expenses.Kind = "answer",
) -> None:
    """Book what models took, where they said so; a transaction of its own."""
    known = [(model, usage) for model, usage in taken if model is not None and usage is not None]
    if known:
        with database.transaction(organization_id) as connection:
            for model, usage in known:
                expenses.pay(connection, organization_id, model, usage, kind=kind)


def ordered(question: str, candidates: Sequence[Found], reranker: Reranker | None) -> Order:
    """The candidates as a reranker orders the first 50 of them; as they are without one, and where it fails.

    No candidate is lost and none comes twice. Call it outside of any transaction.
    """
    if reranker is None or len(candidates) < 2:
        return Order(tuple(candidates))
    judged, rest = candidates[:RERANK_DEPTH], candidates[RERANK_DEPTH:]
    texts = [contextual(hit.title, hit.section_title, hit.content) for hit in judged]
    try:
        verdict = reranker.rank(question, texts)
    except MillraceError as error:
        logger.warning("%s did not judge what was found, and the order of the search serves: %s", reranker.name, error)
        return Order(tuple(candidates), failure=str(error))
    best = ranking.best(judged, k=len(judged), scores=verdict.scores)
    scores = tuple(sorted(verdict.scores, reverse=True))
    return Order((*best, *rest), scores, usage=verdict.usage)
