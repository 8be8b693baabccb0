"""Trials: the same questions asked by a configuration and by the active one, and what is known of the difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.bots.configurations import model_config_versions
from resources.bots.evaluation import comparing, evaluation_results, retrieval_quality, version_comparisons
from resources.bots.question_sets import evaluation_sets
from resources.bots.records import Comparison, EvaluationResult, ModelConfigVersion, VersionComparison
from resources.bots.retrieval import retrieval
from resources.bots.retrieval.advisers import Adviser
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing
from resources.foundation.inference import Embedder, Reranker

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Openers:
    """What opens models by their names."""

    embedder: Callable[[str], Embedder]
    reranker: Callable[[str | None], Reranker | None]
    adviser: Callable[[str], Adviser | None] = lambda _: None


@dataclass(frozen=True)
class Trial:
    """Two versions on the chatbot's questions. `comparisons`: over all sets together first, then by set."""

    baseline: ModelConfigVersion
    candidate: ModelConfigVersion
    comparisons: Sequence[VersionComparison]


def evaluate(
    database: Database, organization_id: UUID, version_id: UUID, *, openers: Openers, progress: Progress
) -> Trial:
    """Ask every judged question of the chatbot's sets by the active version and by this one; keep how they differ.

    Questions are asked that somebody accepted, of the split that reports: none that values were chosen by.
    Both are measured now, so that both are asked of the same documents. Raises Missing where there is no question to
    ask, Conflict for a draft and for the active version itself.
    """
    with database.transaction(organization_id) as connection:
        candidate = model_config_versions.get(connection, organization_id, version_id)
        baseline = model_config_versions.get_active(connection, organization_id, candidate.chatbot_id)
        judged = evaluation_sets.select_judged(connection, organization_id, candidate.chatbot_id)
    require_comparable(baseline, candidate)
    if not judged:
        raise Missing(
            "the chatbot has no accepted question with a document that is known to answer: bring some in with "
            f"'millrace questions import', or activate configuration {candidate.number} with --unmeasured"
        )
    pairs: list[tuple[UUID, list[EvaluationResult], list[EvaluationResult]]] = []
    for set_id in judged:
        before = _asked(database, organization_id, set_id, baseline, openers, progress)
        after = _asked(database, organization_id, set_id, candidate, openers, progress)
        pairs.append((set_id, before, after))
    found: list[tuple[UUID | None, Comparison]] = [
        (None, comparison)
        for comparison in comparing.compare(
            [result for _, before, _ in pairs for result in before],
            [result for _, _, after in pairs for result in after],
        )
    ]
    found += [
        (set_id, comparison) for set_id, before, after in pairs for comparison in comparing.compare(before, after)
    ]  # fmt: skip
    with database.transaction(organization_id) as connection:
        version_comparisons.create(
            connection, organization_id, baseline_id=baseline.id, candidate_id=candidate.id, found=found
        )
        model_config_versions.set_evaluated(connection, organization_id, candidate)
        return Trial(
            baseline, model_config_versions.get(connection, organization_id, candidate.id),
            version_comparisons.select_latest(
                connection, organization_id, baseline_id=baseline.id, candidate_id=candidate.id
            ),
        )  # fmt: skip


def require_comparable(baseline: ModelConfigVersion, candidate: ModelConfigVersion) -> None:
    """Raise Conflict unless the candidate is built, and is not the active version itself."""
    if candidate.active or baseline.id == candidate.id:
        raise Conflict(f"configuration {candidate.number} is the active one: it is compared with itself by nobody")
    if candidate.status == "draft" or candidate.built_at is None:
        raise Conflict(f"configuration {candidate.number} is not built: 'millrace config build {candidate.number}'")


def _asked(
    database: Database,
    organization_id: UUID,
    set_id: UUID,
    version: ModelConfigVersion,
    openers: Openers,
    progress: Progress,
) -> list[EvaluationResult]:
    measurement = retrieval_quality.measure(
        database, organization_id, set_id, version, embedder=openers.embedder(version.embedding_model),
        reranker=openers.reranker(retrieval.reranker_name(version)), adviser=openers.adviser(version.llm_model),
        keeps_results=True,
        progress=lambda stage, done, total: progress(f"configuration {version.number}: {stage}", done, total),
    )  # fmt: skip
    with database.transaction(organization_id) as connection:
        return evaluation_results.select_all(connection, organization_id, measurement.run.id)
