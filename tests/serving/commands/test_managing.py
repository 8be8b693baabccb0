"""What the API manages is managed by commands too: people, tags, chatbots and agents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import audit_log, organizations
from serving.cli import app

Run = Callable[..., Any]


@pytest.fixture
def run(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command and gives what it reports, or raises what it refuses by."""
    organizations.create(database, "default", "Default")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))

    def invoke(*words: str, is_silent: bool = False) -> Any:
        result = CliRunner().invoke(app, [*words, *([] if is_silent else ["--json"])])
        if result.exception is not None:
            raise result.exception
        return None if is_silent else json.loads(result.stdout)

    return invoke


def test_people_tags_chatbots_and_agents_by_commands(run: Run, database: Database) -> None:
    made = run("user", "create", "mia", "--email", "mia@mill.example", "--role", "owner")
    assert made["role"] == "owner"
    with pytest.raises(Conflict, match="owner"):
        run("user", "set", "mia", "--role", "member")
    run("user", "create", "zoe", "--email", "zoe@mill.example", "--role", "owner")
    assert run("user", "set", "mia", "--role", "analyst", "--first-name", "Mia")["role"] == "analyst"
    run("user", "remove", "mia", is_silent=True)
    assert [one["username"] for one in run("user", "list")] == ["zoe"]

    run("tag", "create", "billing")
    run("source", "add", "--type", "upload", "--name", "inbox")
    run("tag", "set", "billing", "--source", "inbox", "--description", "invoices")
    assert run("tag", "list")[0]["sources"] == ["inbox"]

    run("chatbot", "create", "support", "--source", "inbox", "--set", "temperature=0.5")
    assert [one["sources"] for one in run("chatbot", "list") if one["name"] == "support"] == [["inbox"]]
    with pytest.raises(Refused, match="colour"):
        run("chatbot", "set", "support", "--set", "colour=red")
    run("agent", "create", "support", "money", "--set", "use_all_sources=false", "--set", 'tags=["billing"]')
    with pytest.raises(Refused, match="max_tokens"):
        run("agent", "set", "support", "money", "--set", "max_tokens=many")
    with pytest.raises(Missing, match="nowhere"):
        run("agent", "set", "support", "money", "--set", 'sources=["nowhere"]')
    agents = {one["name"]: one for one in run("agent", "list", "support")}
    assert (agents["money"]["tags"], agents["money"]["use_all_sources"]) == (["billing"], False)
    run("agent", "remove", "support", "money", is_silent=True)
    run("chatbot", "remove", "support", is_silent=True)
    run("tag", "remove", "billing", is_silent=True)
    with database.directory() as connection:
        known = organizations.find_by_slug(connection, "default")
    assert known is not None
    with database.transaction(known.id) as connection:
        entries = audit_log.select_page(connection, known.id, at_most=100, entity="tag")
    assert [entry.action for entry in reversed(entries)] == ["create", "change", "remove"]
    assert {entry.door for entry in entries} == {"command line"}
