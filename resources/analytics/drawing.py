"""A figure as its script reads it: plain values alone, no unit left to guess. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from resources.analytics.records import Figure, Panel


def drawn(panel: Panel) -> str:
    """The JSON of a panel's figure, with its title. Raises ValueError where it has none, or its lengths differ."""
    figure = panel.figure
    if figure is None:
        raise ValueError(f"the panel {panel.key} has no figure")
    for series in figure.series:
        lengths = {len(one) for one in (series.x, series.y, series.low, series.high, series.text) if one is not None}
        if len(lengths) > 1:
            raise ValueError(f"the series {series.name} of {panel.key} has columns of different lengths")
    return json.dumps({"title": panel.title, **_plain(asdict(figure))}, ensure_ascii=False, separators=(",", ":"))


def is_empty(figure: Figure) -> bool:
    """Whether there is nothing to draw."""
    return not any(value is not None for series in figure.series for value in series.y)


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(one) for one in value]
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value.isoformat() if isinstance(value, date | datetime) else value
