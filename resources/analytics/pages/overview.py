"""The panels of the page Overview: a span of days against the one before it, and the days one by one."""

from __future__ import annotations

from uuid import UUID

from resources.analytics import overviews
from resources.analytics.defining import METRICS
from resources.analytics.panels import Make
from resources.analytics.querying import conditions
from resources.analytics.records import Figure, Filter, Group, Measure, Panel, Series, Table
from resources.foundation.statements import Connection

OUTCOMES = """\
select day,
  count(*) filter (where outcome in ('answered', 'canned'))::float / nullif(count(*), 0) as answered_rate,
  count(*) filter (where outcome = 'no_answer')::float / nullif(count(*), 0) as no_answer_rate,
  count(*) filter (where outcome = 'failed')::float / nullif(count(*), 0) as failed_rate,
  count(*) filter (where outcome = 'handed_over')::float / nullif(count(*), 0) as handed_over_rate,
  count(*) as n
from analytics.answers
where {where} and outcome not in ('turned_away', 'cancelled')
group by day order by day"""


def outcomes(connection: Connection, organization_id: UUID, wanted: Filter) -> Panel:
    """Shares of what questions came to, day by day."""
    groups = overviews.series(connection, organization_id, wanted, each="day")
    keys = ("answered_rate", "no_answer_rate", "failed_rate", "handed_over_rate")
    rows = [
        (group.period, *(_of(group, key).value for key in keys), _of(group, "answered_rate").n)
        for group in groups
    ]  # fmt: skip
    return Panel(
        "outcomes", "What questions came to",
        f"{METRICS['answered_rate'].says} The whiskers are 95 % intervals (Wilson).",
        Table("outcomes", ("day", *keys, "n"), rows, is_cut=False),
        OUTCOMES.format(where=conditions(wanted)),
        Figure("line", [_line(groups, key) for key in keys], "share"),
        units=dict.fromkeys(keys, "share"),
    )  # fmt: skip


PANELS: dict[str, Make] = {"outcomes": outcomes}


def _line(groups: list[Group], key: str) -> Series:
    found = [_of(group, key) for group in groups]
    return Series(
        METRICS[key].title, [group.period for group in groups], [one.value for one in found],
        [one.low for one in found], [one.high for one in found], [f"n = {one.n:,}" for one in found],
    )  # fmt: skip


def _of(group: Group, key: str) -> Measure:
    return next(measure for measure in group.measures if measure.key == key)
