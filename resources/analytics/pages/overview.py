"""The panels of the page Overview: a span of days against the one before it, and the days one by one."""

from __future__ import annotations

from resources.analytics import overviews, source_freshness
from resources.analytics.addressing import page_address
from resources.analytics.charting import each_of, line, of, over_time, periods_of, units_of
from resources.analytics.defining import METRICS
from resources.analytics.leading import findings, tiles
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions, literal
from resources.analytics.records import Figure, Filter, Panel, Series, Table

MOST_PARTS = 7

CHANGES = """\
select s.span, a.*, f.*
from (values ('before', {before}, {since}), ('now', {since}, {until})) s (span, since, until)
left join lateral (
  select count(*) as questions,
    count(*) filter (where outcome in ('answered', 'canned'))::float / nullif({due}, 0) as answered_rate,
    count(*) filter (where outcome = 'no_answer')::float / nullif({due}, 0) as no_answer_rate,
    count(*) filter (where outcome = 'failed')::float / nullif({due}, 0) as failed_rate,
    count(*) filter (where outcome = 'handed_over')::float / nullif({due}, 0) as handed_over_rate,
    avg(seconds) as seconds, percentile_cont(0.5) within group (order by seconds) as seconds_median,
    percentile_cont(0.95) within group (order by seconds) as seconds_95,
    avg(retrieval_seconds) as retrieval_seconds, avg((found = 0)::int) as without_result_rate,
    avg(best_score) as best_score, avg(prompt_tokens) as prompt_tokens, avg(cost) as cost_per_answer, sum(cost) as cost
  from analytics.answers where day >= s.since and day < s.until and {where}) a on true
left join lateral (
  select count(*) filter (where feedback = 'positive')::float / nullif(count(*), 0) as liked_rate
  from analytics.answers_feedback where day >= s.since and day < s.until and {where}) f on true"""
DUE = "count(*) filter (where outcome not in ('turned_away', 'cancelled'))"

QUESTIONS = """\
select date_trunc('{each}', day)::date as {each}, chatbot, count(*) as questions
from analytics.answers
where {where}
group by 1, 2 order by 1, 2"""

OUTCOMES = """\
select date_trunc('{each}', day)::date as {each},
  count(*) filter (where outcome in ('answered', 'canned'))::float / nullif(count(*), 0) as answered_rate,
  count(*) filter (where outcome = 'no_answer')::float / nullif(count(*), 0) as no_answer_rate,
  count(*) filter (where outcome = 'failed')::float / nullif(count(*), 0) as failed_rate,
  count(*) filter (where outcome = 'handed_over')::float / nullif(count(*), 0) as handed_over_rate,
  count(*) as n
from analytics.answers
where {where} and outcome not in ('turned_away', 'cancelled')
group by 1 order by 1"""

LIKED = """\
select date_trunc('{each}', day)::date as {each},
  count(*) filter (where feedback = 'positive')::float / nullif(count(*), 0) as liked_rate, count(*) as n
from analytics.answers_feedback
where {where}
group by 1 order by 1"""

SECONDS = """\
select date_trunc('{each}', day)::date as {each}, avg(seconds) as seconds,
  percentile_cont(0.5) within group (order by seconds) as seconds_median,
  percentile_cont(0.95) within group (order by seconds) as seconds_95, count(seconds) as n
from analytics.answers
where {where}
group by 1 order by 1"""

COST = """\
select date_trunc('{each}', day)::date as {each}, sum(cost) as cost, avg(cost) as cost_per_answer, count(cost) as n
from analytics.answers
where {where}
group by 1 order by 1"""

FRESHNESS = """\
select source, last_sync, seconds_since_sync, is_stale, newest_version_at
from analytics.source_freshness
where {where}
order by source"""


def changes(look: Look) -> Panel:
    """The span against the one before it: tiles, what changed beyond chance, and where that comes from."""
    wanted = look.wanted
    overview = look.ask(overviews.get)
    rows = [
        (
            METRICS[one.key].title, METRICS[one.key].unit, one.now.value, one.now.low, one.now.high, one.now.n,
            one.before.value, one.before.n, one.difference, one.low, one.high, one.is_notable,
        )
        for one in overview.changes
    ]  # fmt: skip
    days = "day" if wanted.days == 1 else f"{wanted.days:,} days"
    return Panel(
        "changes", f"{'This' if wanted.days == 1 else 'These'} {days} against the {days} before",
        "Each number with its 95 % interval (shares: Wilson; means: Student's t), how many cases it goes over, and "
        "what it was before. What is listed below changed beyond chance, its interval does not hold 0, and by at least "
        "a tenth of what it was; the parts are those that give more to the change than they have cases. A dash is not "
        "defined, such as a share of no cases.",
        Table(
            "changes",
            ("metric", "unit", "now", "low", "high", "n", "before", "n_before", "difference", "difference_low",
             "difference_high", "beyond_chance"),
            rows, is_cut=False,
        ),
        CHANGES.format(
            before=literal(wanted.before.since), since=literal(wanted.since), until=literal(wanted.until), due=DUE,
            where=conditions(wanted, day=""),
        ),
        units={"n": "count", "n_before": "count"}, tiles=tiles(overview), findings=findings(overview),
    )  # fmt: skip


def questions(look: Look) -> Panel:
    """How many questions came, by chatbot."""
    wanted = look.wanted
    each = each_of(wanted)
    groups = look.ask(overviews.series, each=each, by="chatbot")
    asked = {(group.period, group.part): of(group, "questions").n for group in groups}
    totals: dict[str | None, int] = {}
    for (_, part), n in asked.items():
        totals[part] = totals.get(part, 0) + n
    parts = sorted(totals, key=lambda part: -totals[part])
    periods = periods_of(wanted, each)
    series = [
        Series(part or "of no chatbot", periods, [asked.get((period, part), 0) for period in periods])
        for part in parts[:MOST_PARTS]
    ]
    if others := parts[MOST_PARTS:]:
        series.append(
            Series("others", periods, [sum(asked.get((period, one), 0) for one in others) for period in periods])
        )
    return Panel(
        "questions", "Questions, by chatbot", METRICS["questions"].says + _cut(wanted),
        Table("questions", (each, "chatbot", "questions"), [(*key, n) for key, n in asked.items()], is_cut=False),
        QUESTIONS.format(each=each, where=conditions(wanted)), Figure("stack", series, "count"),
        units={"questions": "count"},
    )  # fmt: skip


def outcomes(look: Look) -> Panel:
    """Shares of what questions came to."""
    keys = ("answered_rate", "no_answer_rate", "failed_rate", "handed_over_rate")
    said = " ".join(f"{METRICS[key].title}: {METRICS[key].says}" for key in keys)
    return _timed(look, "outcomes", "What questions came to", f"{said} {_BANDS}", keys, OUTCOMES)


def liked(look: Look) -> Panel:
    """What askers thought."""
    says = f"{METRICS['liked_rate'].says} {_BANDS} Where nobody said anything, there is a gap."
    return _timed(look, "liked", "Liked", says, ("liked_rate",), LIKED)


def seconds(look: Look) -> Panel:
    """How long answers took."""
    says = "From the question to the last word: the mean with its 95 % interval, the median, and what 95 of 100 took."
    keys = ("seconds", "seconds_median", "seconds_95")
    return _timed(look, "seconds", "Seconds to an answer", says, keys, SECONDS)


def cost(look: Look) -> Panel:
    """What answers cost."""
    wanted = look.wanted
    each = each_of(wanted)
    groups = look.ask(overviews.series, each=each)
    sums, means = (over_time(groups, wanted, each, key) for key in ("cost", "cost_per_answer"))
    return Panel(
        "cost", "Cost of answers", METRICS["cost"].says + _cut(wanted),
        Table(
            "cost", (each, "cost", "cost_per_answer", "low", "high", "n"),
            [(period, one.value, mean.value, mean.low, mean.high, one.n)
             for (period, one), (_, mean) in zip(sums, means, strict=True)],
            is_cut=False,
        ),
        COST.format(each=each, where=conditions(wanted)),
        Figure(
            "bar",
            [line(groups, wanted, each, "cost")],
            "money",
        ),
        units=units_of(("cost", "cost_per_answer")) | {"low": "money", "high": "money", "n": "count"},
    )  # fmt: skip


def freshness(look: Look) -> Panel:
    """Whether the sources are in step."""
    wanted = look.wanted
    found = look.ask(source_freshness.select_all)
    return Panel(
        "freshness", "Fresh sources",
        "At present, whatever days are chosen: when each source was last in step, and whether it missed more than "
        "three of its times; – where it is not synced by itself. A filter counts by its source and its tag.",
        Table(
            "freshness", ("source", "last_sync", "hours_since", "is_stale", "newest_version_at"),
            [
                (one.source, one.last_sync, None if one.seconds_since_sync is None else one.seconds_since_sync / 3600,
                 one.is_stale, one.newest_version_at)
                for one in found
            ],
            is_cut=False,
        ),
        FRESHNESS.format(where=conditions(wanted, day="", names=("source", "tag"))),
        links=[{"source": page_address("sources", wanted, source=one.source)} for one in found],
        ignores=("chatbot", "agent", "configuration", "model", "language"),
    )  # fmt: skip


PANELS: dict[str, Make] = {
    "changes": changes,
    "questions": questions,
    "outcomes": outcomes,
    "liked": liked,
    "seconds": seconds,
    "cost": cost,
    "freshness": freshness,
}

_BANDS = "The bands are 95 % intervals (Wilson)."


def _timed(look: Look, key: str, title: str, says: str, keys: tuple[str, ...], sql: str) -> Panel:
    """Metrics of one unit over time, as lines; n is that of the first."""
    wanted = look.wanted
    each = each_of(wanted)
    groups = look.ask(overviews.series, each=each)
    found = [over_time(groups, wanted, each, one) for one in keys]
    rows = [
        (at[0][0], *(cell for _, one in at for cell in (one.value, one.low, one.high)), at[0][1].n)
        for at in zip(*found, strict=True)
    ]
    columns = [column for one in keys for column in (one, f"{one}_low", f"{one}_high")]
    unit = METRICS[keys[0]].unit
    return Panel(
        key, title, says + _cut(wanted), Table(key, (each, *columns, "n"), rows, is_cut=False),
        sql.format(each=each, where=conditions(wanted)),
        Figure("line", [line(groups, wanted, each, one) for one in keys], unit),
        units=dict.fromkeys(columns, unit) | {"n": "count"},
    )  # fmt: skip


def _cut(wanted: Filter) -> str:
    return (
        "" if each_of(wanted) == "day" else " Weeks begin on Monday; the first and the last may be cut by the filter."
    )
