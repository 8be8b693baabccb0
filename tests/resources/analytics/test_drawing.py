"""What a chart's script is given: plain values, gaps where nothing is defined, columns of one length."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from resources.analytics.drawing import drawn, is_empty
from resources.analytics.records import Figure, Panel, Series, Table


def panel(*series: Series) -> Panel:
    figure = Figure("line", series, "share", marks=[(datetime(2026, 11, 2, 5, tzinfo=UTC), "serves </script>")])
    return Panel("liked", "Liked", "says", Table("liked", (), [], is_cut=False), "", figure)


def test_days_are_plain_and_gaps_stay_gaps() -> None:
    told = json.loads(drawn(panel(Series("a", [date(2026, 11, 2)] * 3, [None, 0.5, float("nan")]))))
    assert told["title"] == "Liked"
    assert told["series"][0]["x"][0] == "2026-11-02"
    assert told["series"][0]["y"] == [None, 0.5, None]
    assert told["marks"] == [["2026-11-02T05:00:00+00:00", "serves </script>"]]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        drawn(panel(Series("a", [1, 2], [1])))


def test_nothing_but_gaps_is_nothing_to_draw() -> None:
    assert is_empty(Figure("line", [Series("a", [1, 2], [None, None])], "share"))
    assert is_empty(Figure("line", [], "share"))
    assert not is_empty(Figure("line", [Series("a", [1, 2], [None, 0])], "share"))
