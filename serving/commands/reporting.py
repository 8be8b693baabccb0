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
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Report as JSON.")]

# Where nobody's terminal sets a width, as in a log, tables keep their columns whole.
_WIDTH = None if sys.stdout.isatty() else 140
console = Console(highlight=False, width=_WIDTH)
errors = Console(stderr=True, highlight=False)


def print_json(report: object) -> None:
    """One JSON document on standard output."""
    print(json.dumps(_plain(report), ensure_ascii=False, indent=2))  # noqa: T201


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; a column whose heading ends in a blank is aligned to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        is_number = column.endswith(" ")
        table.add_column(column.strip(), justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*(_shown(cell) for cell in row))
    console.print(table)


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
    errors.print("[bold red]millrace:[/bold red]", sentence, markup=True, soft_wrap=True)


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
