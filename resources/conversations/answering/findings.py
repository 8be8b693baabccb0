"""Findings: what an answer may rest on, from the question as it is understood to the passages, and the log of it.

No connection is held while a model writes the question anew, embeds it or reranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

from resources.bots.agents import agent_file_types
from resources.bots.retrieval import advisers, ranking, retrieval
from resources.bots.retrieval.advisers import Understanding
from resources.bots.retrieval.retrieval import Order
from resources.conversations import retrieval_logs
from resources.conversations.answering import exchanges, numbering
from resources.conversations.answering.models import Models, serving_reranker
from resources.conversations.answering.plans import Plan
from resources.conversations.records import Passage
from resources.foundation import tracing
from resources.foundation.database import Database
from resources.foundation.inference import Embedder, Reranker, Usage, Vectors
from resources.foundation.statements import Connection
from resources.knowledge.records import Found
from resources.knowledge.search import filtering
from resources.knowledge.search.filtering import Filter


@dataclass(frozen=True)
class Finding:
    """Numbered passages, the retrieval's log, and `detailed`: the question as a model understood it, and when.

    `candidates`: all that was found, in the order of the search; `order`: as they were offered, before the first were
    taken and neighbours joined. `sub_questions`: what was searched for besides. `degraded`: why words alone were
    looked for, where the embedding model did not answer.
    """

    passages: tuple[Passage, ...] = ()
    log_id: UUID | None = None
    detailed: tuple[str, datetime] | None = None
    candidates: tuple[Found, ...] = ()
    order: Order | None = None
    sub_questions: tuple[str, ...] = ()
    degraded: str | None = None


@dataclass(frozen=True)
class _Search:
    """What is searched for, by which means: a vector for each of the questions, or None where words must do."""

    plan: Plan
    understood: Understanding
    vectors: Sequence[Vectors | None]
    embedder: Embedder
    reranker: Reranker | None
    degraded: str | None


def find(database: Database, plan: Plan, models: Models, *, is_logged: bool = True) -> Finding:
    """What the answer may rest on: nothing without a source.

    The search is logged in its own transaction, so that whoever erases a document meanwhile finds that it was found.
    `is_logged` False: of a trial, whose answer nobody keeps; what models took is paid all the same.
    """
    if not plan.source_ids:
        return Finding()
    with tracing.step("retrieve", gen_ai__operation__name="retrieval", millrace__passages=plan.config.retrieval_k):
        return _find(database, plan, models, is_logged=is_logged)


def _find(database: Database, plan: Plan, models: Models, *, is_logged: bool) -> Finding:
    embedder = models.embedder(plan.config.embedding_model)
    reranker = serving_reranker(models, retrieval.reranker_name(plan.config))
    understood = advisers.understood(
        plan.asked.question, plan.history, mode=plan.config.query_understanding,
        adviser=models.adviser(plan.config.llm_model),
    )  # fmt: skip
    understood_at = datetime.now(UTC)
    vectors, degraded = _vectors(embedder, understood)
    search = _Search(plan, understood, vectors, embedder, reranker, degraded)
    started = perf_counter()
    # the answer is committed later and lastingly, and the log with it; what was paid for is not to be lost even so
    exchange = database.exchange(plan.organization_id, is_lasting=understood.usage is not None)
    with tracing.step("search"), exchange as connection:
        filter = plan.asked.filter & filtering.of_file_types(
            agent_file_types.select_names(connection, plan.organization_id, plan.route.agent.id)
        )
        candidates = _candidates(connection, search, filter)
        found = candidates if reranker else _offered(plan, candidates)
        log_id = None
        if is_logged:
            log_id = retrieval_logs.create(
                connection, plan.organization_id, chatbot_id=plan.chatbot.id, model_config_version_id=plan.config.id,
                query=plan.asked.question, query_embedding=search.vectors[0], found=found, threshold=plan.threshold,
                k=plan.config.retrieval_k, elapsed_ms=1000 * (perf_counter() - started),
                detailed_question=understood.question if understood.is_asked else None,
                sub_questions=understood.parts, filter=filter.wanted, degraded=degraded,
            )  # fmt: skip
        if understood.usage is not None:
            exchanges.pay(connection, plan.organization_id, plan.config.llm_model, understood.usage)
        if reranker is None:
            # nothing is waited for between the search and what its passages say together
            passages = retrieval.joined_within(connection, plan.organization_id, found)
            return _finding(search, log_id, understood_at, found, retrieval.Order(tuple(candidates)), passages)
    with tracing.step("rerank", gen_ai__request__model=reranker.name):
        order = retrieval.ordered(understood.question, candidates, reranker)
    offered = _offered(plan, order.passages)
    with database.exchange(plan.organization_id) as connection:
        if order.is_reranked:
            if log_id is not None:
                retrieval_logs.set_reranked(
                    connection, plan.organization_id, log_id, offered=offered, scores=_scores(order, offered),
                    elapsed_ms=1000 * (perf_counter() - started),
                )  # fmt: skip
            _pay_reranker(connection, plan, order.usage)
        passages = retrieval.joined_within(connection, plan.organization_id, offered)
    return _finding(search, log_id, understood_at, found, order, passages)


def _finding(
    search: _Search,
    log_id: UUID | None,
    understood_at: datetime,
    found: Sequence[Found],
    order: Order,
    passages: Sequence[Found],
) -> Finding:
    understood = search.understood
    return Finding(
        numbering.numbered(passages), log_id, (understood.question, understood_at) if understood.is_asked else None,
        tuple(found), order, understood.parts, search.degraded,
    )  # fmt: skip


def _vectors(embedder: Embedder, understood: Understanding) -> tuple[Sequence[Vectors | None], str | None]:
    with tracing.step(
        f"embeddings {embedder.name}", "client",
        gen_ai__operation__name="embeddings", gen_ai__request__model=embedder.name,
    ):  # fmt: skip
        return retrieval.embedded(embedder, list(understood.questions))


def _candidates(connection: Connection, search: _Search, filter: Filter) -> list[Found]:
    """What the search gives for each of the questions, as one order."""
    plan, config = search.plan, search.plan.config
    return retrieval.find_for_all(
        connection, plan.organization_id, config=config, questions=search.understood.questions, vectors=search.vectors,
        embedder=search.embedder, source_ids=plan.source_ids, threshold=plan.threshold, filter=filter,
        k=retrieval.depth(config.retrieval_k, search.reranker, config.max_per_document),
    )  # fmt: skip


def _offered(plan: Plan, found: Sequence[Found]) -> list[Found]:
    first = ranking.best(found, k=plan.config.retrieval_k, most_per_document=plan.config.max_per_document)
    return ranking.of_first_documents(first, plan.route.agent.max_documents)


def _scores(order: Order, offered: Sequence[Found]) -> list[float | None]:
    """The reranker's score of each passage that is offered."""
    known = dict(zip([hit.chunk_id for hit in order.passages[: len(order.scores)]], order.scores, strict=True))
    return [known.get(hit.chunk_id) for hit in offered]


def _pay_reranker(connection: Connection, plan: Plan, usage: Usage | None) -> None:
    """What the reranker took, told to the budget, where it says what that was."""
    name = retrieval.reranker_name(plan.config)
    if usage is not None and name is not None:
        exchanges.pay(connection, plan.organization_id, name.partition(":")[2], usage)
