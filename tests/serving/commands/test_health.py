"""What is wrong with the indexes of vectors is told, with what to do, and no more once it is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from resources.foundation.database import Database, Server
from resources.identity import organizations
from resources.knowledge.search import vector_indexes
from serving.cli import app
from tests.factories.vectors import points, stock

Run = Callable[..., Result]


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a database of its own."""
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def indexes(result: Result) -> dict[str, Any]:
    """What the doctor finds of indexes."""
    return next(one for one in json.loads(result.stdout) if one["check"] == "Vector indexes")


def test_a_missing_index_is_told_with_its_remedy(millrace: Run, server: Server, database: Database) -> None:
    organization = organizations.create(database, "default", "Default")
    assert indexes(millrace("doctor", "--json"))["result"] == "ok"
    stock(server, organization.id, {"many": points(vector_indexes.PAYS_FROM, 8, seed=1)})
    found = indexes(millrace("doctor", "--json"))
    says = "default: the 5,000 vectors of points have no index, so each search compares all of them"
    assert (found["result"], found["says"]) == ("warning", says)
    assert "the next sync makes one" in found["remedy"]
    [told] = json.loads(millrace("status", "--json").stdout)["indexes"]
    assert (told["model"], told["vectors"], told["is_indexed"]) == ("points", 5_000, False)
    assert "have no index" in millrace("status").stderr
    vector_indexes.keep(server, database, organization.id)
    assert indexes(millrace("doctor", "--json"))["result"] == "ok"
    assert "index" not in millrace("status").stderr
