"""Tables to take away: CSV for spreadsheets, Parquet for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from resources.analytics.records import Group, Table

if TYPE_CHECKING:
    from polars import DataFrame

AT_ONCE = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_of(name: str, groups: Sequence[Group]) -> Table:
    """Metrics as a table, a row for each of a period and part."""
    columns = ("period", "part", "metric", "value", "n", "low", "high")
    rows = [
        (group.period, group.part, measure.key, measure.value, measure.n, measure.low, measure.high)
        for group in groups
        for measure in group.measures
    ]
    return Table(name, columns, rows, is_cut=False)


def csv_of(table: Table) -> str:
    """A table as CSV."""
    text = io.StringIO()
    write_csv(table.columns, table.rows, text)
    return text.getvalue()


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], file: TextIO) -> int:
    """Rows as RFC 4180 has them; null is empty. What looks like a formula gets a quote before it. How many there were.

    The file must leave the ends of lines alone (newline="").
    """
    writer = csv.writer(file)
    writer.writerow(columns)
    written = 0
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
        written += 1
    return written


def write_parquet(columns: Sequence[str], rows: Iterable[Sequence[object]], file: Path | io.BytesIO) -> int:
    """Write rows as Parquet; money and counts as numbers, ids as text. How many there were.

    They are taken some at a time, into columns that are a fraction of what the rows take.
    """
    import polars

    left = iter(rows)
    frames = [_frame(columns, list(islice(left, AT_ONCE)))]
    while len(frames[-1]) == AT_ONCE:
        frames.append(_frame(columns, list(islice(left, AT_ONCE))))
    whole = polars.concat(frames, how="vertical_relaxed")
    whole.write_parquet(file)
    return len(whole)


def _frame(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> DataFrame:
    import polars

    cells = {name: _alike([_value(row[at]) for row in rows]) for at, name in enumerate(columns)}
    return polars.DataFrame(cells, infer_schema_length=None)


def parquet_of(table: Table) -> bytes:
    """The same as bytes."""
    written = io.BytesIO()
    write_parquet(table.columns, table.rows, written)
    return written.getvalue()


def numeric_columns(table: Table) -> list[bool]:
    """Whether each column holds numbers alone, as far as it holds anything."""
    return [_is_numeric([row[at] for row in table.rows if row[at] is not None]) for at in range(len(table.columns))]


def _is_numeric(cells: Sequence[object]) -> bool:
    return bool(cells) and all(isinstance(cell, int | float | Decimal) and not isinstance(cell, bool) for cell in cells)


def _cell(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell.isoformat() if isinstance(cell, date | datetime) else cell


def _alike(cells: list[object]) -> list[object]:
    """A column has one type: whole numbers among others are numbers like them, and all else is text."""
    types = {type(cell) for cell in cells if cell is not None}
    if len(types) < 2:
        return cells
    if types == {int, float}:
        return [None if cell is None else float(cell) for cell in cells]  # type: ignore[arg-type]
    return [None if cell is None else str(cell) for cell in cells]


def _value(cell: object) -> object:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell if cell is None or isinstance(cell, str | int | float | bool | date | datetime) else str(cell)
