"""Numbers as people read them: what is not defined is a dash, and never 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from resources.analytics.records import Tile, Unit
from resources.analytics.wording import cell, change, number


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (None, "share", "–"), (0.0, "share", "0.0 %"), (0.8253, "share", "82.5 %"), (0.0123, "seconds", "12 ms"),
        (1.5, "seconds", "1.50 s"), (1234567, "count", "1,234,567"), (0.5, "score", "0.500"),
        (Decimal("0.001885"), "money", "0.001885"), (Decimal("1234.5"), "money", "1,234.50"),
        (0.00000012, "money", "0.0000001"), (3, None, "3"),
    ],
)  # fmt: skip
def test_numbers_are_told_in_their_unit(value: float | None, unit: Unit | None, told: str) -> None:
    assert number(value, unit) == told


def test_cells_tell_what_they_hold() -> None:
    told = [cell(None), cell(True), cell(False), cell(date(2026, 11, 2)), cell("a < b"), cell(0)]
    assert told == ["–", "yes", "no", "02 Nov 2026", "a < b", "0"]


def test_a_change_is_told_in_points_or_percent_and_not_at_all_where_there_is_none() -> None:
    assert change(Tile("Answered", "share", 0.5, before=0.6, difference=-0.1)) == "-10.0 points"
    assert change(Tile("Seconds", "seconds", 1.5, before=1.0, difference=0.5)) == "+50 %"
    assert change(Tile("Questions", "count", 5, before=0, difference=5)) == "+5"
    assert change(Tile("Questions", "count", 1000, before=1001, difference=-1)) == "+0 %"
    assert change(Tile("Liked", "share", None)) == "nothing to compare with"
