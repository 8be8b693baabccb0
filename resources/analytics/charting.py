"""Metrics over time as charts and tables have them: every period is there, also where nothing was asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from resources.analytics.defining import METRICS
from resources.analytics.records import Each, Filter, Group, Measure, Series, Unit

MOST_DAYS = 92
"""Of longer spans a chart shows weeks: a year of days is more ink than news."""


def each_of(wanted: Filter) -> Each:
    """What a span is cut into."""
    return "day" if wanted.days <= MOST_DAYS else "week"


def periods_of(wanted: Filter, each: Each) -> list[date]:
    """All periods of a span, by their first days; weeks begin on Monday, the first perhaps before the span."""
    if each == "month":
        first = wanted.since.replace(day=1)
        months = (wanted.last.year - first.year) * 12 + wanted.last.month - first.month + 1
        return [
            date(first.year + (first.month - 1 + at) // 12, (first.month - 1 + at) % 12 + 1, 1) for at in range(months)
        ]
    step = timedelta(days=7 if each == "week" else 1)
    first = wanted.since - timedelta(days=wanted.since.weekday()) if each == "week" else wanted.since
    found = []
    while first < wanted.until:
        found.append(first)
        first += step
    return found


def of(group: Group | None, key: str) -> Measure:
    """A metric of a group; of none, where nothing was asked: then a count is 0, all else is not defined."""
    if group is not None:
        return next(measure for measure in group.measures if measure.key == key)
    return Measure(key, 0 if METRICS[key].unit == "count" else None, 0)


def over_time(groups: Sequence[Group], wanted: Filter, each: Each, key: str) -> list[tuple[date, Measure]]:
    """A metric in each period of the span."""
    known = {group.period: group for group in groups}
    return [(period, of(known.get(period), key)) for period in periods_of(wanted, each)]


def line(groups: Sequence[Group], wanted: Filter, each: Each, key: str, *, name: str = "") -> Series:
    """A metric in each period of the span, with its interval, and with n to read."""
    found = over_time(groups, wanted, each, key)
    has_interval = any(measure.low is not None for _, measure in found)
    return Series(
        name or METRICS[key].title, [period for period, _ in found], [measure.value for _, measure in found],
        [measure.low for _, measure in found] if has_interval else None,
        [measure.high for _, measure in found] if has_interval else None,
        [f"n = {measure.n:,}" for _, measure in found],
    )  # fmt: skip


def units_of(keys: Sequence[str]) -> dict[str, Unit]:
    """How the columns of metrics are written."""
    return {key: METRICS[key].unit for key in keys}
