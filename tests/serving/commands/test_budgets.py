"""Budgets and prices are set, shown and approved by commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import organizations
from serving.cli import app

Run = Callable[..., Result]


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a database of its own."""
    organizations.create(database, "default", "Default")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_prices_are_set_from_a_day_on_listed_and_forgotten(millrace: Run) -> None:
    def told(*arguments: str) -> list[tuple[str, float, str]]:
        return [(one["model"], one["input"], one["state"]) for one in report(millrace("price", "list", *arguments))]

    now = report(millrace("price", "set", "small", "--input", "0.02", "--json"))
    assert (now["model"], now["input"], now["output"], now["state"]) == ("small", 0.02, 0.0, "current")
    millrace("price", "set", "small", "--input", "0.03", "--output", "1", "--from", "2999-01-01")
    shown = " ".join(millrace("price", "list").stdout.split())
    assert f"small {now['since']} 0.020 0.00 holds small 2999-01-01 0.030 1.00 is to come" in shown
    # set again for the same day, it is another price of that day
    assert report(millrace("price", "set", "small", "--input", "0.04", "--json"))["id"] == now["id"]
    assert told("--json") == [("small", 0.04, "current"), ("small", 0.03, "coming")]
    assert "2999-01-01 on is forgotten" in millrace("price", "remove", "small", "--from", "2999-01-01").stdout
    assert told("--history", "--json") == [("small", 0.04, "current")]
    assert "Nobody knows any more" in millrace("price", "remove", "small").stdout
    assert told("--history", "--json") == []


def test_a_budget_is_set_shown_and_forgotten(millrace: Run) -> None:
    assert "nothing bounds" in millrace("budget", "show").stdout
    set_ = report(millrace("budget", "set", "25", "--currency", "EUR", "--when-reached", "ask", "--json"))
    assert set_ == {"amount": 25.0, "currency": "EUR", "action": "ask", "approved": 0.0, "spent": 0.0, "left": 25.0}
    assert report(millrace("budget", "approve", "--extra", "2.50", "--json"))["left"] == 27.5
    shown = report(millrace("budget", "show", "--json"))
    assert (shown["budget"]["approved"], shown["spent"]) == (2.5, [])
    assert [approval["amount"] for approval in shown["approvals"]] == [2.5]
    assert "25.00 EUR and 2.50 approved, 0.00 spent, 27.50 left" in " ".join(millrace("budget", "show").stdout.split())
    assert millrace("budget", "remove").exit_code == 0
    assert report(millrace("budget", "show", "--json"))["budget"] is None


def test_an_approval_for_a_source_lets_it_go_on_by_itself(millrace: Run, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    report(millrace("source", "add", str(tmp_path / "docs"), "--json"))
    millrace("budget", "set", "25", "--when-reached", "ask")
    report(millrace("budget", "approve", "docs", "--extra", "1", "--json"))
    assert [sync["status"] for sync in report(millrace("status", "--json"))["syncs"]] == ["queued"]


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (["budget", "set", "much"], Refused, "is no amount"),
        (["budget", "set", "nan"], Refused, "is no amount"),
        (["budget", "set", "5", "--when-reached", "panic"], Refused, "block or ask"),
        (["budget", "approve"], Refused, "--extra"),
        (["budget", "approve", "docs", "--extra", "1"], Missing, "no source 'docs'"),
        (["budget", "approve", "--extra", "1"], Conflict, "--when-reached ask"),
        (["price", "remove", "small"], Missing, "price list"),
        (["price", "set", "small", "--input", "1", "--from", "2001-01-01"], Refused, "that day is over"),
        (["price", "set", "small", "--input", "1", "--from", "tomorrow"], Refused, "is no day"),
        (["price", "remove", "small", "--from", "2999-01-01"], Missing, "that begins on 2999-01-01"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(millrace: Run, arguments: list[str], kind: type[Exception], says: str) -> None:
    millrace("budget", "set", "5")
    error = millrace(*arguments).exception
    assert isinstance(error, kind)
    assert says in str(error)
