"""A threshold is chosen on one half of the questions and reported on the other, with how sure that is."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.evaluation.calibrating import (
    PRIOR,
    Trial,
    area,
    calibrated,
    cautious,
    is_for_tuning,
    point,
    wilson,
    youden,
)

scores = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30)


def trials(good: list[float], bad: list[float]) -> list[Trial]:
    return [
        Trial(f"{number} {is_answerable}", is_answerable, {"meaning": score})
        for is_answerable, given in ((True, good), (False, bad))
        for number, score in enumerate(given)
    ]


@given(scores, scores)
def test_the_area_is_the_chance_that_an_answerable_question_scores_higher(good: list[float], bad: list[float]) -> None:
    wins = sum((one > other) + (one == other) / 2 for one in good for other in bad)
    found = area(good, bad)
    assert found.value == pytest.approx(wins / (len(good) * len(bad)))
    assert found.n == len(good) + len(bad)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(scores, scores)
def test_no_threshold_treats_more_rightly_than_the_chosen(good: list[float], bad: list[float]) -> None:
    def rightly(threshold: float) -> float:
        found = point(threshold, good, bad)
        assert found.answered.value is not None
        assert found.refused.value is not None
        return found.answered.value + found.refused.value

    assert rightly(youden(good, bad)) == pytest.approx(max(rightly(step / 2) for step in range(-1, 22)))


@given(scores, scores)
def test_a_cautious_refusal_is_right_more_often_than_wrong_and_no_higher_one_is(
    good: list[float], bad: list[float]
) -> None:
    def is_right_more_often(threshold: float) -> bool:
        right, wrong = sum(one < threshold for one in bad) / len(bad), sum(one < threshold for one in good) / len(good)
        return PRIOR * right > (1 - PRIOR) * wrong

    found = cautious(good, bad)
    fit = [one for one in {*good, *bad} if is_right_more_often(one)]
    assert found == max(fit, default=None)


def test_shares_have_wilsons_interval() -> None:
    share = wilson(8, 10)
    assert (share.n, share.value) == (10, 0.8)
    assert [share.low, share.high] == pytest.approx([0.4902, 0.9433], abs=1e-4)
    assert wilson(0, 5).low == 0.0
    assert wilson(5, 5).high == 1.0
    assert wilson(0, 0).value is None


def test_the_area_has_delongs_interval() -> None:
    found = area([3.0, 4.0, 5.0, 9.0], [1.0, 2.0, 4.0])
    # by hand: components 2/3, 2.5/3, 1, 1 and 4/4, 4/4, 2.5/4
    assert found.value == pytest.approx(10.5 / 12)
    spread = (
        sum((value - 0.875) ** 2 for value in (2 / 3, 2.5 / 3, 1, 1)) / 3 / 4
        + sum((value - 0.875) ** 2 for value in (1, 1, 0.625)) / 2 / 3
    )
    assert found.low == pytest.approx(0.875 - 1.959964 * spread**0.5)


def test_what_separates_is_worth_a_threshold_and_noise_is_not() -> None:
    random = Random(1)  # noqa: S311  nothing secret
    told = calibrated(trials([random.gauss(3, 1) for _ in range(400)], [random.gauss(0, 1) for _ in range(400)]))
    assert told is not None
    [curve] = told.curves
    assert curve.is_worthwhile
    assert 0.5 < curve.chosen.threshold < 2.5
    assert curve.chosen.answered.value == pytest.approx(0.93, abs=0.05)
    assert [one.threshold for one in curve.points] == sorted(one.threshold for one in curve.points)
    assert (curve.points[0].answered.value, curve.points[0].refused.value) == (1.0, 0.0)
    noise = calibrated(trials([random.random() for _ in range(400)], [random.random() for _ in range(400)]))
    assert noise is not None
    assert not noise.curves[0].is_worthwhile


def test_the_half_that_reports_has_no_say_in_the_choice() -> None:
    told = trials([0.5 + number / 100 for number in range(40)], [number / 100 for number in range(40)])
    shifted = [
        trial if is_for_tuning(trial.question) else Trial(trial.question, trial.is_answerable, {"meaning": 7.0})
        for trial in told
    ]
    first, second = calibrated(told), calibrated(shifted)
    assert first is not None
    assert second is not None
    assert first.curves[0].chosen.threshold == second.curves[0].chosen.threshold
    assert second.curves[0].area.value == 0.5
    assert 20 < first.tuned_on < 60
    assert first.tuned_on + first.reported_on == 80


def test_too_few_questions_calibrate_nothing() -> None:
    assert calibrated([]) is None
    assert calibrated(trials([1.0, 2.0], [])) is None
    assert calibrated(trials([1.0] * 30, [0.0])) is None
