"""Two versions on the same questions: what is told is symmetric, bounded, and silent where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.bots.evaluation import comparing
from resources.bots.evaluation.scoring import Outcome, Passage
from resources.bots.records import Comparison, EvaluationResult

QUERIES = [uuid4() for _ in range(60)]
RIGHT, WRONG = uuid4(), uuid4()


def result(query: UUID, ndcg: float | None, *documents: UUID) -> EvaluationResult:
    return EvaluationResult(query, list(documents), None, ndcg, ndcg, ndcg)


def decisive(baseline: list[EvaluationResult], candidate: list[EvaluationResult]) -> Comparison:
    return next(one for one in comparing.compare(baseline, candidate) if one.metric == comparing.DECISIVE)


def test_better_answers_are_told_from_worse_ones_with_their_interval() -> None:
    baseline = [result(query, 0.5, WRONG, RIGHT) for query in QUERIES]
    candidate = [result(query, 1.0 if place % 4 else 0.25, RIGHT, WRONG) for place, query in enumerate(QUERIES)]
    found = decisive(baseline, candidate)
    assert (found.queries, found.won, found.lost) == (60, 45, 15)
    assert (found.compared, found.moved, found.overlap_at_10) == (60, 60, 1.0)
    assert found.difference == pytest.approx(0.3125)
    assert found.low is not None
    assert found.high is not None
    assert 0.2 < found.low < 0.3125 < found.high < 0.42
    assert found.p_value is not None
    assert found.p_value < 0.001
    back = decisive(candidate, baseline)
    assert (back.won, back.lost) == (15, 45)
    assert back.difference == pytest.approx(-0.3125)


def test_the_same_answers_do_not_differ() -> None:
    baseline = [result(query, 0.5, RIGHT) for query in QUERIES]
    found = decisive(baseline, baseline)
    assert (found.difference, found.low, found.high, found.p_value) == (0.0, 0.0, 0.0, 1.0)
    assert (found.won, found.lost, found.moved, found.overlap_at_10) == (0, 0, 0, 1.0)


def test_what_is_not_defined_is_none_and_counts_for_nothing() -> None:
    unknown = [result(query, None) for query in QUERIES[:30]]
    found = decisive(unknown, unknown)
    assert (found.queries, found.compared) == (0, 30)
    values = (found.baseline_value, found.candidate_value, found.difference, found.low, found.p_value)
    assert values == (None,) * 5
    assert found.overlap_at_10 is None
    known = [result(query, 0.5, RIGHT) for query in QUERIES[30:]]
    mixed = decisive(unknown + known, unknown + [replace(one, ndcg_at_10=1.0) for one in known])
    assert (mixed.queries, mixed.difference, mixed.baseline_value) == (30, 0.5, 0.5)


def test_of_a_few_questions_no_interval_is_told() -> None:
    few = [result(query, 0.5, RIGHT) for query in QUERIES[: comparing.FEWEST - 1]]
    found = decisive(few, few)
    assert (found.queries, found.difference, found.low, found.high) == (comparing.FEWEST - 1, 0.0, None, None)


def test_only_questions_that_both_were_asked_are_compared() -> None:
    baseline = [result(query, 0.5, RIGHT) for query in QUERIES[:40]]
    candidate = [result(query, 0.5, WRONG) for query in QUERIES[20:]]
    found = decisive(baseline, candidate)
    assert (found.compared, found.moved, found.overlap_at_10) == (20, 20, 0.0)


@settings(max_examples=20)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_significance_is_a_probability_and_has_no_side(differences: list[float]) -> None:
    found = comparing.significance(differences)
    assert found is not None
    assert 0 < found <= 1
    assert comparing.significance([-one for one in differences]) == pytest.approx(found, abs=1e-12)


def test_significance_is_that_of_all_signs_where_they_can_be_counted() -> None:
    # 2 of the 2^10 signs of ten equal differences give a mean as large
    found = comparing.significance([0.3] * 10)
    assert found == pytest.approx(2 / 2**10, abs=0.0015)


def test_a_result_knows_the_first_ten_documents_and_where_the_first_right_one_stands() -> None:
    documents = [uuid4() for _ in range(14)]
    passages = [Passage(str(document), 0, "words") for document in documents for _ in range(2)]
    grades = {str(documents[11]): 1, str(documents[13]): 2}
    query = uuid4()
    [found] = comparing.results([Outcome(str(query), None, passages, grades, (), 1.0)])
    assert found == EvaluationResult(query, documents[:10], 12, 0.0, 0.0, 0.0)
    [unjudged] = comparing.results([Outcome(str(query), None, passages, {}, (), 1.0)])
    assert (unjudged.first_rank, unjudged.ndcg_at_10, unjudged.mrr_at_10) == (None, None, None)


A, B, C, D = (uuid4() for _ in range(4))


def test_without_judgments_it_is_told_how_far_the_answers_come_from_other_places() -> None:
    baseline = [[A, B, C], [A], [], []]
    candidate = [[B, A, D], [A], [C], []]
    found = comparing.compare_unjudged(baseline, candidate)
    assert (found.asked, found.both_found, found.won, found.lost, found.neither_found) == (4, 2, 1, 0, 1)
    assert found.overlapping == 3
    assert found.overlap == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found.mean_move == pytest.approx((1 + 0) / 2)
    assert (found.moved, found.first_changed) == (2, 2)
    assert (found.overlap_low, found.overlap_high) == (None, None)
    back = comparing.compare_unjudged(candidate, baseline)
    assert (back.won, back.lost, back.overlap, back.mean_move) == (0, 1, found.overlap, found.mean_move)


def test_only_the_first_documents_count_and_what_was_never_found_is_no_zero() -> None:
    found = comparing.compare_unjudged([[A, B]] * 12, [[A, C]] * 12, depth=1)
    assert (found.depth, found.overlap, found.overlap_low, found.overlap_high) == (1, 1.0, 1.0, 1.0)
    nothing = comparing.compare_unjudged([[]] * 12, [[]] * 12)
    assert (nothing.neither_found, nothing.overlap, nothing.mean_move, nothing.overlap_low) == (12, None, None, None)
    assert comparing.compare_unjudged([], []).asked == 0


_RANKINGS = st.lists(st.permutations([A, B, C, D]).flatmap(lambda all: st.integers(0, 4).map(lambda n: all[:n])))


@settings(max_examples=50)
@given(_RANKINGS)
def test_whatever_was_found_nothing_differs_from_itself(rankings: list[list[UUID]]) -> None:
    found = comparing.compare_unjudged(rankings, rankings)
    assert (found.won, found.lost, found.moved, found.first_changed) == (0, 0, 0, 0)
    assert found.overlap in (None, 1.0)
    assert found.mean_move in (None, 0.0)
    assert found.both_found + found.neither_found == found.asked == len(rankings)
