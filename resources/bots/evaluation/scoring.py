"""Judge rankings against what is known. Pure: rankings and judgments in, scores out.

The metrics are computed by ir_measures (MacAvaney, Macdonald and Ounis, ECIR 2022). Documents are ranked from chunks:
each stands where its best chunk does. Intervals are percentile bootstraps over the questions (Efron and Tibshirani
1993).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from resources.bots.records import EvaluationScore

RESAMPLES = 2_000
SEED = 20_261_101
SPAN_DEPTH = 5

RETRIEVAL_METRICS = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_5": "R@5",
    "recall_at_10": "R@10",
    "recall_at_100": "R@100",
    "mrr_at_10": "RR@10",
}
SPAN_METRIC = "span_recall_at_5"
CONTEXT_METRIC = "context_recall"
RERANKED_METRIC = "reranked"
FOUND_METRIC = "found"
REFUSED_METRIC = "refused"
TIMES = {"query_p50_ms": 50.0, "query_p95_ms": 95.0}
METRIC_NAMES = {
    "ndcg_at_10": "nDCG@10", "recall_at_5": "recall@5", "recall_at_10": "recall@10", "recall_at_100": "recall@100",
    "mrr_at_10": "MRR@10", "span_recall_at_5": "right passage in 5", "context_recall": "right words in the context",
    "reranked": "reranked", "found": "found something where it should", "refused": "found nothing where it should",
    "query_p50_ms": "ms, median", "query_p95_ms": "ms, 95 in 100",
}  # fmt: skip
"""As people read them."""


@dataclass(frozen=True)
class Span:
    """Words that answer: `quote` in a document, from its character `start`, or anywhere in it where that is None."""

    document: str
    quote: str
    start: int | None


@dataclass(frozen=True)
class Passage:
    """A chunk that was found: `content` begins at the character `start` of its document."""

    document: str
    start: int
    content: str


@dataclass(frozen=True)
class Outcome:
    """What retrieval did with one question: passages, best first, and what is known.

    `offered`: those that an answer would rest on, neighbours joined; None where that was not asked for.
    `is_answerable` False: the documents are known not to answer it. `is_reranked`: whether the reranker answered; None
    where there is none.
    """

    query: str
    slice: str | None
    passages: Sequence[Passage]
    grades: Mapping[str, int]
    spans: Sequence[Span]
    elapsed_ms: float
    is_reranked: bool | None = None
    is_answerable: bool = True
    offered: Sequence[Passage] | None = None


def scores(outcomes: Sequence[Outcome]) -> list[EvaluationScore]:
    """All metrics over all questions, then over each slice; None where no question counts for a metric."""
    values = per_query(outcomes)
    slices = sorted({outcome.slice for outcome in outcomes if outcome.slice})
    return [
        score
        for name in ["", *slices]
        for score in _scores_of(name, [one for one in outcomes if not name or one.slice == name], values)
    ]


def per_query(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """The value of each metric for each question that counts for it: {metric: {query: value}}.

    A question without a document graded over 0 has no recall; one without a span has no span recall. `found` is 1 for
    a question with an answer for which anything is found; `refused` for one without, where nothing is. `context_recall`
    is 1 where a span stands whole in what an answer would rest on.
    """
    reranked = {one.query: float(one.is_reranked) for one in outcomes if one.is_reranked is not None}
    values = _retrieval_values(outcomes) | {SPAN_METRIC: _span_values(outcomes)}
    for metric, is_answerable in ((FOUND_METRIC, True), (REFUSED_METRIC, False)):
        counted = [one for one in outcomes if one.is_answerable is is_answerable]
        values[metric] = {one.query: float(bool(one.passages) is is_answerable) for one in counted}
    context = {one.query: _held(one.offered, one.spans) for one in outcomes if one.offered is not None and one.spans}
    return values | {CONTEXT_METRIC: context} | ({RERANKED_METRIC: reranked} if reranked else {})


def ranking(passages: Iterable[Passage]) -> list[str]:
    """The documents of these passages, each once, in the order of its first."""
    return list(dict.fromkeys(passage.document for passage in passages))


def holds(passage: Passage, span: Span) -> bool:
    """Whether a passage holds the whole of a span, in its place where that is known."""
    if passage.document != span.document:
        return False
    if span.start is None:
        return span.quote in passage.content
    offset = span.start - passage.start
    return offset >= 0 and passage.content.startswith(span.quote, offset)


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % percentile bootstrap interval of a mean; None for no values. The same values give the same interval."""
    if not values:
        return None
    sample = numpy.asarray(values, dtype=numpy.float64)
    random = numpy.random.default_rng(SEED)
    at_once = max(1, 2_000_000 // len(sample))
    means = numpy.concatenate(
        [
            sample[random.integers(len(sample), size=(min(at_once, RESAMPLES - done), len(sample)))].mean(axis=1)
            for done in range(0, RESAMPLES, at_once)
        ]
    )
    low, high = numpy.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def _scores_of(
    name: str, outcomes: Sequence[Outcome], values: Mapping[str, Mapping[str, float]]
) -> Iterable[EvaluationScore]:
    for metric, by_query in values.items():
        counted = [by_query[outcome.query] for outcome in outcomes if outcome.query in by_query]
        bounds = interval(counted)
        if bounds is None:
            yield EvaluationScore(name, metric, 0, None)
        else:
            yield EvaluationScore(name, metric, len(counted), float(numpy.mean(counted)), *bounds)
    times = [outcome.elapsed_ms for outcome in outcomes]
    for metric, share in TIMES.items():
        yield EvaluationScore(name, metric, len(times), float(numpy.percentile(times, share)) if times else None)


def _retrieval_values(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    import ir_measures  # with its providers it takes a while; only who measures should wait for it

    measures = {ir_measures.parse_measure(name): metric for metric, name in RETRIEVAL_METRICS.items()}
    judged = [outcome for outcome in outcomes if any(grade > 0 for grade in outcome.grades.values())]
    found: dict[str, dict[str, float]] = {metric: {one.query: 0.0 for one in judged} for metric in RETRIEVAL_METRICS}
    known = [
        ir_measures.Qrel(outcome.query, document, grade)
        for outcome in judged
        for document, grade in outcome.grades.items()
    ]
    for value in ir_measures.iter_calc(list(measures), known, list(_run(judged))) if judged else ():
        found[measures[value.measure]][value.query_id] = float(value.value)
    return found


def _run(outcomes: Iterable[Outcome]) -> Iterable[Any]:
    """The rankings as a run. The score is the place, so that equal scores of ours are not ordered anew."""
    import ir_measures

    for outcome in outcomes:
        for place, document in enumerate(ranking(outcome.passages)):
            yield ir_measures.ScoredDoc(outcome.query, document, -float(place))


def _span_values(outcomes: Iterable[Outcome]) -> dict[str, float]:
    return {outcome.query: _held(outcome.passages[:SPAN_DEPTH], outcome.spans) for outcome in outcomes if outcome.spans}


def _held(passages: Sequence[Passage], spans: Sequence[Span]) -> float:
    """1 where one of the passages holds one of the spans whole."""
    return float(any(holds(passage, span) for passage in passages for span in spans))
