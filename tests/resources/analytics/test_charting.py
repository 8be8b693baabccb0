"""Every period of a span is there: a count of nothing is 0, a share of nothing is not defined."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from resources.analytics.charting import each_of, line, over_time, periods_of
from resources.analytics.measuring import measures
from resources.analytics.records import Filter, Group

SINCE = date(2026, 11, 4)


@given(first=st.dates(date(2000, 1, 1), date(2030, 1, 1)), days=st.integers(1, 400))
def test_each_day_lies_in_one_period(first: date, days: int) -> None:
    wanted = Filter(first, first + timedelta(days=days))
    assert len(periods_of(wanted, "day")) == days
    for each, longest in (("week", 7), ("month", 31)):
        periods = periods_of(wanted, each)  # type: ignore[arg-type]
        assert periods == sorted(set(periods))
        assert periods[0] <= first < wanted.last + timedelta(days=1) <= periods[-1] + timedelta(days=longest)
        assert periods[-1] <= wanted.last
    assert all(period.weekday() == 0 for period in periods_of(wanted, "week"))


def test_long_spans_are_cut_into_weeks() -> None:
    assert each_of(Filter(SINCE, SINCE + timedelta(days=90))) == "day"
    assert each_of(Filter(SINCE, SINCE + timedelta(days=365))) == "week"


def test_days_without_questions_are_gaps_in_shares_and_nothing_in_counts() -> None:
    wanted = Filter(SINCE, SINCE + timedelta(days=2))
    group = Group(SINCE, None, measures(None, None))
    asked = over_time([group], wanted, "day", "questions")
    answered = line([group], wanted, "day", "answered_rate")
    assert [(day, one.value) for day, one in asked] == [(SINCE, 0), (SINCE + timedelta(days=1), 0)]
    assert list(answered.y) == [None, None]
    assert answered.low is None
    assert answered.text == ["n = 0", "n = 0"]
