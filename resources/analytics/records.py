"""The vocabulary of the analytics domain: what is asked for, what was counted, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

Dimension = Literal["chatbot", "agent", "configuration", "model", "source", "language"]
Each = Literal["day", "week", "month"]
Unit = Literal["count", "share", "seconds", "score", "tokens", "money"]
DIMENSIONS: tuple[Dimension, ...] = ("chatbot", "agent", "configuration", "model", "source", "language")


@dataclass(frozen=True)
class Filter:
    """Which questions are counted: of the days from `since` until before `until`, in UTC; None is all.

    A question belongs to the source, the tag and the language of the document whose passage stood first for it.
    """

    since: date
    until: date
    chatbot: str | None = None
    agent: str | None = None
    configuration: int | None = None
    model: str | None = None
    source: str | None = None
    tag: str | None = None
    language: str | None = None

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.until - self.since).days

    @property
    def last(self) -> date:
        """The last day of it."""
        return self.until - timedelta(days=1)

    @property
    def before(self) -> Filter:
        """The same of as many days before."""
        return replace(self, since=self.since - timedelta(days=self.days), until=self.since)

    @property
    def named(self) -> list[str]:
        """What it asks for beside days."""
        return [name for name, value in asdict(self).items() if value is not None and name not in ("since", "until")]

    def parameters(self) -> dict[str, object]:
        """As statements take it."""
        return asdict(self)


@dataclass(frozen=True)
class Sums:
    """What the questions of a period came to, `part` of the dimension `by` or (by 'all') all of them.

    `due`: those that were to be answered, so neither turned away nor left by their asker. Of a mean: over how many it
    goes, and the standard deviation; None where it is not defined.
    """

    period: date
    by: str
    part: str | None
    questions: int
    due: int
    answered: int
    no_answer: int
    failed: int
    handed_over: int
    searches: int
    without_result: int
    seconds_n: int
    seconds_mean: float | None
    seconds_deviation: float | None
    seconds_median: float | None
    seconds_95: float | None
    retrieval_n: int
    retrieval_mean: float | None
    retrieval_deviation: float | None
    score_n: int
    score_mean: float | None
    score_deviation: float | None
    prompt_n: int
    prompt_mean: float | None
    prompt_deviation: float | None
    cost_n: int
    cost_mean: float | None
    cost_deviation: float | None
    cost: Decimal | None


@dataclass(frozen=True)
class Thumbs:
    """The thumbs that were given to the answers of a period, in the same parts."""

    period: date
    by: str
    part: str | None
    given: int
    positive: int


@dataclass(frozen=True)
class Definition:
    """What a metric means: the one place where that is said. `better`: which way is good, None for neither."""

    key: str
    title: str
    unit: Unit
    says: str
    better: Literal["more", "less"] | None
    look: str


@dataclass(frozen=True)
class Measure:
    """The value of a metric over `n` cases with its 95 % interval; None where it is not defined, never 0 instead."""

    key: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Group:
    """The metrics of a part, in a period."""

    period: date
    part: str | None
    measures: Sequence[Measure]


@dataclass(frozen=True)
class Lead:
    """A part that a change comes from: `share` of the change, though it has but `weight` of the cases.

    `part` is None for what belongs to none, such as questions that found nothing and so have no source.
    """

    dimension: str
    part: str | None
    before: float | None
    after: float | None
    share: float
    weight: float


@dataclass(frozen=True)
class Change:
    """A metric now and before, their difference with its 95 % interval, and where the difference comes from.

    `is_notable`: beyond chance, and at least a tenth of what it was. `is_better` is None where neither way is good.
    """

    key: str
    now: Measure
    before: Measure
    difference: float | None
    low: float | None
    high: float | None
    is_notable: bool
    is_better: bool | None
    leads: Sequence[Lead] = ()


@dataclass(frozen=True)
class Freshness:
    """A source, and whether it missed more than three of its times; None where it is not synced by itself."""

    source: str
    last_sync: datetime | None
    seconds_since_sync: float | None
    is_stale: bool | None
    newest_version_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """A span of days against the one before it, and how fresh the sources are at present."""

    filter: Filter
    changes: Sequence[Change]
    sources: Sequence[Freshness]


@dataclass(frozen=True)
class Table:
    """Rows of a view, in the order of its columns. `is_cut`: there are more."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    is_cut: bool


@dataclass(frozen=True)
class ViewColumn:
    """A column of a view, in its own words."""

    view: str
    says: str
    column: str
    column_says: str
    type: str


@dataclass(frozen=True)
class Choice:
    """Something that a filter may name."""

    kind: str
    name: str


@dataclass(frozen=True)
class Series:
    """One line, or one row of bars, of a figure. A `y` of None is not defined: a gap in a line, never 0.

    `low`, `high`: the 95 % interval of each value. `text`: what is told with each, such as its n. `dash`: drawn
    fainter, for what is compared with.
    """

    name: str
    x: Sequence[object]
    y: Sequence[float | int | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    text: Sequence[str] | None = None
    dash: bool = False


@dataclass(frozen=True)
class Figure:
    """What a chart shows; `marks` are vertical lines with their words, such as the activation of a configuration.

    A histogram has the middles of its classes as `x`; a heat map has a row for each series.
    """

    kind: Literal["line", "bar", "stack", "bars_across", "histogram", "heat"]
    series: Sequence[Series]
    unit: Unit
    x_title: str = ""
    marks: Sequence[tuple[object, str]] = ()


@dataclass(frozen=True)
class Tile:
    """One number that is read at a glance, with its interval, what it was before, and where to look."""

    title: str
    unit: Unit
    value: float | None
    n: int | None = None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    difference: float | None = None
    is_notable: bool = False
    is_better: bool | None = None
    says: str = ""
    address: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that changed, in a sentence, with the page and filter that show it, and where it comes from.

    `is_better`: None for neither.
    """

    says: str
    address: str = ""
    is_better: bool | None = None
    leads: Sequence[Finding] = ()


@dataclass(frozen=True)
class Panel:
    """A part of a page: what it means in words, its table, the SQL that gives the same, and perhaps a chart.

    `units`: how the numbers of a column are written (a share as a percentage); without one they are
    plain numbers, or in what the column `unit` of their row says.
    `nothing`: what is said where there is nothing to show.
    `ignores`: the parts of a filter that these numbers cannot be narrowed by, so that the page can say so.
    `links`: for each row of the table, the addresses that its cells lead to, by column. `sql`: empty where no view
    gives it. `more`: the address of all rows, page by page, where the table has but the first.
    """

    key: str
    title: str
    says: str
    table: Table
    sql: str
    figure: Figure | None = None
    units: Mapping[str, Unit] = field(default_factory=dict)
    links: Sequence[Mapping[str, str]] = ()
    more: str = ""
    ignores: Sequence[str] = ()
    nothing: str = "Nothing was counted under this filter."
    tiles: Sequence[Tile] = ()
    findings: Sequence[Finding] = ()
