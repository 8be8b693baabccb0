"""Numbers as people read them. What is not defined is a dash, never 0. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from resources.analytics.records import Tile, Unit

UNDEFINED = "–"


def number(value: float | int | Decimal | None, unit: Unit | None = None) -> str:
    """A number in its unit: shares as percentages, seconds below one as milliseconds."""
    if value is None:
        return UNDEFINED
    value = float(value)
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "seconds":
        return f"{1000 * value:,.0f} ms" if abs(value) < 0.9995 else f"{value:,.2f} s"
    if unit == "score":
        return f"{value:.3f}"
    if unit in ("count", "tokens") or value == int(value):
        return f"{value:,.0f}"
    return (
        f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4g}" if abs(value) >= 0.0001 else f"{value:.7f}".rstrip("0")
    )


def interval(low: float | None, high: float | None, unit: Unit | None = None) -> str:
    """A 95 % interval, "" where it is not defined."""
    return "" if low is None or high is None else f"{number(low, unit)} to {number(high, unit)}"


def change(tile: Tile) -> str:
    """How much more or less than before; shares in points of a hundred, other values in percent of what was."""
    if tile.difference is None:
        return "nothing to compare with"
    if tile.unit == "share":
        return f"{100 * tile.difference:+.1f} points"
    if not tile.before:
        return f"{'+' if tile.difference > 0 else ''}{number(tile.difference, tile.unit)}"
    return f"{round(100 * tile.difference / tile.before) or 0:+d} %"


def cell(value: object, unit: Unit | None = None) -> str:
    """What stands in a cell of a table; instants are left to the page."""
    if value is None:
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return number(value, unit)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%d %b %Y}"
    return str(value)
