"""What changed from one span of days to the next, and which parts it comes from. Pure.

The interval of a difference is made of those of its two values (MOVER: Newcombe 1998 for shares, Zou and Donner 2008);
a count counts as a Poisson number. A change of a mean M over parts g, with weights w and means m, before (0) and after
(1), is the sum of w1 (m1 - M0) - w0 (m0 - M0): that sum's terms are what each part gives to the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from resources.analytics.defining import METRICS
from resources.analytics.records import Change, Lead, Measure
from resources.foundation.proportions import Z

LEAST_CHANGE = 0.1
"""A change below this share of what was is not worth a look, however sure it is."""

LEAST_EXCESS = 0.15
"""A part is a lead when its share of the change exceeds its share of the cases by this much."""

NEWCOMER = 0.1
"""Of parts that explain a change about as well, one that came with it, or grew fourfold, is likelier its cause."""

MOST_LEADS = 3

Parts = Mapping[str | None, Measure]


def change(now: Measure, before: Measure, parts: Mapping[str, tuple[Parts, Parts]]) -> Change:
    """One metric's change; `parts` has, by dimension, the metric of each part before and now."""
    difference = None if now.value is None or before.value is None else now.value - before.value
    low, high = _interval(now, before, difference)
    is_notable = (
        difference is not None and low is not None and high is not None and before.value is not None
        and not (before.value == 0 and METRICS[now.key].unit == "count")  # before anybody came there is nothing to tell
        and not low <= 0 <= high and abs(difference) >= LEAST_CHANGE * abs(before.value)
    )  # fmt: skip
    leads: Sequence[Lead] = ()
    if is_notable:
        found = [one for name, (old, new) in parts.items() for one in _leads(name, old, new, now.key)]
        found.sort(key=lambda one: (-one[0] - one[1], one[2].dimension, one[2].part or ""))
        leads = [lead for excess, _, lead in found if excess >= LEAST_EXCESS][:MOST_LEADS]
    better = METRICS[now.key].better
    is_better = None if better is None or not difference else (difference > 0) == (better == "more")
    return Change(now.key, now, before, difference, low, high, is_notable, is_better, leads)


def _interval(now: Measure, before: Measure, difference: float | None) -> tuple[float | None, float | None]:
    if difference is None or now.value is None or before.value is None:
        return None, None
    if METRICS[now.key].unit == "count":
        half = Z * sqrt(now.value + before.value)
        return difference - half, difference + half
    if now.low is None or now.high is None or before.low is None or before.high is None:
        return None, None
    down = sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    up = sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return difference - down, difference + up


def _leads(dimension: str, before: Parts, after: Parts, key: str) -> Sequence[tuple[float, float, Lead]]:
    """What each part of a dimension gives to a change, as a share: by how much more than it has, and a bonus."""
    names = list(dict.fromkeys([*before, *after]))
    if len(names) < 2:
        return []
    total_before = sum(measure.n for measure in before.values())
    total_after = sum(measure.n for measure in after.values())
    if not total_before or not total_after:
        return []
    is_count = METRICS[key].unit == "count"
    start = 0.0 if is_count else sum((m.value or 0.0) * m.n for m in before.values()) / total_before
    given: dict[str | None, float] = {}
    for name in names:
        old, new = before.get(name), after.get(name)
        if is_count:
            given[name] = float((new.n if new else 0) - (old.n if old else 0))
        else:
            given[name] = _pull(new, total_after, start) - _pull(old, total_before, start)
    whole = sum(given.values())
    if not whole:
        return []
    return [
        _lead(dimension, name, before.get(name), after.get(name), given[name] / whole, (total_before, total_after))
        for name in names
    ]


def _lead(
    dimension: str, part: str | None, old: Measure | None, new: Measure | None, share: float, totals: tuple[int, int]
) -> tuple[float, float, Lead]:
    was, is_now = _weight(old, totals[0]), _weight(new, totals[1])
    weight = max(was, is_now)
    is_newcomer = was < is_now / 4  # one that took the place of another may have all the cases by now
    excess = share - (was if is_newcomer else weight)
    return excess, NEWCOMER if is_newcomer else 0.0, Lead(dimension, part, _value(old), _value(new), share, weight)


def _pull(measure: Measure | None, total: int, start: float) -> float:
    if measure is None or measure.value is None:
        return 0.0
    return measure.n / total * (measure.value - start)


def _weight(measure: Measure | None, total: int) -> float:
    return 0.0 if measure is None else measure.n / total


def _value(measure: Measure | None) -> float | None:
    return None if measure is None else measure.value
