"""Statements are read by name, and rows come back as records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from resources.foundation import statements
from resources.foundation.database import Database
from resources.foundation.errors import Missing


@dataclass(frozen=True)
class Sack:
    """A row to read."""

    number: int
    grain: str


SACKS = b"select * from (values (1, 'rye'), (2, 'oats')) sack (number, grain) where number >= %(least)s order by number"


def test_a_file_is_cut_at_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "sacks.sql"
    path.write_text(
        "-- find: a sack by its number.\nselect 1\n-- a comment is no heading\nwhere true;\n\n"
        "-- select_all2: every sack (any organization).\nselect 2;\n"
    )
    found = statements.statements_in(path)
    assert list(found) == ["find", "select_all2"]
    assert found["find"].says == "a sack by its number."
    assert found["find"].text == "select 1\n-- a comment is no heading\nwhere true;"
    assert [one.is_for_any_organization for one in found.values()] == [False, True]


def test_a_name_stands_once_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "sacks.sql"
    path.write_text("-- find: one.\nselect 1;\n-- find: another.\nselect 2;\n")
    with pytest.raises(ValueError, match=r"sacks\.sql has two statements named find"):
        statements.statements_in(path)


def test_a_module_gets_the_statements_of_its_own_name() -> None:
    found = statements.statements_for("resources.identity.users")
    assert set(found) == {"create", "get", "find_by_username", "select_all", "set", "set_signed_in", "remove"}
    assert found["get"].startswith(b"select")


def test_a_module_without_statements_cannot_ask_for_them() -> None:
    with pytest.raises(FileNotFoundError):
        statements.statements_for("resources.identity.strangers")


def test_rows_come_back_as_records(database: Database) -> None:
    with database.directory() as connection:
        assert statements.many(connection, Sack, SACKS, least=1) == [Sack(1, "rye"), Sack(2, "oats")]
        assert statements.many(connection, Sack, SACKS, least=3) == []
        assert statements.find(connection, Sack, SACKS, least=2) == Sack(2, "oats")
        assert statements.find(connection, Sack, SACKS, least=3) is None
        assert statements.one(connection, Sack, SACKS, missing="no sack 2", least=2) == Sack(2, "oats")
        with pytest.raises(Missing, match="no sack 3"):
            statements.one(connection, Sack, SACKS, missing="no sack 3", least=3)
        assert statements.value(connection, SACKS, least=2) == 2
        assert statements.value(connection, SACKS, least=3) is None


def test_rows_that_are_written_are_counted(database: Database) -> None:
    insert = b"insert into sacks values (%(number)s)"
    with database.directory() as connection:
        connection.execute("create temporary table sacks (number int) on commit drop")
        statements.run_many(connection, insert, [{"number": number} for number in range(5)])
        assert statements.run(connection, b"delete from sacks where number < %(below)s", below=3) == 3
        assert statements.run(connection, b"delete from sacks where number < %(below)s", below=3) == 0
        statements.run_many(connection, insert, [])
        assert statements.value(connection, b"select count(*) from sacks") == 2
