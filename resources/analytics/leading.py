"""From what changed to where somebody should look: sentences with addresses, the pages with their filters set. Pure."""

from __future__ import annotations

from typing import Any

from resources.analytics.addressing import page_address
from resources.analytics.defining import METRICS
from resources.analytics.records import Change, Filter, Finding, Freshness, Lead, Overview, Tile
from resources.analytics.wording import number

PLACES: dict[str, tuple[str, str]] = {
    "questions": ("overview", "questions"), "answered_rate": ("gaps", ""), "no_answer_rate": ("gaps", ""),
    "failed_rate": ("overview", "outcomes"), "handed_over_rate": ("overview", "outcomes"),
    "liked_rate": ("feedback", ""), "thumb_rate": ("feedback", ""), "seconds": ("retrieval", "latency"),
    "seconds_median": ("retrieval", "latency"), "seconds_95": ("retrieval", "latency"),
    "retrieval_seconds": ("retrieval", "latency"), "without_result_rate": ("gaps", ""),
    "best_score": ("retrieval", "scores"), "prompt_tokens": ("cost", ""), "cost_per_answer": ("cost", ""),
    "cost": ("cost", ""),
}  # fmt: skip
"""The page, and the panel of it, that shows why a metric is what it is."""

TILES = (
    "questions", "answered_rate", "no_answer_rate", "liked_rate", "seconds", "seconds_95", "cost_per_answer", "cost",
)  # fmt: skip


def tiles(overview: Overview) -> list[Tile]:
    """The numbers that are read first."""
    changes = {change.key: change for change in overview.changes}
    return [*(_tile(changes[key], overview.filter) for key in TILES), _fresh(overview)]


def findings(overview: Overview) -> list[Finding]:
    """What changed beyond chance, the worse first, and the sources that are out of date."""
    notable = [change for change in overview.changes if change.is_notable]
    notable.sort(key=lambda change: (change.is_better is not False, change.is_better is None))
    stale = [_stale(source, overview.filter) for source in overview.sources if source.is_stale]
    return [*(_finding(change, overview.filter) for change in notable), *stale]


def narrowed(dimension: str, part: str) -> dict[str, Any]:
    """The parts of a filter that ask for a part of a dimension, such as configuration 2 of a chatbot."""
    if dimension != "configuration":
        return {dimension: part}
    chatbot, _, configuration = part.rpartition(" #")
    return {"chatbot": chatbot, "configuration": int(configuration)}


def _tile(change: Change, wanted: Filter) -> Tile:
    metric, now = METRICS[change.key], change.now
    return Tile(
        metric.title, metric.unit, now.value, now.n if metric.unit != "count" else None, now.low, now.high,
        change.before.value, change.difference, change.is_notable, change.is_better, metric.says,
        _address(change.key, wanted),
    )  # fmt: skip


def _fresh(overview: Overview) -> Tile:
    timed = [source for source in overview.sources if source.is_stale is not None]
    fresh = sum(not source.is_stale for source in timed)
    return Tile(
        "Sources in step", "count", fresh if timed else None, len(timed),
        says="Sources that are synced by themselves and missed no more than three of their times; at present.",
        address=page_address("overview", overview.filter, anchor="freshness"),
    )  # fmt: skip


def _finding(change: Change, wanted: Filter) -> Finding:
    metric = METRICS[change.key]
    way = "rose" if (change.difference or 0) > 0 else "fell"
    by = ""
    if change.low is not None and change.high is not None:
        said = " points" if metric.unit == "share" else ""
        low, high = (_signed(one, change) for one in (change.low, change.high))
        by = f" The difference is {_signed(change.difference or 0, change)}{said}, 95 % interval {low} to {high}."
    n = f" n = {change.before.n:,} and {change.now.n:,}." if metric.unit != "count" else ""
    return Finding(
        f"{metric.title} {way} from {number(change.before.value, metric.unit)} to "
        f"{number(change.now.value, metric.unit)}.{by}{n} Look at: {metric.look[:1].lower()}{metric.look[1:]}",
        _address(change.key, wanted), change.is_better,
        [_led(lead, change, wanted) for lead in change.leads],
    )  # fmt: skip


def _led(lead: Lead, change: Change, wanted: Filter) -> Finding:
    unit = METRICS[change.key].unit
    whose = f"{lead.dimension} {lead.part}" if lead.part is not None else f"questions of no {lead.dimension}"
    changes = {} if lead.part is None else narrowed(lead.dimension, lead.part)
    much = "All" if lead.share >= 0.995 else f"{lead.share:.0%}"
    return Finding(
        f"{much} of it comes from {whose}, with {lead.weight:.0%} of the cases: "
        f"{number(lead.before, unit)} before, {number(lead.after, unit)} now.",
        _address(change.key, wanted, **changes),
    )  # fmt: skip


def _stale(source: Freshness, wanted: Filter) -> Finding:
    since = "was never in step" if source.last_sync is None else f"was last in step on {source.last_sync:%d %b %Y}"
    return Finding(
        f"The source {source.source} {since}: it misses its times.",
        page_address("sources", wanted, source=source.source), is_better=False,
    )  # fmt: skip


def _address(key: str, wanted: Filter, **changes: Any) -> str:
    page, panel = PLACES[key]
    return page_address(page, wanted, anchor=panel, **changes)


def _signed(value: float, change: Change) -> str:
    unit = METRICS[change.key].unit
    if unit == "share":
        return f"{100 * value:+.1f}"
    return ("+" if value > 0 else "") + number(value, unit)
