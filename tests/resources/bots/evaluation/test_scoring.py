"""Rankings judged against what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.evaluation import scoring
from resources.bots.evaluation.scoring import Outcome, Passage, Span
from resources.bots.records import EvaluationScore


def outcome(
    query: str,
    documents: Sequence[str],
    relevant: dict[str, int],
    *,
    slice: str | None = None,
    spans: Sequence[Span] = (),
    elapsed_ms: float = 1.0,
) -> Outcome:
    passages = [Passage(document, 100, f"words of {document}") for document in documents]
    return Outcome(query, slice, passages, relevant, spans, elapsed_ms)


def named(scores: Sequence[EvaluationScore], slice: str = "") -> dict[str, float | None]:
    return {score.metric: score.value for score in scores if score.slice == slice}


def test_metrics_are_those_of_the_books() -> None:
    found = named(scoring.scores([outcome("q", ["a", "b", "c", "d"], {"b": 1, "d": 1, "z": 1})]))
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["ndcg_at_10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found["mrr_at_10"] == pytest.approx(1 / 2)
    assert found["recall_at_5"] == pytest.approx(2 / 3)
    assert found["recall_at_100"] == pytest.approx(2 / 3)


def test_a_document_stands_where_its_best_chunk_does() -> None:
    found = named(scoring.scores([outcome("q", ["a", "a", "a", "b", "a"], {"b": 1})]))
    assert found["mrr_at_10"] == pytest.approx(1 / 2)


def test_the_order_of_the_search_stands_whatever_the_names_are() -> None:
    for documents in (["a", "b", "c"], ["c", "b", "a"]):
        found = named(scoring.scores([outcome("q", documents, {documents[0]: 1})]))
        assert found["mrr_at_10"] == 1.0


def test_what_is_not_defined_is_none_and_never_zero() -> None:
    scores = scoring.scores([outcome("q", ["a"], {"a": 0})])
    found = named(scores)
    assert found["ndcg_at_10"] is None
    assert found["recall_at_5"] is None
    assert found["span_recall_at_5"] is None
    assert [score.queries for score in scores if score.metric == "ndcg_at_10"] == [0]


def test_a_question_that_found_nothing_counts_as_zero() -> None:
    found = named(scoring.scores([outcome("q", [], {"a": 1}), outcome("r", ["a"], {"a": 1})]))
    assert found["ndcg_at_10"] == 0.5
    assert found["recall_at_10"] == 0.5


def test_slices_are_reported_apart() -> None:
    scores = scoring.scores(
        [outcome("q", ["a"], {"a": 1}, slice="de"), outcome("r", ["b"], {"a": 1}, slice="en"),
         outcome("s", ["a"], {"a": 1})]
    )  # fmt: skip
    assert named(scores, "de")["mrr_at_10"] == 1.0
    assert named(scores, "en")["mrr_at_10"] == 0.0
    assert named(scores)["mrr_at_10"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("span", "is_held"),
    [
        (Span("a", "of a", 106), True),
        (Span("a", "of a", 105), False),
        (Span("a", "of a", None), True),
        (Span("b", "of a", None), False),
        (Span("a", "words of a and", 100), False),
        (Span("a", "words", 99), False),
    ],
)
def test_a_span_is_found_when_a_chunk_holds_all_of_it_in_its_place(span: Span, is_held: bool) -> None:
    assert scoring.holds(Passage("a", 100, "words of a"), span) is is_held
    found = named(scoring.scores([outcome("q", ["a"], {"a": 1}, spans=[span])]))
    assert found["span_recall_at_5"] == float(is_held)


def test_only_the_first_five_chunks_count_for_a_span() -> None:
    sixth = outcome("q", ["b", "c", "d", "e", "f", "a"], {"a": 1}, spans=[Span("a", "of a", None)])
    assert named(scoring.scores([sixth]))["span_recall_at_5"] == 0.0


def test_times_are_percentiles() -> None:
    outcomes = [outcome(str(ms), ["a"], {"a": 1}, elapsed_ms=float(ms)) for ms in range(1, 102)]
    found = named(scoring.scores(outcomes))
    assert (found["query_p50_ms"], found["query_p95_ms"]) == (51.0, 96.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_an_interval_lies_within_its_values_and_is_the_same_each_time(values: list[float]) -> None:
    first, second = scoring.interval(values), scoring.interval(values)
    assert first == second
    assert first is not None
    low, high = first
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_an_interval_narrows_with_more_questions() -> None:
    widths = []
    for count in (20, 2000):
        bounds = scoring.interval([0.0, 1.0] * (count // 2))
        assert bounds is not None
        assert bounds[0] < 0.5 < bounds[1]
        widths.append(bounds[1] - bounds[0])
    assert widths[1] < widths[0] / 5


def test_nothing_has_no_interval() -> None:
    assert scoring.interval([]) is None


def test_questions_without_an_answer_are_told_apart_from_those_that_nothing_is_known_of() -> None:
    passage = Passage("a", 0, "words")
    outcomes = [
        Outcome("1", None, [passage], {"a": 1}, (), 1.0), Outcome("2", None, [], {"a": 1}, (), 1.0),
        Outcome("3", None, [passage], {}, (), 1.0, is_answerable=False),
        Outcome("4", None, [], {}, (), 1.0, is_answerable=False),
        Outcome("5", None, [], {}, (), 1.0, is_answerable=False),
    ]  # fmt: skip
    values = {score.metric: (score.value, score.queries) for score in scoring.scores(outcomes)}
    assert values["found"] == (0.5, 2)
    assert values["refused"] == (2 / 3, 3)
    assert values["ndcg_at_10"] == (0.5, 2)
    answered = {score.metric: score.value for score in scoring.scores(outcomes[:2])}
    assert answered["refused"] is None
