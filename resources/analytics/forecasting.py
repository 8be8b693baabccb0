"""What a month will have cost when it ends, from the days before: a sum with its 95 % interval. Pure.

Each day costs the mean of its weekday over the last four weeks, give or take what days differed from theirs; days are
taken as independent. The interval is that of a prediction by least squares (Student's t): the error of the days to
come, and that of the means. Of one to four weeks, the mean over all days; of less than a week nothing is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

from resources.analytics.measuring import t_quantile

WEEKS = 4
FEWEST_DAYS = 7


@dataclass(frozen=True)
class Forecast:
    """What is spent by the end of the month, with its 95 % interval; `days` it rests on. `reached`: when the budget is.

    None: not defined.
    """

    spent: float
    value: float | None
    low: float | None
    high: float | None
    days: int
    reached: date | None = None


def forecast(costs: Mapping[date, float], *, today: date, first: date | None, budget: float | None = None) -> Forecast:
    """The end of today's month. `costs`: of each day with any, at least since the month began and for four weeks.

    `first`: the first day on which anything was ever spent; days before it tell nothing.
    """
    month = today.replace(day=1)
    end = (month + timedelta(days=32)).replace(day=1)
    spent = sum(cost for day, cost in costs.items() if month <= day <= today)
    before = sum(cost for day, cost in costs.items() if month <= day < today)
    past = [today - timedelta(days=back) for back in range(1, 7 * WEEKS + 1)]
    past = [day for day in past if first is not None and day >= first]
    to_come = [today + timedelta(days=ahead) for ahead in range((end - today).days)]
    if len(past) < FEWEST_DAYS:
        return Forecast(spent, None, None, None, len(past))
    expected, variance, freedom = _expected(past, [costs.get(day, 0.0) for day in past], to_come)
    value = before + sum(expected)
    half = t_quantile(freedom) * sqrt(variance)
    return Forecast(
        spent, max(spent, value), max(spent, value - half), max(spent, value + half), len(past),
        _reached(before, spent, to_come, expected, budget),
    )  # fmt: skip


def _expected(past: Sequence[date], costs: Sequence[float], to_come: Sequence[date]) -> tuple[list[float], float, int]:
    """What each day to come is expected to cost, the variance of their sum, and its degrees of freedom."""
    by_weekday = len(past) == 7 * WEEKS
    groups = [day.weekday() if by_weekday else 0 for day in past]
    sizes = Counter(groups)
    means = {
        group: sum(c for c, of in zip(costs, groups, strict=True) if of == group) / n for group, n in sizes.items()
    }
    freedom = len(past) - len(sizes)
    spread = sum((cost - means[group]) ** 2 for cost, group in zip(costs, groups, strict=True)) / freedom
    ahead = [day.weekday() if by_weekday else 0 for day in to_come]
    variance = spread * (len(ahead) + sum(count**2 / sizes[group] for group, count in Counter(ahead).items()))
    return [means[group] for group in ahead], variance, freedom


def _reached(
    before: float, spent: float, to_come: Sequence[date], expected: Sequence[float], budget: float | None
) -> date | None:
    """The day on which the budget is expected to be used up; None where it is not in this month."""
    if budget is None:
        return None
    total = before
    for day, cost in zip(to_come, expected, strict=True):
        total = max(total + cost, spent)
        if total >= budget:
            return day
    return None
