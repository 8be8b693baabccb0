"""The SQL that gives what a panel shows, for people to copy into their own tools. Shown, never run here. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from resources.analytics.records import Filter

NAMES = ("chatbot", "agent", "configuration", "model", "source", "language", "tag")


def conditions(wanted: Filter, *, day: str = "day", names: Sequence[str] = NAMES) -> str:
    """What a filter asks of the rows of a view that has these columns: `day >= '…' and …`, to stand after `where`.

    Tags are those of sources. `day`: "" where all days are meant.
    What the view does not tell apart is said in a comment, so that nobody takes its numbers for those of the filter.
    """
    asked = [f"{day} >= {literal(wanted.since)}", f"{day} < {literal(wanted.until)}"] if day else []
    said = wanted.parameters()
    asked += [_asked(name, said[name]) for name in names if said[name] is not None]
    left = [name for name in NAMES if said[name] is not None and name not in names]
    comment = f"  /* the {' and the '.join(left)} of the filter cannot be asked for here */" if left else ""
    return (" and ".join(asked) or "true") + comment


def literal(value: object) -> str:
    """A value as SQL writes it."""
    if isinstance(value, int | float):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    text = "'" + text.replace("'", "''") + "'"
    return f"date {text}" if isinstance(value, date) else text


def _asked(name: str, value: object) -> str:
    return f"{literal(value)} = any (tags)" if name == "tag" else f"{name} = {literal(value)}"
