"""Prices and budgets are set, shown and approved by commands."""

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


def test_a_price_and_a_budget_are_set_shown_and_forgotten(millrace: Run) -> None:
    assert report(millrace("price", "set", "small", "--input", "0.02", "--json")) == {
        "model": "small", "input": 0.02, "output": 0.0,
    }  # fmt: skip
    assert [price["model"] for price in report(millrace("price", "list", "--json"))] == ["small"]
    assert "nothing bounds" in millrace("budget", "show").stdout
    set_ = report(millrace("budget", "set", "25", "--currency", "EUR", "--when-reached", "ask", "--json"))
    assert set_ == {"amount": 25.0, "currency": "EUR", "action": "ask", "approved": 0.0, "spent": 0.0, "left": 25.0}
    assert report(millrace("budget", "approve", "--extra", "2.50", "--json"))["left"] == 27.5
    shown = report(millrace("budget", "show", "--json"))
    assert (shown["budget"]["approved"], shown["spent"]) == (2.5, [])
    assert [approval["amount"] for approval in shown["approvals"]] == [2.5]
    assert "25.00 EUR and 2.50 approved, 0.00 spent, 27.50 left" in " ".join(millrace("budget", "show").stdout.split())
    assert millrace("budget", "remove").exit_code == millrace("price", "remove", "small").exit_code == 0
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
    ],
)
def test_wrong_use_is_told_in_a_sentence(millrace: Run, arguments: list[str], kind: type[Exception], says: str) -> None:
    millrace("budget", "set", "5")
    error = millrace(*arguments).exception
    assert isinstance(error, kind)
    assert says in str(error)
