"""Metrics say how sure they are, and nothing where there is nothing to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.analytics.defining import METRICS
from resources.analytics.measuring import mean, measures, share, t_quantile


def test_a_share_has_wilsons_interval() -> None:
    """As published for 15 of 148 (Newcombe 1998, table I): 0.0624 to 0.1605."""
    measure = share("liked_rate", 15, 148)
    assert measure.value == pytest.approx(0.1014, abs=1e-4)
    assert measure.low == pytest.approx(0.0624, abs=1e-4)
    assert measure.high == pytest.approx(0.1605, abs=1e-4)


def test_a_share_of_nothing_is_undefined_and_not_zero() -> None:
    assert share("liked_rate", 0, 0).value is None
    assert share("liked_rate", 0, 5).value == 0


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_that_between_nought_and_one(counts: tuple[int, int]) -> None:
    measure = share("answered_rate", *counts)
    assert measure.value is not None
    assert measure.low is not None
    assert measure.high is not None
    assert 0 <= measure.low <= measure.value <= measure.high <= 1


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.706), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_students_quantiles_are_those_of_the_tables(freedom: int, quantile: float) -> None:
    assert t_quantile(freedom) == pytest.approx(quantile, abs=1e-3)


def test_one_value_has_a_mean_and_no_interval() -> None:
    assert mean("seconds", 1, 2.0, None).value == 2.0
    assert mean("seconds", 1, 2.0, None).low is None
    assert mean("seconds", 0, None, None).value is None


def test_every_metric_is_defined_in_words_also_where_nothing_was_asked() -> None:
    found = {measure.key: measure for measure in measures(None, None)}
    assert set(found) == set(METRICS)
    assert found["questions"].value == 0
    assert [key for key, measure in found.items() if measure.value is not None] == ["questions"]
