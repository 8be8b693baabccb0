"""What analysts look at first: a span of days against the one before it, series over time, and parts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from resources.analytics import answers, answers_feedback, choices, source_freshness
from resources.analytics.comparing import Parts, change
from resources.analytics.defining import METRICS
from resources.analytics.measuring import measures
from resources.analytics.records import DIMENSIONS, Dimension, Each, Filter, Group, Measure, Overview
from resources.foundation.statements import Connection

_Key = tuple[date, str, str | None]


def get(connection: Connection, organization_id: UUID, wanted: Filter) -> Overview:
    """The span of days against as many before it; what changed comes with the parts that it comes from.

    Raises Missing where the filter names what is not there.
    """
    choices.require(connection, organization_id, wanted)
    both = replace(wanted, since=wanted.before.since)
    measured = _measured(connection, organization_id, both, by=("all", *DIMENSIONS), middle=wanted.since)
    nothing = {measure.key: measure for measure in measures(None, None)}
    before, now = both.since, wanted.since
    old = {measure.key: measure for measure in measured.get((before, "all", None), [])} or nothing
    new = {measure.key: measure for measure in measured.get((now, "all", None), [])} or nothing
    changes = []
    for key in METRICS:
        parts: dict[str, tuple[Parts, Parts]] = {
            dimension: (_parts(measured, before, dimension, key), _parts(measured, now, dimension, key))
            for dimension in DIMENSIONS
        }
        changes.append(change(new[key], old[key], parts))
    return Overview(wanted, changes, source_freshness.select_all(connection, organization_id, wanted))


def series(
    connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each, by: Dimension | None = None
) -> list[Group]:
    """All metrics over time, as a whole or for each part: of periods in which anything was asked, in their order.

    Weeks begin on Monday; the first and the last period may be cut by the filter.
    """
    choices.require(connection, organization_id, wanted)
    measured = _measured(connection, organization_id, wanted, by=(by or "all",), each=each)
    return [Group(period, part, found) for (period, _, part), found in measured.items()]


def breakdown(connection: Connection, organization_id: UUID, wanted: Filter, *, by: Dimension) -> list[Group]:
    """All metrics of each part of the span, side by side."""
    choices.require(connection, organization_id, wanted)
    measured = _measured(connection, organization_id, wanted, by=(by,))
    return [Group(wanted.since, part, found) for (_, _, part), found in measured.items()]


def _measured(
    connection: Connection,
    organization_id: UUID,
    wanted: Filter,
    *,
    by: Sequence[str],
    each: Each | None = None,
    middle: date | None = None,
) -> dict[_Key, list[Measure]]:
    """The metrics of each period, dimension and part."""
    asked = answers.select_sums(connection, organization_id, wanted, by=by, each=each, middle=middle)
    given = answers_feedback.select_sums(connection, organization_id, wanted, by=by, each=each, middle=middle)
    thumbs = {(one.period, one.by, one.part): one for one in given}
    keys = [(one.period, one.by, one.part) for one in asked]
    return {key: measures(one, thumbs.get(key)) for key, one in zip(keys, asked, strict=True)}


def _parts(measured: dict[_Key, list[Measure]], period: date, dimension: str, key: str) -> dict[str | None, Measure]:
    return {
        part: measure
        for (of, by, part), found in measured.items() if of == period and by == dimension
        for measure in found if measure.key == key
    }  # fmt: skip
