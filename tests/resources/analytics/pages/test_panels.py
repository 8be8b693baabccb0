"""Every panel of every page: whole with nothing, a week and the year; its SQL gives tools the numbers it shows."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from resources.analytics import exports, views
from resources.analytics.drawing import drawn
from resources.analytics.pages import PAGES
from resources.analytics.panels import look_at
from resources.analytics.records import Filter, Panel
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from tests.resources.analytics.pages.conftest import UNTIL, Archive

WEEK = Filter(UNTIL - timedelta(days=7), UNTIL)
FILTERS = {
    "week": WEEK,
    "year": Filter(UNTIL - timedelta(days=364), UNTIL),
    "narrow": Filter(UNTIL - timedelta(days=30), UNTIL, chatbot="handbook", configuration=1, source="safety"),
}
ALL = [(page.key, panel) for page in PAGES.values() for panel in page.panels]
# The SQL's key columns and the columns that must be equal, by panel.
EQUAL = {
    ("overview", "questions"): (2, {"questions": "questions"}),
    ("overview", "outcomes"): (1, {"answered_rate": "answered_rate", "no_answer_rate": "no_answer_rate", "n": "n"}),
    ("overview", "liked"): (1, {"liked_rate": "liked_rate", "n": "n"}),
    ("overview", "seconds"): (
        1, {"seconds": "seconds", "seconds_median": "seconds_median", "seconds_95": "seconds_95", "n": "n"}
    ),
    ("overview", "cost"): (1, {"cost": "cost", "cost_per_answer": "cost_per_answer", "n": "n"}),
    ("retrieval", "scores"): (3, {"searches": "retrievals", "mean": "mean_score", "median": "median"}),
    ("retrieval", "drift"): (3, {"searches": "scores", "mean": "mean_score", "drift": "drift"}),
    ("retrieval", "latency"): (3, {"answers": "answers", "mean": "mean_seconds", "median": "median_seconds"}),
    ("retrieval", "distribution"): (2, {"searches": "searches"}),
    ("gaps", "topics"): (1, {"questions": "questions", "disliked": "disliked", "nearest": "nearest_score"}),
    ("sources", "liked"): (1, {name: name for name in ("questions", "liked_rate", "thumbs", "no_answer_rate")}),
    ("sources", "costs"): (1, {"citations": "citations", "answers": "answers", "cost_in_all": "cost"}),
    ("cost", "over_time"): (2, {name: name for name in ("cost", "requests", "prompt_tokens", "completion_tokens")}),
    ("cost", "each_answer"): (2, {"cost_per_answer": "avg", "n": "n"}),
    ("cost", "read"): (2, {"prompt_tokens": "avg", "n": "n"}),
    ("cost", "by_chatbot"): (2, {name: name for name in ("cost", "requests", "prompt_tokens", "unpriced")}),
    ("cost", "by_model"): (1, {name: name for name in ("cost", "requests", "completion_tokens")}),
    ("cost", "by_key"): (1, {name: name for name in ("cost", "requests", "tokens", "unpriced")}),
    ("cost", "beside"): (1, {"cost": "cost", "tokens": "tokens"}),
    ("cost", "prices"): (2, {"input": "input", "output": "output"}),
}  # fmt: skip


def make(archive: Archive, page: str, panel: str, wanted: Filter, *, of_nothing: bool = False) -> Panel:
    organization_id = archive.nothing if of_nothing else archive.year
    with archive.database.transaction(organization_id) as connection:
        return PAGES[page].panels[panel](look_at(connection, organization_id, wanted))


def check(panel: Panel, key: str) -> None:
    """It can be shown, drawn and taken away."""
    assert panel.key == key
    assert panel.title
    assert panel.says
    assert all(len(row) == len(panel.table.columns) for row in panel.table.rows)
    assert len(panel.links) <= len(panel.table.rows)
    assert set(panel.units) <= set(panel.table.columns)
    assert {column for links in panel.links for column in links} <= set(panel.table.columns)
    assert exports.csv_of(panel.table).count("\n") >= len(panel.table.rows)
    assert exports.parquet_of(panel.table)[:4] == b"PAR1"
    if panel.figure:
        assert json.loads(drawn(panel))["kind"] == panel.figure.kind


@pytest.mark.parametrize(("page", "panel"), ALL)
def test_with_nothing_at_all_each_panel_is_whole_and_says_so(archive: Archive, page: str, panel: str) -> None:
    found = make(archive, page, panel, WEEK, of_nothing=True)
    check(found, panel)
    shares = [at for at, name in enumerate(found.table.columns) if found.units.get(name) == "share"]
    assert not [row for row in found.table.rows for at in shares if row[at] is not None], "undefined is not zero"


@pytest.mark.parametrize(("page", "panel"), ALL)
def test_each_panel_is_whole_under_each_filter(archive: Archive, page: str, panel: str) -> None:
    for wanted in FILTERS.values():
        check(make(archive, page, panel, wanted), panel)


@pytest.mark.parametrize(("page", "panel"), ALL)
def test_the_sql_that_is_shown_can_be_asked_by_a_tool(archive: Archive, page: str, panel: str) -> None:
    with archive.as_analyst() as tool:
        for wanted in (WEEK, FILTERS["narrow"]):
            if shown := make(archive, page, panel, wanted).sql:
                tool.execute(shown.encode())


@pytest.mark.parametrize(("page", "panel"), list(EQUAL))
@pytest.mark.parametrize("name", list(FILTERS))
def test_the_sql_gives_what_the_table_shows(archive: Archive, page: str, panel: str, name: str) -> None:
    found = make(archive, page, panel, FILTERS[name])
    keys, names = EQUAL[page, panel]
    shown = {_key(row[:keys]): dict(zip(found.table.columns, row, strict=True)) for row in found.table.rows}
    with archive.as_analyst() as tool:
        cursor = tool.execute(found.sql.encode())
        columns = [column.name for column in cursor.description or ()]
        told = {_key(row[:keys]): dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
    assert told or name == "narrow"
    assert set(told) <= set(shown)
    for key, row in told.items():
        for of_panel, of_sql in names.items():
            assert _plain(shown[key][of_panel]) == _near(row[of_sql]), (key, of_panel)
    for key in set(shown) - set(told):
        assert _is_nothing(shown[key], names), key


def test_what_several_panels_ask_is_asked_once(archive: Archive) -> None:
    asked: list[tuple[date, str]] = []

    def question(connection: Connection, organization_id: UUID, wanted: Filter, *, each: str) -> int:
        asked.append((wanted.since, each))
        return len(asked)

    with archive.database.transaction(archive.year) as connection:
        look = look_at(connection, archive.year, WEEK)
        assert [look.ask(question, each=each) for each in ("day", "week", "day")] == [1, 2, 1]
    assert asked == [(WEEK.since, "day"), (WEEK.since, "week")]


def test_a_file_gets_all_rows_of_a_year_and_no_more_are_held_than_are_wanted(archive: Archive) -> None:
    with archive.as_analyst() as tool:
        [(count,)] = tool.execute("select count(*) from analytics.daily_metrics")
    assert count > 1_000
    with archive.database.transaction(archive.year) as connection:
        with views.read(connection, archive.year, "daily_metrics", FILTERS["year"]) as (columns, rows):
            text = io.StringIO()
            assert exports.write_csv(columns, rows, text) == count
        first = views.select_rows(connection, archive.year, "daily_metrics", FILTERS["year"], at_most=10)
    assert text.getvalue().count("\r\n") == count + 1
    assert (len(first.rows), first.is_cut) == (10, True)


def test_who_names_what_is_not_there_is_told(archive: Archive) -> None:
    wanted = Filter(WEEK.since, WEEK.until, chatbot="handbok")
    for page, panel in (("overview", "changes"), ("overview", "questions"), ("retrieval", "quality")):
        with pytest.raises(Missing, match="handbook"):
            make(archive, page, panel, wanted)


def test_the_overview_leads_to_the_four_faults(archive: Archive) -> None:
    found = make(archive, "overview", "changes", FILTERS["narrow"])
    assert [tile.title for tile in found.tiles][:2] == ["Questions", "Answered"]
    stale = make(archive, "overview", "changes", WEEK).findings
    assert any("The source prices was last in step" in finding.says for finding in stale)


def _key(cells: Any) -> tuple[object, ...]:
    return tuple(
        round(float(cell), 4) if not isinstance(cell, str | date) and cell is not None else cell for cell in cells
    )


def _near(value: object) -> object:
    return None if value is None else pytest.approx(_plain(value), rel=1e-5)


def _plain(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _is_nothing(row: Mapping[str, object], names: Mapping[str, str]) -> bool:
    return all(row[name] in (None, 0) for name in names)
