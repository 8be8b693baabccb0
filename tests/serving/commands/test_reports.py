"""`millrace report` says how well it answers; `millrace analyst` lets a tool in and out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner, Result

from resources.foundation.database import Database, Server
from resources.foundation.errors import Missing, Refused
from resources.identity import organizations
from serving.cli import app
from tests.factories.library import MILL, open_chatbot, shelve

Run = Callable[..., Result]


def today() -> str:
    return str(datetime.now(UTC).date())


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, where nothing was asked of a little library yet."""
    organization_id = organizations.create(database, "default", "Default").id
    open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def said(result: Result) -> str:
    if result.exception:
        raise result.exception
    return result.stdout


def test_a_report_of_nothing_says_so_and_one_of_a_question_counts_it(millrace: Run, tmp_path: Path) -> None:
    empty = said(millrace("report", "--week", today()))
    assert "Answered" in empty
    assert "0.0%" not in empty
    said(millrace("ask", "Who wrote Hamlet, prince of Denmark?"))
    assert "100.0%" not in said(millrace("report", "--days", "2"))
    told = said(millrace("report", "--days", "1"))
    assert "100.0%" in told
    assert "Who wrote Hamlet" in told
    changes = {one["key"]: one for one in json.loads(said(millrace("report", "--week", today(), "--json")))["changes"]}
    assert changes["no_answer_rate"]["now"]["n"] == 1
    for name in ("gaps.csv", "gaps.parquet"):
        said(millrace("report", "--week", today(), "--view", "queries_without_result", "--out", str(tmp_path / name)))
    table = polars.read_parquet(tmp_path / "gaps.parquet")
    assert table["question"].to_list() == ["Who wrote Hamlet, prince of Denmark?"]
    assert "Who wrote Hamlet" in (tmp_path / "gaps.csv").read_text()
    [row] = json.loads(said(millrace("report", "--week", today(), "--view", "daily_answers", "--json")))
    assert (row["questions"], row["no_answer"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--week", "yesterday"], Refused, "2026-11-16"),
        (["--chatbot", "kettles"], Missing, "there are: handbook"),
        (["--view", "salaries"], Missing, "daily_usage"),
        (["--out", "x.csv"], Refused, "--view"),
        (["--view", "daily_usage", "--out", "x.xlsx"], Refused, "parquet"),
        (["--view", "daily_usage", "--out", "/no/such/folder/x.csv"], Refused, "cannot be written: No such file"),
        (["--view", "daily_usage", "--out", "/no/such/folder/x.parquet"], Refused, "cannot be written"),
    ],
)
def test_a_report_that_cannot_be_says_why(
    millrace: Run, arguments: list[str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        said(millrace("report", *arguments))


def test_a_tool_is_let_in_and_out(millrace: Run, server: Server) -> None:
    told = dict(line.split(maxsplit=1) for line in said(millrace("analyst", "create", "superset")).splitlines() if line)
    address = make_conninfo(server.admin_conninfo(), user=told["User"], password=told["Password"])
    said(millrace("ask", "Who wrote Hamlet?"))
    with psycopg.connect(address) as tool:
        assert tool.execute("select questions from daily_answers").fetchall() == [(1,)]
    assert told["User"] in said(millrace("analyst", "list", "--json"))
    said(millrace("analyst", "remove", "superset"))
    with pytest.raises(psycopg.OperationalError), psycopg.connect(address):
        pass
    assert json.loads(said(millrace("analyst", "list", "--json"))) == []
