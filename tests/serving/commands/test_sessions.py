"""A person at the command line: sees which conversations wait, reads one, answers in it and gives it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from resources.bots.agents import agents
from resources.foundation.database import Database, Server
from resources.foundation.errors import Missing, Refused
from resources.identity import organizations
from serving.cli import app
from tests.factories.library import MILL, open_chatbot, shelve

Run = Callable[..., Result]
QUESTION = "How often is the sluice gate greased?"


@pytest.fixture
def millrace(server: Server, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a little library with people and notes behind its chatbot."""
    organization_id = organizations.create(database, "default", "Default").id
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    with database.transaction(organization_id) as connection:
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="people", type="human-escalation")
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="notes", type="background")
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_a_person_finds_reads_and_answers_what_waits_and_gives_it_back(millrace: Run) -> None:
    session = report(millrace("ask", QUESTION, "--json"))["session_id"]
    told = millrace("ask", "I want to talk to a human", "--session", session, "--explain")
    assert "agent people: a person was asked for" in told.stdout
    assert "outcome handed_over, 0 tokens read" in told.stdout
    [waiting] = report(millrace("session", "list", "--waiting", "--json"))
    assert (waiting["id"], waiting["handed_over_because"]) == (session, "a person was asked for")
    assert session[:8] in millrace("session", "list").stdout
    answered = millrace("session", "answer", session[:8], "Mia will call you.", "--name", "Mia", "--hand-back")
    assert "The chatbot answers again." in answered.stdout
    shown = millrace("session", "show", session[:8]).stdout
    for words in (QUESTION, "why: the only agent", "handbook: sluice.md", "Mia will call you.", "person"):
        assert words in shown
    assert report(millrace("session", "list", "--waiting", "--json")) == []
    assert report(millrace("ask", QUESTION, "--session", session, "--json"))["outcome"] == "answered"


def test_notes_are_made_by_a_command_too_and_a_conversation_is_closed(millrace: Run) -> None:
    session = report(millrace("ask", QUESTION, "--json"))["session_id"]
    assert report(millrace("session", "tend", "--json")) == {"done": 1}
    assert "summary: How often is the sluice gate greased?" in millrace("session", "show", session).stdout
    assert millrace("session", "close", session).stdout.strip() == "Closed."
    assert report(millrace("session", "show", session, "--json"))["session"]["status"] == "completed"


def test_what_is_not_there_is_told_by_name(millrace: Run) -> None:
    assert isinstance(millrace("session", "show", "nonsense").exception, Missing)
    assert isinstance(millrace("ask", QUESTION, "--session", "nonsense").exception, Missing)
    session = report(millrace("ask", QUESTION, "--json"))["session_id"]
    assert isinstance(millrace("session", "answer", session, "  ").exception, Refused)
