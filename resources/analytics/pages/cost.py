"""The panels of the page Cost and use: what is spent, by whom and on what, and what the month will have cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from resources.analytics import costs, overviews
from resources.analytics.addressing import page_address
from resources.analytics.charting import each_of, line, of, periods_of
from resources.analytics.costs import DatedPrice, Part
from resources.analytics.defining import METRICS
from resources.analytics.forecasting import Forecast
from resources.analytics.panels import Look, Make
from resources.analytics.querying import conditions, literal
from resources.analytics.records import Figure, Filter, Finding, Group, Panel, Series, Table, Tile
from resources.analytics.wording import number
from resources.identity import budgets, expenses, model_prices
from resources.identity.model_prices import ListedPrice
from resources.identity.records import Budget

MOST_LINES = 6
MOST_BARS = 20
UNPRICED = (
    "In the currency of the prices. Requests to models without a price count, and cost nothing here; models that run "
    "in the house are free. – where nothing had a price."
)
OF_USAGE = ("configuration", "source", "tag", "language")
EVERYTHING = ("chatbot", "agent", *OF_USAGE)
KINDS = {"embedding": "vectors of documents", "answer": "answers", "questions": "question sets"}
METHOD = (
    "The forecast adds, for each day to the end of the month, the mean of its weekday over the last four weeks (over "
    "all days, where there are but one to four weeks; none for less than one). Its 95 % interval is that of a "
    "prediction by least squares (Student's t), as if days were independent: a price or a use that changes is not "
    "foreseen."
)

BUDGET = """\
select kind, model, sum(tokens) as tokens, sum(cost) as cost, sum(reserved) as reserved
from analytics.daily_expenses
where day >= date_trunc('month', now() at time zone 'UTC')
group by kind, model order by cost desc nulls last"""
PERIODS = """\
select date_trunc('{each}', day)::date as {each}, model, sum(requests) as requests, sum(prompt_tokens) as prompt_tokens,
  sum(completion_tokens) as completion_tokens, sum(cost) as cost, sum(unpriced_requests) as unpriced
from analytics.daily_usage
where {where}
group by 1, 2 order by 1, 2"""
PARTS = """\
select {columns}, sum(requests) as requests, sum(prompt_tokens) as prompt_tokens,
  sum(completion_tokens) as completion_tokens, sum(cost) as cost, sum(unpriced_requests) as unpriced
from analytics.daily_usage
where {where}
group by {columns} order by cost desc nulls last"""
KEYS = """\
select coalesce(key, 'no key') as key, sum(cost) as cost, sum(requests) as requests, sum(tokens) as tokens,
  sum(unpriced_requests) as unpriced, max(day) as last_day
from analytics.daily_key_usage
where {where}
group by 1 order by cost desc nulls last"""
BESIDE = """\
select date_trunc('{each}', day)::date as {each}, kind, model, sum(tokens) as tokens, sum(cost) as cost,
  sum(reserved) as reserved
from analytics.daily_expenses
where {where} and kind <> 'answer'
group by 1, 2, 3 order by 1, 2, 3"""
PRICES = """\
select model, since, until, input, output
from analytics.model_prices
where coalesce(until > {since}, true) and {where}
order by model, since nulls first"""
EACH_ANSWER = """\
select date_trunc('{each}', day)::date as {each}, chatbot || ' #' || configuration as configuration, avg({column}),
  count({column}) as n
from analytics.answers
where {where} and configuration is not null
group by 1, 2 order by 1, 2"""


def budget(look: Look) -> Panel:
    """What this month has cost, what it may, and what it will."""
    known = budgets.find_of_month(look.connection, look.organization_id)
    spent = expenses.select_of_month(look.connection, look.organization_id)
    today = datetime.now(UTC).date()
    foreseen = costs.foresee(look.connection, look.organization_id, today=today, budget=known)
    coming = model_prices.select_page(look.connection, look.organization_id, state="coming")
    return Panel(
        "budget", f"This month: {today:%B %Y}",
        "Whatever days are chosen: all that models were asked money for since the month began in UTC, as the budget "
        f"counts it: answers, vectors of documents, question sets. {METHOD} {UNPRICED}",
        Table(
            "budget", ("what_for", "model", "cost", "tokens", "unpriced_tokens", "reserved"),
            [(KINDS.get(one.kind, one.kind), one.model, one.cost, one.tokens, one.unpriced_tokens, one.reserved)
             for one in spent],
            is_cut=False,
        ),
        BUDGET, units={"cost": "money", "reserved": "money", "tokens": "tokens", "unpriced_tokens": "tokens"},
        ignores=(*EVERYTHING, "model"), tiles=_tiles(known, foreseen),
        findings=[*_findings(known, foreseen), *_to_come(coming, today)],
        nothing="Nothing was spent in this month.",
    )  # fmt: skip


def over_time(look: Look) -> Panel:
    """Cost over time, by model."""
    wanted = look.wanted
    each = each_of(wanted)
    found = look.ask(costs.select_periods, each=each)
    periods = periods_of(wanted, each)
    return Panel(
        "over_time", "Cost, by model",
        "What answers cost, and what is asked of models with them, over time. Marks: a price changed (see Prices). "
        f"{UNPRICED}",
        Table("over_time", (each, "model", "cost", "requests", "prompt_tokens", "completion_tokens", "unpriced"),
              [(one.period, one.model, one.cost, one.requests, one.prompt_tokens, one.completion_tokens,
                one.unpriced_requests) for one in found], is_cut=False),
        PERIODS.format(each=each, where=conditions(wanted, names=("chatbot", "agent", "model"))),
        Figure("stack", _stacked(((one.period, one.model, one.cost) for one in found), periods), "money",
               marks=_changes(look.ask(costs.select_prices), wanted) if len(periods) > 1 else ()),
        units={"cost": "money", "requests": "count", "prompt_tokens": "tokens", "completion_tokens": "tokens"},
        ignores=OF_USAGE,
    )  # fmt: skip


def each_answer(look: Look) -> Panel:
    """What an answer costs, by configuration."""
    return _by_configuration(
        look, "cost_per_answer", "each_answer", "Cost of an answer, by configuration",
        "cost",
    )  # fmt: skip


def read(look: Look) -> Panel:
    """What a model reads for an answer, by configuration."""
    return _by_configuration(
        look, "prompt_tokens", "read", "Tokens read for an answer, by configuration",
        "prompt_tokens",
    )  # fmt: skip


def by_chatbot(look: Look) -> Panel:
    """Cost by chatbot and agent."""
    return _by_part(look, "by_chatbot", "By chatbot and agent", ("chatbot", "agent"))


def by_model(look: Look) -> Panel:
    """Cost by model."""
    return _by_part(look, "by_model", "By model", ("model",))


def by_key(look: Look) -> Panel:
    """Cost by key."""
    wanted = look.wanted
    found = look.ask(costs.select_keys)
    names = [one.key or "no key" for one in found[:MOST_BARS]]
    return Panel(
        "by_key", "By key",
        "Who asked: by the name of the key, or by the door, such as the browser, where none was needed. A key that is "
        f"gone is told by its door. {UNPRICED}",
        Table("by_key", ("key", "cost", "requests", "tokens", "unpriced", "last_day"),
              [(one.key or "no key", one.cost, one.requests, one.tokens, one.unpriced_requests, one.last_day)
               for one in found], is_cut=False),
        KEYS.format(where=conditions(wanted, names=("chatbot", "agent", "model"))),
        Figure("bars_across", [Series("requests", names, [one.requests for one in found[:MOST_BARS]])], "count"),
        units={"cost": "money", "requests": "count", "tokens": "tokens", "unpriced": "count"}, ignores=OF_USAGE,
    )  # fmt: skip


def use(look: Look) -> Panel:
    """Requests and tokens over time."""
    wanted = look.wanted
    each = each_of(wanted)
    found = look.ask(costs.select_periods, each=each)
    periods = periods_of(wanted, each)
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found:
        for at, n in enumerate((one.requests, one.prompt_tokens, one.completion_tokens)):
            sums[one.period][at] += n
    named = (("read", 1), ("spoken", 2))
    return Panel(
        "use", "Tokens",
        "What models read and spoke, over time; the extractive answerer speaks no tokens that cost anything.",
        Table("use", (each, "requests", "prompt_tokens", "completion_tokens"),
              [(period, *sums[period]) for period in sorted(sums)], is_cut=False),
        PERIODS.format(each=each, where=conditions(wanted, names=("chatbot", "agent", "model"))),
        Figure("stack", [Series(name, periods, [sums[period][at] if period in sums else 0 for period in periods])
                         for name, at in named] if found else [], "tokens"),
        units={"requests": "count", "prompt_tokens": "tokens", "completion_tokens": "tokens"}, ignores=OF_USAGE,
    )  # fmt: skip


def beside(look: Look) -> Panel:
    """What is spent beside answers."""
    wanted = look.wanted
    each = each_of(wanted)
    found = look.ask(costs.select_beside, each=each)
    periods = periods_of(wanted, each)
    return Panel(
        "beside", "Spent beside answers",
        "Vectors of documents and questions that models write for question sets. Reserved: set aside for work that is "
        f"under way, or was lost in a crash. {UNPRICED}",
        Table("beside", (each, "what_for", "model", "cost", "tokens", "reserved"),
              [(one.period, KINDS.get(one.kind, one.kind), one.model, one.cost, one.tokens, one.reserved)
               for one in found], is_cut=False),
        BESIDE.format(each=each, where=conditions(wanted, names=("model",))),
        Figure("stack", _stacked(((one.period, KINDS.get(one.kind, one.kind), one.cost) for one in found), periods),
               "money"),
        units={"cost": "money", "reserved": "money", "tokens": "tokens"}, ignores=EVERYTHING,
        nothing="Nothing was spent beside answers in these days.",
    )  # fmt: skip


def prices(look: Look) -> Panel:
    """Which prices held, hold and will."""
    wanted = look.wanted
    return Panel(
        "prices", "Prices",
        "What a million tokens cost on these days, read (input) and spoken (output), and what they will. Whatever is "
        "asked of a model is paid by the price of its day in UTC, and is not reckoned anew when that changes. – as the "
        "first day: from the beginning; as the end: no other price follows.",
        Table("prices", ("model", "since", "until", "input", "output"),
              [(one.model, one.since, one.until, one.input, one.output) for one in look.ask(costs.select_prices)],
              is_cut=False),
        PRICES.format(since=literal(wanted.since), where=conditions(wanted, day="", names=("model",))),
        units={"input": "money", "output": "money"}, ignores=EVERYTHING,
        nothing="No model has a price: 'millrace price set' sets one.",
    )  # fmt: skip


PANELS: dict[str, Make] = {
    "budget": budget,
    "over_time": over_time,
    "each_answer": each_answer,
    "read": read,
    "by_chatbot": by_chatbot,
    "by_model": by_model,
    "by_key": by_key,
    "use": use,
    "beside": beside,
    "prices": prices,
}


def _tiles(known: Budget | None, foreseen: Forecast) -> list[Tile]:
    tiles = [
        Tile("Spent", "money", foreseen.spent, says="Since the month began, reserved sums too."),
        Tile("By the end of the month", "money", foreseen.value, foreseen.days, foreseen.low, foreseen.high,
             says=f"n: days that it rests on. {METHOD}"),
    ]  # fmt: skip
    if known is None:
        return tiles
    allowed = float(known.amount + known.approved)
    return [
        *tiles,
        Tile(f"Budget, {known.currency}", "money", allowed, says="With what was approved for this month."),
        Tile("Left", "money", float(known.left)),
    ]


def _findings(known: Budget | None, foreseen: Forecast) -> list[Finding]:
    if known is None:
        return [Finding("No budget bounds what is spent: 'millrace budget set' makes one.")]
    allowed = float(known.amount + known.approved)
    what = "embedding stops until there is money again" if known.action == "block" else "somebody is asked for more"
    if known.left <= 0:
        return [Finding(f"The budget is used up: {what}.", is_better=False)]
    if foreseen.value is None or foreseen.high is None:
        return [Finding("Too few days were paid for to foresee the end of the month.")]
    if foreseen.reached is not None:
        return [Finding(f"The budget is expected to be used up on {foreseen.reached:%d %B}: {what}.", is_better=False)]
    if foreseen.high > allowed:
        return [Finding("The budget will probably last; at the upper end of the forecast it does not.")]
    return [Finding(f"The budget will last: at most {number(foreseen.high, 'money')} are foreseen.", is_better=True)]


def _to_come(coming: Sequence[ListedPrice], today: date) -> list[Finding]:
    """The prices that change within the month, which the forecast, made of days that are over, cannot know."""
    return [
        Finding(
            f"From {one.since:%d %B} on, a million tokens of {one.model} cost {number(one.input, 'money')} read and "
            f"{number(one.output, 'money')} spoken; the forecast is made at the prices until today."
        )
        for one in coming
        if one.since is not None and (one.since.year, one.since.month) == (today.year, today.month)
    ]


def _stacked(
    found: Iterable[tuple[date, str, Decimal | None]], periods: Sequence[date]
) -> list[Series]:  # fmt: skip
    """A row for each name that cost anything, the dearest first, and one of all beyond six."""
    sums: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for period, name, cost in found:
        if cost is not None:
            sums[name][period] += float(cost)
    names = sorted(sums, key=lambda name: (-sum(sums[name].values()), name))
    series = [Series(name, periods, [sums[name].get(at, 0.0) for at in periods]) for name in names[:MOST_LINES]]
    if rest := names[MOST_LINES:]:
        series.append(Series("others", periods, [sum(sums[name].get(at, 0.0) for name in rest) for at in periods]))
    return series


def _changes(found: Sequence[DatedPrice], wanted: Filter) -> list[tuple[object, str]]:
    """A mark for each day on which the price of a model became another; which, the prices tell."""
    follows = {after.since for before, after in pairwise(found) if before.model == after.model}
    return [(day, "price") for day in sorted(day for day in follows if day and wanted.since < day < wanted.until)]


def _by_configuration(look: Look, metric: str, key: str, title: str, column: str) -> Panel:
    """A metric of answers over time, a line for each configuration."""
    wanted = look.wanted
    each = each_of(wanted)
    groups = look.ask(overviews.series, each=each, by="configuration")
    by_part: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        if group.part is not None and of(group, metric).value is not None:
            by_part[group.part].append(group)
    largest = sorted(by_part, key=lambda part: -sum(of(group, metric).n for group in by_part[part]))[:MOST_LINES]
    rows = [
        (group.period, group.part, one.value, one.low, one.high, one.n)
        for group in groups
        if group.part is not None and (one := of(group, metric)).value is not None
    ]
    unit = METRICS[metric].unit
    return Panel(
        key, title, f"{METRICS[metric].says} The bands are 95 % intervals. A step shows where a prompt, or how many "
        "passages are offered, changed.",
        Table(key, (each, "configuration", metric, "low", "high", "n"), rows, is_cut=False),
        EACH_ANSWER.format(each=each, column=column, where=conditions(wanted)),
        Figure("line", [line(by_part[part], wanted, each, metric, name=part) for part in sorted(largest)], unit),
        units={metric: unit, "low": unit, "high": unit, "n": "count"},
    )  # fmt: skip


def _by_part(look: Look, key: str, title: str, columns: tuple[str, ...]) -> Panel:
    """What parts took in the span, the dearest first."""
    wanted = look.wanted
    name_of: Callable[[Part], tuple[str | None, ...]] = lambda one: tuple(getattr(one, name) for name in columns)  # noqa: E731
    sums: dict[tuple[str | None, ...], list[Part]] = defaultdict(list)
    for one in look.ask(costs.select_parts):
        sums[name_of(one)].append(one)
    rows = [
        (names, _cost(parts), sum(one.requests for one in parts), sum(one.prompt_tokens for one in parts),
         sum(one.completion_tokens for one in parts), sum(one.unpriced_requests for one in parts))
        for names, parts in sums.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (-(row[1] or 0), -row[2]))
    drawn = [row for row in rows if row[1] is not None][:MOST_BARS]
    labels = [", ".join(name or "none" for name in row[0]) for row in drawn]
    return Panel(
        key, title, f"What answers took in these days, the dearest first. {UNPRICED}",
        Table(key, (*columns, "cost", "cost_per_request", "requests", "prompt_tokens", "completion_tokens", "unpriced"),
              [(*names, cost, None if cost is None or asked == unpriced else float(cost) / (asked - unpriced), asked,
                heard, spoken, unpriced) for names, cost, asked, heard, spoken, unpriced in rows], is_cut=False),
        PARTS.format(columns=", ".join(columns), where=conditions(wanted, names=("chatbot", "agent", "model"))),
        Figure("bars_across", [Series("cost", labels, [row[1] for row in drawn],
                                      text=[f"n = {row[2]:,}" for row in drawn])], "money"),
        units={"cost": "money", "cost_per_request": "money", "requests": "count", "prompt_tokens": "tokens",
               "completion_tokens": "tokens", "unpriced": "count"},
        ignores=OF_USAGE,
        links=[{columns[0]: page_address("cost", wanted, **{columns[0]: row[0][0]})} if row[0][0] else {}
               for row in rows],
    )  # fmt: skip


def _cost(parts: Sequence[Part]) -> float | None:
    known = [one.cost for one in parts if one.cost is not None]
    return float(sum(known)) if known else None
