"""How well the search that serves finds what it should: asked of an evaluation set, kept as a run with its scores."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots import chatbots
from resources.bots.evaluation import comparing, evaluation_results, evaluation_runs, evaluation_scores, scoring
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import EvaluationJudgment, EvaluationQuery, Measurement, ModelConfigVersion, Split
from resources.bots.retrieval import advisers, retrieval
from resources.bots.retrieval.advisers import Adviser
from resources.bots.retrieval.retrieval import Order
from resources.foundation.database import Database
from resources.foundation.errors import Misconfigured, Missing
from resources.foundation.inference import Embedder, Reranker, Vectors
from resources.knowledge.chunks import embedding_models
from resources.knowledge.records import Found
from resources.knowledge.search.search import DEPTH

Progress = Callable[[str, int, int], None]
BATCH = 256


@dataclass(frozen=True)
class _Examination:
    """What is asked, of what, by which means, and what is known."""

    config: ModelConfigVersion
    embedder: Embedder
    reranker: Reranker | None
    adviser: Adviser | None
    queries: Sequence[EvaluationQuery]
    judgments: dict[UUID, list[EvaluationJudgment]]
    source_ids: list[UUID]


def measure(
    database: Database,
    organization_id: UUID,
    evaluation_set_id: UUID,
    config: ModelConfigVersion,
    *,
    embedder: Embedder,
    reranker: Reranker | None = None,
    adviser: Adviser | None = None,
    run_id: str | None = None,
    keeps_results: bool = False,
    split: Split = "report",
    progress: Progress | None = None,
) -> Measurement:
    """Ask every judged question by a configuration, and keep the scores; with `keeps_results` of each question too.

    Only questions that somebody accepted are asked, of one split: `tune` is for choosing values by, never to report.
    Those that the documents are known not to answer are asked too: `found` and `refused` tell of both kinds.

    The steps are those that serve (retrieval.py), with all 200 chunks that the search gives instead of the first k;
    each text counts once, and each document stands where its best chunk does. Nothing was said before a question, so
    that `adviser` is asked only where the configuration parts questions. Times are of the search, the reranking and
    that asking, without embedding the question. Where a reranker fails the order of the search is measured, as it is
    served, and the metric `reranked` is the share of questions where it did not. A transaction for each question; none
    is held while a model works. Raises Missing where there is nothing to ask or nothing embedded, Misconfigured where
    `reranker` is not the configuration's, or an `adviser` is lacking.
    """
    tell = progress or (lambda _stage, _done, _total: None)
    examination = _examine(database, organization_id, evaluation_set_id, config, embedder, reranker, adviser, split)
    started = time.perf_counter()
    outcomes: list[scoring.Outcome] = []
    for first in range(0, len(examination.queries), BATCH):
        batch = examination.queries[first : first + BATCH]
        vectors = embedder.embed([query.question for query in batch])
        for query, vector in zip(batch, vectors, strict=True):
            outcomes.append(_ask(database, organization_id, examination, query, vector))
        tell("asking", len(outcomes), len(examination.queries))
    elapsed_ms = (time.perf_counter() - started) * 1000
    scores = scoring.scores(outcomes)
    results = comparing.results(outcomes) if keeps_results else []
    with database.transaction(organization_id) as connection:
        run = evaluation_runs.create(
            connection, organization_id, evaluation_set_id=evaluation_set_id, model_config_version_id=config.id,
            queries=len(outcomes), elapsed_ms=elapsed_ms, dagster_run_id=run_id, split=split,
        )  # fmt: skip
        evaluation_scores.create(connection, organization_id, run.id, scores)
        if keeps_results:
            evaluation_results.create(connection, organization_id, run.id, results)
    return Measurement(run, scores)


def ranked(
    database: Database,
    organization_id: UUID,
    config: ModelConfigVersion,
    *,
    question: str,
    vector: Vectors,
    embedder: Embedder,
    reranker: Reranker | None,
    adviser: Adviser | None,
    source_ids: Sequence[UUID],
) -> Order:
    """All passages that a configuration finds for a question, in the order in which it would offer them.

    What models took for it is booked. Raises Misconfigured where the configuration parts questions and there is no
    `adviser` to do so.
    """
    if config.query_understanding == "subquestions" and adviser is None:
        raise Misconfigured(
            f"configuration {config.number} has {config.llm_model} part questions: it cannot be measured without"
        )
    understood = advisers.understood(question, (), mode=config.query_understanding, adviser=adviser)
    asked = understood.questions
    vectors = [vector] if asked == (question,) else embedder.embed(list(asked))
    with database.transaction(organization_id) as connection:
        # as many as are fetched for serving, so that scores are stretched over the same candidates
        candidates = retrieval.find_for_all(
            connection, organization_id, config=config, questions=asked, vectors=vectors, embedder=embedder,
            source_ids=source_ids, k=DEPTH, threshold=config.similarity_threshold,
            fetch=max(DEPTH, retrieval.SPARE * config.retrieval_k),
        )  # fmt: skip
    order = retrieval.ordered(understood.question, candidates, reranker)
    taken = [(config.llm_model, understood.usage), (retrieval.reranker_model(reranker), order.usage)]
    retrieval.pay(database, organization_id, taken, kind="questions")
    return order


def _examine(
    database: Database,
    organization_id: UUID,
    evaluation_set_id: UUID,
    config: ModelConfigVersion,
    embedder: Embedder,
    reranker: Reranker | None,
    adviser: Adviser | None,
    split: Split,
) -> _Examination:
    name = retrieval.reranker_name(config)
    if name != (reranker.name if reranker else None):
        raise Misconfigured(f"the configuration serves with reranker {name or 'none'}: it cannot be measured without")
    with database.transaction(organization_id) as connection:
        chosen = evaluation_sets.get(connection, organization_id, evaluation_set_id)
        queries = evaluation_queries.select_all(connection, organization_id, evaluation_set_id)
        known = evaluation_judgments.select_all(connection, organization_id, evaluation_set_id)
        source_ids = chatbots.select_source_ids(connection, organization_id, config.chatbot_id)
        models = embedding_models.select_all(connection, organization_id)
    judgments: dict[UUID, list[EvaluationJudgment]] = defaultdict(list)
    for judgment in known:
        judgments[judgment.evaluation_query_id].append(judgment)
    of_split = [query for query in queries if query.state == "accepted" and query.split == split]
    asked = [query for query in of_split if query.id in judgments or not query.is_answerable]
    if not any(query.id in judgments for query in asked):
        raise Missing(_nothing_to_ask(chosen.name, split, sum(query.state == "proposed" for query in queries)))
    if (embedder.name, embedder.version) not in {(model.name, model.version) for model in models}:
        raise Missing(f"nothing is embedded by {embedder.name} ({embedder.version}) in this organization: sync first")
    return _Examination(config, embedder, reranker, adviser, asked, judgments, source_ids)


def _passages(found: Sequence[Found]) -> list[scoring.Passage]:
    return [scoring.Passage(str(hit.document_id), hit.start_char, hit.content) for hit in found]


def _nothing_to_ask(name: str, split: Split, proposed: int) -> str:
    remedy = "load some with 'millrace questions import'"
    if proposed:
        remedy = f"{proposed:,} wait for a word in 'millrace questions review'"
    return f"evaluation set {name!r} has no question with a judgment to {split} by: {remedy}"


def _ask(
    database: Database, organization_id: UUID, examination: _Examination, query: EvaluationQuery, vector: Vectors
) -> scoring.Outcome:
    own = examination.source_ids if query.data_source_id is None else [query.data_source_id]
    started = time.perf_counter()
    order = ranked(
        database, organization_id, examination.config, question=query.question, vector=vector,
        embedder=examination.embedder, reranker=examination.reranker, adviser=examination.adviser,
        source_ids=own,
    )  # fmt: skip
    elapsed_ms = (time.perf_counter() - started) * 1000
    config = examination.config
    offered = retrieval.joined(database, organization_id, retrieval.first(order, config.retrieval_k, config))
    known = examination.judgments.get(query.id, [])
    grades: dict[str, int] = {}
    for judgment in known:
        grades[str(judgment.document_id)] = max(judgment.grade, grades.get(str(judgment.document_id), 0))
    return scoring.Outcome(
        query=str(query.id),
        slice=query.slice,
        passages=_passages(retrieval.first(order, len(order.passages), config)),
        offered=_passages(offered),
        grades=grades,
        spans=[
            scoring.Span(str(one.document_id), one.quote, one.start_char) for one in known if one.quote and one.grade
        ],
        elapsed_ms=elapsed_ms,
        is_answerable=query.is_answerable,
        is_reranked=None if examination.reranker is None else order.failure is None,
    )
