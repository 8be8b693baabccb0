"""The panels of the page Sources: how fresh documents are, how many there are, what fails, what they cost and give."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from resources.analytics import overviews, source_freshness, source_standings
from resources.analytics.addressing import page_address
from resources.analytics.charting import each_of, of, periods_of
from resources.analytics.defining import METRICS
from resources.analytics.measuring import share
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions
from resources.analytics.records import Figure, Finding, Freshness, Panel, Series, Table, Tile
from resources.analytics.source_standings import Disliked, Growth, Standing, Uncited
from resources.foundation.counting import counted

MOST_BARS = 20
MOST_LINES = 8
FEWEST_THUMBS = 5
OF_NO_SOURCE = ("chatbot", "agent", "configuration", "model", "language")

STANDINGS = """\
select c.source, f.last_sync, f.is_stale, c.documents, c.ready, c.failed, c.cited_share, k.cost, k.citations,
  k.cost_per_citation
from (select * from analytics.source_coverage where {where}) c
join analytics.source_freshness f using (organization_id, source_id)
join analytics.source_cost k using (organization_id, source_id)
order by c.source"""
LIKED = """\
select a.source, a.questions, a.no_answer_rate, f.liked_rate, coalesce(f.thumbs, 0) as thumbs
from (
  select source, count(*) as questions,
    count(*) filter (where outcome = 'no_answer')::float
      / nullif(count(*) filter (where outcome not in ('turned_away', 'cancelled')), 0) as no_answer_rate
  from analytics.answers where {where} group by source) a
left join (
  select source, count(*) as thumbs, avg((feedback = 'positive')::int) as liked_rate
  from analytics.answers_feedback where {where} group by source) f on f.source is not distinct from a.source
order by a.questions desc"""
FAILURES = """\
select source, stage, outcome, state, items, oldest, most_attempts
from analytics.failures_backlog
where {where}
order by items desc"""
COSTS = """\
select source, syncs, tokens, cost, answers, citations, cost_per_citation
from analytics.source_cost
where {where}
order by cost desc nulls last"""
NEVER = """\
select source, path, title, language, days from analytics.never_cited_documents
where {where}
order by days desc, source, path"""
DISLIKED = """\
select source, path, title, answers, liked, disliked, disliked_share from analytics.disliked_documents
where {where}
order by disliked desc"""


def standings(look: Look) -> Panel:
    """All sources, side by side, and which of them want somebody's attention."""
    wanted = look.wanted
    found = look.ask(source_standings.select_all)
    fresh = {one.source: one for one in look.ask(source_freshness.select_all)}
    return Panel(
        "standings", "How the sources stand",
        "At present: documents that are known, those that can be found (ready), passages, items that were given up "
        "(parked) or are tried again, and documents that an answer ever cited. A source is stale when it missed more "
        "than three of its times; – where it is not synced by itself. Of the days of the filter: syncs, changed and "
        "deleted documents.",
        Table(
            "standings",
            ("source", "last_sync", "is_stale", "documents", "ready", "ready_share", "passages", "parked", "retrying",
             "cited_share", "syncs", "failed_syncs", "changed", "deleted"),
            [
                (one.source, fresh[one.source].last_sync if one.source in fresh else None,
                 fresh[one.source].is_stale if one.source in fresh else None, one.documents, one.ready,
                 _over(one.ready, one.documents), one.chunks, one.parked, one.retrying,
                 _over(one.cited, one.documents), one.syncs, one.failed_syncs, one.changed, one.deleted)
                for one in found
            ],
            is_cut=False,
        ),
        STANDINGS.format(where=conditions(wanted, day="", names=("source", "tag"))),
        units={"ready_share": "share", "cited_share": "share"}, ignores=OF_NO_SOURCE,
        links=[{"source": f"/sources/{one.source_id}"} for one in found], nothing="There is no source yet.",
        tiles=_tiles(found, list(fresh.values())), findings=_findings(found, fresh),
    )  # fmt: skip


def liked(look: Look) -> Panel:
    """What askers thought of answers from each source."""
    wanted = look.wanted
    groups = look.ask(overviews.breakdown, by="source")
    rows = sorted(
        (
            (group.part, of(group, "questions").n, of(group, "liked_rate"), of(group, "no_answer_rate"))
            for group in groups
        ),
        key=lambda row: (row[2].value is None, row[2].value, -row[1]),
    )
    drawn = [row for row in rows if row[2].value is not None][:MOST_BARS]
    names = [name or "none" for name, *_ in drawn]
    return Panel(
        "liked", "Liked, by source",
        f"{METRICS['liked_rate'].says} A question belongs to the source of the passage that stood first for it. The "
        "least liked first; the whiskers are 95 % intervals (Wilson). Where nobody said anything, nothing is drawn.",
        Table(
            "liked", ("source", "questions", "liked_rate", "low", "high", "thumbs", "no_answer_rate", "no_answer_low",
                      "no_answer_high", "n"),
            [
                (name, n, up.value, up.low, up.high, up.n, silent.value, silent.low, silent.high, silent.n)
                for name, n, up, silent in rows
            ],
            is_cut=False,
        ),
        LIKED.format(where=conditions(wanted)),
        Figure(
            "bars_across",
            [Series("Liked", names, [up.value for *_, up, _ in drawn], [up.low for *_, up, _ in drawn],
                    [up.high for *_, up, _ in drawn], [f"n = {up.n:,}" for *_, up, _ in drawn])],
            "share",
        ),
        units=dict.fromkeys(
            ("liked_rate", "low", "high", "no_answer_rate", "no_answer_low", "no_answer_high"), "share"
        ),
        links=[{"source": page_address("feedback", wanted, source=name)} if name else {} for name, *_ in rows],
        nothing="Nobody said anything about answers of these days.",
    )  # fmt: skip


def growth(look: Look) -> Panel:
    """How many documents there were."""
    wanted = look.wanted
    each = each_of(wanted)
    found = look.ask(source_standings.select_growth, each=each)
    periods = periods_of(wanted, each)
    lines = _counts(found, periods)
    largest = sorted(lines, key=lambda source: (-lines[source][-1], source))[:MOST_LINES] if periods else []
    return Panel(
        "growth", "Documents, over time",
        "How many documents each source had at the end of each period: those first seen until then, less those deleted "
        "until then; what was purged since is not counted. The largest sources are drawn.",
        Table(
            "growth", (each, "source", "documents", "gained", "lost"),
            _grown(found, lines, periods), is_cut=False,
        ),
        "", Figure("line", [Series(name, periods, lines[name]) for name in largest], "count"),
        ignores=("chatbot", "agent", "configuration", "model"), nothing="There were no documents in these days.",
    )  # fmt: skip


def syncs(look: Look) -> Panel:
    """How syncs ended."""
    wanted = look.wanted
    each = each_of(wanted)
    found = {one.period: one for one in look.ask(source_standings.select_syncs, each=each)}
    periods = periods_of(wanted, each)
    return Panel(
        "syncs", "Syncs, and how they ended",
        "Syncs that began in each period, as far as they are remembered. Failed: the sync itself broke off; items that "
        "fail in a sync that goes on are counted apart.",
        Table("syncs", (each, "completed", "failed", "changed_documents", "failed_items"),
              [(one.period, one.completed, one.failed, one.changed, one.failed_items) for one in found.values()],
              is_cut=False),
        "",
        Figure(
            "stack",
            [Series("completed", periods, [found[at].completed if at in found else 0 for at in periods]),
             Series("failed", periods, [found[at].failed if at in found else 0 for at in periods])] if found else [],
            "count",
        ),
        ignores=OF_NO_SOURCE, nothing="Nothing was synced in these days.",
    )  # fmt: skip


def failures(look: Look) -> Panel:
    """What fails and waits."""
    wanted = look.wanted
    found = look.ask(source_standings.select_failures)
    ids = source_standings.select_ids(look.connection, look.organization_id)
    counts: Counter[tuple[str, str]] = Counter()
    for one in found:
        counts[one.source, one.state] += one.items
    names = list(dict.fromkeys(one.source for one in found))[:MOST_BARS]
    states = ("parked", "retrying", "ignored")
    return Panel(
        "failures", "What fails and waits",
        "Items that could not be read or embedded, at present: parked ones wait until they change or somebody asks, "
        "others are tried again by themselves, ignored ones are left alone on purpose.",
        Table("failures", ("source", "stage", "outcome", "state", "items", "oldest", "most_attempts"),
              [(one.source, one.stage, one.outcome, one.state, one.items, one.oldest, one.most_attempts)
               for one in found], is_cut=len(found) >= source_standings.MOST),
        FAILURES.format(where=conditions(wanted, day="", names=("source", "tag"))),
        Figure("bars_across", [Series(state, names, [counts[name, state] for name in names]) for state in states]
               if found else [], "count"),
        ignores=OF_NO_SOURCE, nothing="Nothing fails.",
        links=[{"source": f"{_address(one.source, ids)}#failures"} for one in found],
    )  # fmt: skip


def costs(look: Look) -> Panel:
    """What sources cost, against what answers took of them."""
    wanted = look.wanted
    found = look.ask(source_standings.select_costs)
    names = [one.source for one in found[:MOST_BARS]]
    return Panel(
        "costs", "Cost against citations",
        "What the vectors of each source cost as far as its syncs are remembered (in all), and in the days of the "
        "filter; and how often answers quote it, ever. In the currency of the prices; – where no model had a price.",
        Table("costs", ("source", "cost", "tokens", "cost_in_all", "answers", "citations", "cost_per_citation"),
              [(one.source, one.cost, one.tokens, one.cost_in_all, one.answers, one.citations, one.cost_per_citation)
               for one in found], is_cut=False),
        COSTS.format(where=conditions(wanted, day="", names=("source", "tag"))),
        Figure("bars_across", [Series("citations", names, [one.citations for one in found[:MOST_BARS]])], "count"),
        units={"cost": "money", "cost_in_all": "money", "cost_per_citation": "money", "tokens": "tokens"},
        ignores=OF_NO_SOURCE, links=[{"source": f"/sources/{one.source_id}"} for one in found],
        nothing="There is no source yet.",
    )  # fmt: skip


def never_cited(look: Look) -> Panel:
    """Documents that nobody needs."""
    wanted = look.wanted
    found = look.ask(source_standings.select_never_cited, at_most=source_standings.MOST + 1
    )  # fmt: skip
    kept = found[: source_standings.MOST]
    counts = sorted({one.source: one.of_source for one in found}.items(), key=lambda each: (-each[1], each[0]))
    return Panel(
        "never_cited", "Documents that nobody cites",
        "Documents that can be found, and that no answer ever cited, whatever days are chosen. Days: how long they "
        "could have been. The chart has how many each source has.",
        Table("never_cited", ("source", "document", "path", "language", "days"),
              [(one.source, one.title or one.path, one.path, one.language, one.days) for one in kept],
              is_cut=len(found) > len(kept)),
        NEVER.format(where=conditions(wanted, day="", names=("source", "language", "tag"))),
        Figure("bars_across", [Series("never cited", [name for name, _ in counts[:MOST_BARS]],
                                      [count for _, count in counts[:MOST_BARS]])], "count"),
        ignores=("chatbot", "agent", "configuration", "model"),
        links=_document_links(kept, source_standings.select_ids(look.connection, look.organization_id)),
        nothing="Every document that can be found was cited.",
    )  # fmt: skip


def disliked(look: Look) -> Panel:
    """Documents that answers with a thumb down cite."""
    wanted = look.wanted
    found = look.ask(source_standings.select_disliked, at_most=source_standings.MOST + 1)
    kept = found[: source_standings.MOST]
    shares = [share("disliked", one.disliked, one.liked + one.disliked) for one in kept]
    drawn = [(one, of) for one, of in zip(kept, shares, strict=True) if of.n >= FEWEST_THUMBS]
    drawn = sorted(drawn, key=lambda each: (-(each[1].low or 0), each[0].path))[:MOST_BARS]
    return Panel(
        "disliked", "Documents whose answers are disliked",
        "Documents that are served and cited by answers with a thumb down, ever: they may be wrong, out of date, or "
        "only near what was meant. The share goes over all thumbs for these answers, with its 95 % interval (Wilson); "
        f"drawn are those with {FEWEST_THUMBS} thumbs or more, the surest first.",
        Table("disliked",
              ("source", "document", "path", "answers", "disliked_share", "low", "high", "disliked", "thumbs"),
              [(one.source, one.title or one.path, one.path, one.answers, of.value, of.low, of.high, one.disliked, of.n)
               for one, of in zip(kept, shares, strict=True)], is_cut=len(found) > len(kept)),
        DISLIKED.format(where=conditions(wanted, day="", names=("source", "language", "tag"))),
        Figure("bars_across", [Series("disliked", [f"{one.source}: {one.title or one.path}"[:60] for one, _ in drawn],
                                      [of.value for _, of in drawn], [of.low for _, of in drawn],
                                      [of.high for _, of in drawn], [f"n = {of.n:,}" for _, of in drawn])], "share"),
        units={"disliked_share": "share", "low": "share", "high": "share"},
        ignores=("chatbot", "agent", "configuration", "model"),
        links=_document_links(kept, source_standings.select_ids(look.connection, look.organization_id)),
        nothing="Nobody disliked an answer that cites a document.",
    )  # fmt: skip


def _address(name: str, ids: Mapping[str, UUID]) -> str:
    return f"/sources/{ids[name]}" if name in ids else "/sources"


PANELS: dict[str, Make] = {
    "standings": standings,
    "liked": liked,
    "growth": growth,
    "syncs": syncs,
    "failures": failures,
    "costs": costs,
    "never_cited": never_cited,
    "disliked": disliked,
}


def _tiles(found: Sequence[Standing], fresh: Sequence[Freshness]) -> list[Tile]:
    documents, ready, cited = (sum(getattr(one, name) for one in found) for name in ("documents", "ready", "cited"))
    timed = [one for one in fresh if one.is_stale is not None]
    on_time = share("fresh", sum(not one.is_stale for one in timed), len(timed))
    return [
        Tile("Sources", "count", len(found)),
        Tile("Fresh", "share", on_time.value, on_time.n, says="Of the sources that are synced by themselves."),
        Tile("Documents", "count", documents),
        Tile("Can be found", "share", _over(ready, documents), documents),
        Tile("Ever cited", "share", _over(cited, documents), documents),
        Tile("Parked items", "count", sum(one.parked for one in found), says="They wait for a person, or to change."),
    ]


def _findings(found: Sequence[Standing], fresh: Mapping[str, Freshness]) -> list[Finding]:
    told = []
    for one in found:
        address, known = f"/sources/{one.source_id}", fresh.get(one.source)
        if known is not None and known.is_stale:
            since = f"since {known.last_sync:%d %b %Y}" if known.last_sync else "ever"
            told.append(Finding(f"{one.source} is stale: it was not in step {since}", address, is_better=False))
        if one.parked:
            told.append(
                Finding(
                    f"{one.source}: {counted(one.parked, 'item is', 'items are')} parked", f"{address}#failures", False
                )
            )
    if found and not told:
        told.append(Finding("Nothing wants attention: all sources are in step, and nothing is parked.", "", True))
    return told


def _over(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _counts(found: Sequence[Growth], periods: Sequence[date]) -> dict[str, list[int]]:
    """How many documents each source has at the end of each period."""
    changes: dict[str, Counter[date | None]] = defaultdict(Counter)
    for one in found:
        changes[one.source][one.period] += one.gained - one.lost
    lines = {}
    for source, by_period in changes.items():
        total, line = by_period[None], []
        for period in periods:
            total += by_period[period]
            line.append(total)
        lines[source] = line
    return lines


def _grown(
    found: Sequence[Growth], lines: dict[str, list[int]], periods: Sequence[date]
) -> list[tuple[date, str, int, int, int]]:
    known = {(one.period, one.source): one for one in found}
    rows = []
    for at, period in enumerate(periods):
        for source, line in lines.items():
            one = known.get((period, source))
            if one is not None or at == len(periods) - 1:
                rows.append((period, source, line[at], one.gained if one else 0, one.lost if one else 0))
    return rows


def _document_links(found: Sequence[Uncited] | Sequence[Disliked], ids: Mapping[str, UUID]) -> list[dict[str, str]]:
    return [
        {"document": f"/documents/{one.document_id}", "source": _address(one.source, ids)} for one in found
    ]  # fmt: skip
