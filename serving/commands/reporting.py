"""How commands speak: tables and bars for people, JSON for programs, complaints on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

AsJson = Annotated[bool, typer.Option("--json", help="Report as JSON.")]

# Where nobody's terminal sets a width, as in a log, tables keep their columns whole.
_WIDTH = None if sys.stdout.isatty() else 140
_LEAST_TEXT = 8
console = Console(highlight=False, width=_WIDTH)
errors = Console(stderr=True, highlight=False)


def print_json(report: object) -> None:
    """One JSON document on standard output."""
    is_unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(_plain(report), ensure_ascii=not is_unicode, indent=2))  # noqa: T201


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; a column whose heading ends in a blank is aligned to the right. Where it is too wide, its rows as lists.

    Cells are texts, whatever brackets stand in them.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    if _least_width(columns, cells) > console.width:
        _print_lists(title, columns, cells)
        return
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        is_number = column.endswith(" ")
        table.add_column(column.strip(), justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _least_width(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> int:
    """How wide a table must be that can be read: numbers whole, and some characters of each text."""
    width = 1
    for column, *cells_of_it in zip(columns, *cells, strict=True):
        longest = max(map(cell_len, (column.strip(), *cells_of_it)))
        width += 2 + (longest if column.endswith(" ") else min(longest, _LEAST_TEXT))
    return width


def _print_lists(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    console.print(Text(title, "bold"))
    for row in cells:
        console.print()
        for column, cell in zip(columns, row, strict=True):
            console.print(Text.assemble((f"{column.strip()}: " if column.strip() else "", "bold"), cell))
    console.print()


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Bars on a terminal, one for each stage that is told of with (stage, done, total); nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=quiet or not errors.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


def complain(sentence: str) -> None:
    """An error, as one sentence."""
    errors.print(Text.assemble(("millrace:", "bold red"), " ", sentence), soft_wrap=True)


def note(sentence: str) -> None:
    """Something the person should know, beside the report."""
    errors.print(sentence, markup=False, soft_wrap=True)


def _shown(cell: object) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return cell.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, float):
        return f"{cell:.3f}"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    return str(cell)


def _plain(report: object) -> Any:
    if is_dataclass(report) and not isinstance(report, type):
        return _plain(asdict(report))
    if isinstance(report, dict):
        return {str(key): _plain(entry) for key, entry in report.items()}
    if isinstance(report, (list, tuple)):
        return [_plain(entry) for entry in report]
    if isinstance(report, (UUID, date)):
        return str(report)
    if isinstance(report, Decimal):
        return float(report)
    if isinstance(report, bytes):
        return report.hex()
    return report
