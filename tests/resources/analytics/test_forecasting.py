"""What a month will have cost: right where days are alike, wide where they are not, silent where little is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy
import pytest

from resources.analytics.forecasting import forecast

TODAY = date(2026, 11, 16)
START = date(2026, 1, 1)


def days(cost: float, *, weekend: float | None = None, until: date = TODAY) -> dict[date, float]:
    """So much on each day before one."""
    every = [START + timedelta(days=at) for at in range((until - START).days)]
    return {day: cost if weekend is None or day.weekday() < 5 else weekend for day in every}


def test_where_each_day_costs_the_same_the_month_costs_thirty_of_them() -> None:
    found = forecast(days(2.0), today=TODAY, first=START)
    assert (found.spent, found.value, found.low, found.high) == (30, 60, 60, 60)
    assert found.days == 28


def test_weekends_are_known_to_be_cheap() -> None:
    costs = days(10.0, weekend=1.0, until=date(2026, 12, 1))
    whole = sum(cost for day, cost in costs.items() if day.month == 11)
    found = forecast({day: cost for day, cost in costs.items() if day < TODAY}, today=TODAY, first=START)
    assert found.value == pytest.approx(whole)
    assert found.high == pytest.approx(whole)


def test_what_was_spent_today_is_no_less_for_what_was_foreseen() -> None:
    found = forecast(days(1.0) | {TODAY: 500.0}, today=TODAY, first=START)
    assert found.value == found.spent == 515


def test_days_without_any_cost_count_as_such_since_the_first_expense() -> None:
    found = forecast({TODAY - timedelta(days=14): 28.0}, today=TODAY, first=TODAY - timedelta(days=14))
    assert found.days == 14
    assert found.value == pytest.approx(28 + 2 * 15)
    assert found.low == 28


def test_of_less_than_a_week_nothing_is_said() -> None:
    for first in (None, TODAY, TODAY - timedelta(days=6)):
        found = forecast(days(1.0), today=TODAY, first=first)
        assert (found.value, found.low, found.high) == (None, None, None)
        assert found.spent == 15


def test_the_day_is_named_on_which_the_budget_is_used_up() -> None:
    assert forecast(days(1.0), today=TODAY, first=START, budget=20).reached == date(2026, 11, 20)
    assert forecast(days(1.0), today=TODAY, first=START, budget=10).reached == TODAY
    assert forecast(days(1.0), today=TODAY, first=START, budget=31).reached is None


def test_the_interval_holds_the_end_of_the_month_in_nineteen_of_twenty_cases() -> None:
    random = numpy.random.default_rng(7)
    until = date(2026, 12, 1)
    held = 0
    for _ in range(1000):
        noise = random.normal(0, 3, 400)
        costs = {day: cost + noise[at] for at, (day, cost) in enumerate(days(20.0, weekend=5.0, until=until).items())}
        known = {day: cost for day, cost in costs.items() if day < TODAY}
        found = forecast(known, today=TODAY, first=START)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= sum(cost for day, cost in costs.items() if day.month == 11) <= found.high
    assert 930 <= held <= 970
