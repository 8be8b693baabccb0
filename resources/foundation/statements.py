"""Named statements, read from sql/queries, and the few ways to run them. No SQL is assembled anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row, scalar_row

from resources.foundation.errors import Missing

SQL_FOLDER = Path(__file__).resolve().parents[2] / "sql"
Record = TypeVar("Record")
Connection = psycopg.Connection[Any]

_HEADING = re.compile(r"^-- (?P<name>[a-z][a-z0-9_]*): (?P<says>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Statement:
    """One statement: `-- name: what it does.` and the SQL below it, with named parameters."""

    name: str
    says: str
    text: str

    @property
    def is_for_any_organization(self) -> bool:
        """Whether its heading says aloud that it is not bound to one organization."""
        return "(any organization)" in self.says


@cache
def statements_in(path: Path) -> Mapping[str, Statement]:
    """All statements of a file by name. Raises ValueError when two have one name."""
    text = path.read_text()
    headings = list(_HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    found: dict[str, Statement] = {}
    for heading, end in zip(headings, ends, strict=True):
        name = heading["name"]
        if name in found:
            raise ValueError(f"{path.name} has two statements named {name}")
        found[name] = Statement(name, heading["says"], text[heading.end() : end].strip())
    return found


def statements_for(module: str) -> Mapping[str, bytes]:
    """The statements of a noun module: `resources.knowledge.chunks.chunks` reads sql/queries/knowledge/chunks.sql.

    One in a room of its domain, as `resources.bots.agents.canned_answers`, reads sql/queries/bots/canned_answers.sql.
    """
    _, domain, *_, noun = module.split(".")
    path = SQL_FOLDER / "queries" / domain / f"{noun}.sql"
    return {name: statement.text.encode() for name, statement in statements_in(path).items()}


def many(connection: Connection, record: type[Record], statement: bytes, **values: object) -> list[Record]:
    """All rows, as records whose fields bear the columns' names."""
    with connection.cursor(row_factory=class_row(record)) as cursor:
        return cursor.execute(statement, values).fetchall()


def find(connection: Connection, record: type[Record], statement: bytes, **values: object) -> Record | None:
    """The first row as a record, or None."""
    with connection.cursor(row_factory=class_row(record)) as cursor:
        return cursor.execute(statement, values).fetchone()


def one(connection: Connection, record: type[Record], statement: bytes, *, missing: str, **values: object) -> Record:
    """The row as a record; raises Missing with the given words when there is none."""
    found = find(connection, record, statement, **values)
    if found is None:
        raise Missing(missing)
    return found


def value(connection: Connection, statement: bytes, **values: object) -> Any:
    """The first column of the first row, or None."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement, values).fetchone()


def run(connection: Connection, statement: bytes, **values: object) -> int:
    """Run a statement; the number of rows it touched."""
    cursor = connection.execute(statement, values)
    if connection.pgconn.pipeline_status:
        _wait(cursor)
    return cursor.rowcount


def _wait(cursor: psycopg.Cursor[Any]) -> None:
    """Until the statement has ended: only fetching does that in a pipeline, and complains where no rows can come."""
    try:
        cursor.fetchone()
    except psycopg.ProgrammingError as error:
        if error.sqlstate is not None:
            raise


def send(connection: Connection, statement: bytes, **values: object) -> None:
    """Run a statement of which nothing is to be known: in an exchange it is not waited for."""
    connection.execute(statement, values)


def run_many(connection: Connection, statement: bytes, rows: Sequence[Mapping[str, object]]) -> None:
    """Run a statement once for each row, in one round trip."""
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
