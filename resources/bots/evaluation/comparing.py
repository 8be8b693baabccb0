"""Compare what two versions found for the same questions. Pure: results in, differences out.

Intervals of a mean difference are percentile bootstraps over the questions (Efron and Tibshirani 1993). Significance is
Fisher's paired randomisation test: the share of random signs of the differences whose mean is at least as large, as
Smucker, Allan and Carterette (CIKM 2007) recommend for retrieval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy
from numpy.typing import NDArray

from resources.bots.evaluation import scoring
from resources.bots.evaluation.scoring import Outcome
from resources.bots.records import Comparison, EvaluationResult, UnjudgedComparison

METRICS = ("ndcg_at_10", "recall_at_10", "mrr_at_10")
DECISIVE = "ndcg_at_10"
FEWEST = 10
"""Of fewer questions no interval is told: a bootstrap of so few would look surer than it is."""

_DEPTH = 10
_RANKS = 100
_PERMUTATIONS = 10_000
_EQUAL = 1e-9


def results(outcomes: Sequence[Outcome]) -> list[EvaluationResult]:
    """What retrieval did with each question, as it is kept."""
    values = scoring.per_query(outcomes)
    return [_result(outcome, {metric: values[metric].get(outcome.query) for metric in METRICS}) for outcome in outcomes]


def compare(baseline: Sequence[EvaluationResult], candidate: Sequence[EvaluationResult]) -> list[Comparison]:
    """How the candidate differs from the baseline in each metric, over the questions that both were asked."""
    by_query = {result.evaluation_query_id: result for result in candidate}
    pairs = [
        (one, by_query[one.evaluation_query_id]) for one in baseline if one.evaluation_query_id in by_query
    ]  # fmt: skip
    overlaps = [overlap for one, other in pairs if (overlap := _overlap(one, other)) is not None]
    moved = sum(list(one.document_ids) != list(other.document_ids) for one, other in pairs)
    shared = float(numpy.mean(overlaps)) if overlaps else None
    return [_compared(metric, pairs, moved, shared) for metric in METRICS]


def compare_unjudged(
    baseline: Sequence[Sequence[UUID]], candidate: Sequence[Sequence[UUID]], *, depth: int = _DEPTH
) -> UnjudgedComparison:
    """How two versions differ on questions of which nobody knows the answer: the documents of each, best first.

    Only the first `depth` documents count. A question for which neither finds anything has no overlap; one without a
    document that both found has no move.
    """
    pairs = [
        (list(before[:depth]), list(after[:depth])) for before, after in zip(baseline, candidate, strict=True)
    ]  # fmt: skip
    overlaps = [
        len(set(before) & set(after)) / max(len(before), len(after)) for before, after in pairs if before or after
    ]
    moves = [_moves(before, after) for before, after in pairs if set(before) & set(after)]
    overlap_low, overlap_high = _interval(overlaps)
    move_low, move_high = _interval(moves)
    return UnjudgedComparison(
        asked=len(pairs), depth=depth,
        overlap=_mean(overlaps), overlap_low=overlap_low, overlap_high=overlap_high, overlapping=len(overlaps),
        first_changed=sum(before[:1] != after[:1] for before, after in pairs),
        moved=sum(before != after for before, after in pairs),
        mean_move=_mean(moves), mean_move_low=move_low, mean_move_high=move_high,
        both_found=sum(bool(before and after) for before, after in pairs),
        won=sum(bool(after and not before) for before, after in pairs),
        lost=sum(bool(before and not after) for before, after in pairs),
        neither_found=sum(not (before or after) for before, after in pairs),
    )  # fmt: skip


def significance(differences: Sequence[float]) -> float | None:
    """How often random signs give a mean at least as far from 0 as these have; None for no differences."""
    if not differences:
        return None
    sample = numpy.asarray(differences, dtype=numpy.float64)
    random = numpy.random.default_rng(scoring.SEED)
    observed = abs(float(sample.sum()))
    at_once = max(1, 2_000_000 // len(sample))
    as_large = 0
    for done in range(0, _PERMUTATIONS, at_once):
        signs = random.choice(numpy.array([-1.0, 1.0]), size=(min(at_once, _PERMUTATIONS - done), len(sample)))
        as_large += int(numpy.count_nonzero(numpy.abs(_sums(signs, sample)) >= observed - _EQUAL))
    return (as_large + 1) / (_PERMUTATIONS + 1)


def _sums(signs: NDArray[numpy.float64], sample: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
    return signs @ sample


def _compared(
    metric: str, pairs: Sequence[tuple[EvaluationResult, EvaluationResult]], moved: int, shared: float | None
) -> Comparison:
    defined = [
        (before, after)
        for one, other in pairs
        if (before := getattr(one, metric)) is not None and (after := getattr(other, metric)) is not None
    ]
    differences = [after - before for before, after in defined]
    low, high = _interval(differences)
    return Comparison(
        metric=metric, queries=len(defined),
        baseline_value=_mean([before for before, _ in defined]), candidate_value=_mean([after for _, after in defined]),
        difference=_mean(differences), low=low, high=high, p_value=significance(differences),
        won=sum(difference > _EQUAL for difference in differences),
        lost=sum(difference < -_EQUAL for difference in differences),
        compared=len(pairs), moved=moved, overlap_at_10=shared,
    )  # fmt: skip


def _result(outcome: Outcome, values: Mapping[str, float | None]) -> EvaluationResult:
    ranking = scoring.ranking(outcome.passages)[:_RANKS]
    right = (place for place, document in enumerate(ranking, start=1) if outcome.grades.get(document, 0) > 0)
    return EvaluationResult(
        UUID(outcome.query), [UUID(document) for document in ranking[:_DEPTH]], next(right, None),
        values["ndcg_at_10"], values["recall_at_10"], values["mrr_at_10"],
    )  # fmt: skip


def _overlap(one: EvaluationResult, other: EvaluationResult) -> float | None:
    """The share of the longer list that both have; None where neither found anything."""
    longer = max(len(one.document_ids), len(other.document_ids))
    return len(set(one.document_ids) & set(other.document_ids)) / longer if longer else None


def _moves(before: Sequence[UUID], after: Sequence[UUID]) -> float:
    """How many ranks a document that both found moved, on the average of those."""
    places = {document: place for place, document in enumerate(after)}
    both = [abs(place - places[document]) for place, document in enumerate(before) if document in places]
    return float(numpy.mean(both))


def _interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    return (scoring.interval(values) if len(values) >= FEWEST else None) or (None, None)


def _mean(values: Sequence[float]) -> float | None:
    return float(numpy.mean(values)) if values else None
