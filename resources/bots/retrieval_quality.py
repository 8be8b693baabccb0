"""How well the search that serves finds what it should: asked of an evaluation set, kept as a run with its scores."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots import (
    chatbots,
    evaluation_judgments,
    evaluation_queries,
    evaluation_runs,
    evaluation_scores,
    evaluation_sets,
    scoring,
)
from resources.bots.records import EvaluationJudgment, EvaluationQuery, Measurement, ModelConfigVersion
from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.foundation.inference import Embedder, Vectors
from resources.knowledge import embedding_models, search

Progress = Callable[[str, int, int], None]
DEPTH = 200
BATCH = 256


@dataclass(frozen=True)
class _Examination:
    """What is asked, of what, and what is known."""

    queries: Sequence[EvaluationQuery]
    judgments: dict[UUID, list[EvaluationJudgment]]
    source_ids: list[UUID]
    embedding_model_id: UUID


def measure(
    database: Database,
    organization_id: UUID,
    evaluation_set_id: UUID,
    config: ModelConfigVersion,
    *,
    embedder: Embedder,
    run_id: str | None = None,
    progress: Progress | None = None,
) -> Measurement:
    """Ask every judged question by a configuration, and keep the scores.

    The search is the one that serves, with its k raised to 200 chunks (which does not change their order), of which
    up to 100 documents count: each stands where its best chunk does. Times are of the search alone, without embedding
    the question. A transaction for each question; none is held while the embedder works. Raises Missing where there
    is nothing to ask or nothing embedded.
    """
    tell = progress or (lambda _stage, _done, _total: None)
    examination = _examine(database, organization_id, evaluation_set_id, config, embedder)
    started = time.perf_counter()
    outcomes: list[scoring.Outcome] = []
    for first in range(0, len(examination.queries), BATCH):
        batch = examination.queries[first : first + BATCH]
        vectors = embedder.embed([query.question for query in batch])
        for query, vector in zip(batch, vectors, strict=True):
            outcomes.append(_ask(database, organization_id, config, examination, query, vector))
        tell("asking", len(outcomes), len(examination.queries))
    elapsed_ms = (time.perf_counter() - started) * 1000
    scores = scoring.scores(outcomes)
    with database.transaction(organization_id) as connection:
        run = evaluation_runs.create(
            connection, organization_id, evaluation_set_id=evaluation_set_id, model_config_version_id=config.id,
            queries=len(outcomes), elapsed_ms=elapsed_ms, dagster_run_id=run_id,
        )  # fmt: skip
        evaluation_scores.create(connection, organization_id, run.id, scores)
    return Measurement(run, scores)


def _examine(
    database: Database, organization_id: UUID, evaluation_set_id: UUID, config: ModelConfigVersion, embedder: Embedder
) -> _Examination:
    with database.transaction(organization_id) as connection:
        chosen = evaluation_sets.get(connection, organization_id, evaluation_set_id)
        queries = evaluation_queries.select_all(connection, organization_id, evaluation_set_id)
        known = evaluation_judgments.select_all(connection, organization_id, evaluation_set_id)
        source_ids = chatbots.select_source_ids(connection, organization_id, config.chatbot_id)
        models = embedding_models.select_all(connection, organization_id)
    model = next((one for one in models if (one.name, one.version) == (embedder.name, embedder.version)), None)
    judgments: dict[UUID, list[EvaluationJudgment]] = defaultdict(list)
    for judgment in known:
        judgments[judgment.evaluation_query_id].append(judgment)
    asked = [query for query in queries if query.id in judgments]
    if not asked:
        raise Missing(f"evaluation set {chosen.name!r} has no question with a judgment: load some")
    if model is None:
        raise Missing(f"nothing is embedded by {embedder.name} ({embedder.version}) in this organization: sync first")
    return _Examination(asked, judgments, source_ids, model.id)


def _ask(
    database: Database,
    organization_id: UUID,
    config: ModelConfigVersion,
    examination: _Examination,
    query: EvaluationQuery,
    vector: Vectors,
) -> scoring.Outcome:
    own = examination.source_ids if query.data_source_id is None else [query.data_source_id]
    with database.transaction(organization_id) as connection:
        started = time.perf_counter()
        found = search.hybrid(
            connection, organization_id, question=query.question, vector=vector,
            recipe_name=config.preparation.rule.name, embedding_model_id=examination.embedding_model_id,
            source_ids=own, k=DEPTH, lexical_weight=config.lexical_weight, threshold=config.similarity_threshold,
        )  # fmt: skip
        elapsed_ms = (time.perf_counter() - started) * 1000
    known = examination.judgments[query.id]
    grades: dict[str, int] = {}
    for judgment in known:
        grades[str(judgment.document_id)] = max(judgment.grade, grades.get(str(judgment.document_id), 0))
    return scoring.Outcome(
        query=str(query.id),
        slice=query.slice,
        passages=[scoring.Passage(str(hit.document_id), hit.start_char, hit.content) for hit in found],
        grades=grades,
        spans=[
            scoring.Span(str(one.document_id), one.quote, one.start_char) for one in known if one.quote and one.grade
        ],
        elapsed_ms=elapsed_ms,
    )
