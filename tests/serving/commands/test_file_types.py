"""Kinds of file are listed and changed by commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import organizations
from serving.cli import app


def test_a_kind_is_listed_changed_and_refused(
    server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations.create(database, "default", "Default")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    run = CliRunner().invoke
    changed = json.loads(run(app, ["file-type", "set", "html", "--parser", "article", "--json"]).stdout)
    assert (changed["parsers"], changed["read_anew"]) == (["article", "html", "text"], 0)
    listed = json.loads(run(app, ["file-type", "list", "--json"]).stdout)
    assert {one["name"]: one["parsers"][0] for one in listed}["html"] == "article"
    assert "article" in run(app, ["file-type", "list"]).stdout
    run(app, ["file-type", "set", "recipe", "--extension", "recipe", "--parser", "markdown"])
    assert "not known any more" in run(app, ["file-type", "remove", "recipe"]).stdout
    assert isinstance(run(app, ["file-type", "remove", "recipe"]).exception, Missing)
    brought = run(app, ["file-type", "remove", "html"]).exception
    assert isinstance(brought, Conflict)
    assert "make it inactive" in str(brought)
    nothing = run(app, ["file-type", "set", "html"]).exception
    assert isinstance(nothing, Refused)
    assert "--parser" in str(nothing)
