"""Whatever commands change stands in the audit log, in the words that the API uses; a new command must say so here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from typer.testing import CliRunner

from resources.bots.agents import agents
from resources.foundation.database import Database, Server
from resources.identity import audit_log, notification_channels, organizations
from resources.identity.records import AuditEntry
from resources.knowledge.documents import sync_failures
from serving.cli import app
from tests.factories.library import MILL, open_chatbot, shelve

# What these do changes nothing that is managed: they read, ask, measure or serve, or keep records of their own.
UNLOGGED = {
    "up", "migrate", "export", "search", "ask", "evaluate", "mcp", "report", "status", "doctor", "receipts",
    "source list", "source show", "key list", "limit list", "provider-key list", "deletions list", "deletions show",
    "failures list", "document list", "document show", "secrets status", "price list", "budget show", "notify list",
    "notify test", "notify log", "hold list", "config list", "config show", "config compare", "questions list",
    "questions show", "questions export", "questions review", "questions measure", "file-type list", "session list",
    "session show", "session tend", "user list", "tag list", "chatbot list", "agent list", "analyst list",
}  # fmt: skip
# These need more than a little library; what they leave is held to in the tests of those commands.
ELSEWHERE = {
    "config build", "config evaluate", "config activate", "config rollback", "config retire", "questions generate",
    "questions promote", "erase organization",
}  # fmt: skip
LINE = {"id": "a", "question": "Who weighs the grain?", "document": "grain.md"}
# Each command with what it leaves: action, entity and the fields that were given.
STORY: list[tuple[str, list[str], list[tuple[str, str, str]]]] = [
    ("sign-in", [], [("invite", "user", "")]),
    ("user create", ["mia", "--email", "mia@mill.example"], [("create", "user", "")]),
    ("user set", ["mia", "--role", "analyst"], [("change", "user", "role")]),
    ("limit set", ["--user", "mia", "--per-day", "9"],
     [("change", "user", "rate_limit_per_day rate_limit_per_hour")]),
    ("user remove", ["mia"], [("remove", "user", "")]),
    ("source add", ["--type", "upload", "--name", "inbox", "--chatbot", "handbook"],
     [("create", "source", "config name type")]),
    ("source set", ["inbox", "--description", "letters", "--every", "2h"],
     [("change", "source", "description sync_frequency")]),
    ("upload", ["inbox", "{letter}"], [("push", "source", "")]),
    ("sync", ["inbox"], [("sync", "source", "")]),
    ("retention set", ["--audit", "400"], [("change", "retention_settings", "audit_days")]),
    ("retention expire", ["inbox", "letter.md", "--on", "2999-01-31"], [("change", "document", "expires_at")]),
    ("hold place", ["case 7", "handbook"], [("create", "hold", "")]),
    ("hold release", ["case 7"], [("remove", "hold", "")]),
    ("erase document", ["inbox", "letter.md", "--reason", "asked", "--yes"], [("erase", "document", "")]),
    ("erase lift", ["inbox", "letter.md", "--reason", "asked"], [("lift", "source", "")]),
    ("failures retry", ["{failure}"], [("retry", "failure", "")]),
    ("failures ignore", ["--source", "handbook"], [("ignore", "failures", "")]),
    ("deletions reject", ["{deletions}"], [("reject", "deletions", "")]),
    ("deletions approve", ["{deletions}", "--yes"], [("approve", "deletions", "")]),
    ("tag create", ["safety"], [("create", "tag", "")]),
    ("tag set", ["safety", "--source", "inbox"], [("change", "tag", "")]),
    ("tag remove", ["safety"], [("remove", "tag", "")]),
    ("key create", ["--name", "kiosk"], [("create", "key", "name scopes")]),
    ("limit set", ["--key", "kiosk", "--per-hour", "9"], [("change", "key", "rate_limit_per_day rate_limit_per_hour")]),
    ("key revoke", ["{key}"], [("remove", "key", "")]),
    ("provider-key set", ["openai"], [("change", "provider_key", "key")]),
    ("provider-key remove", ["openai"], [("remove", "provider_key", "")]),
    ("secrets rotate", ["--new-key"], [("rotate", "secrets", "")]),
    ("secrets retire", ["{secrets}"], [("retire", "secrets", "")]),
    ("price set", ["small", "--input", "0.02"], [("change", "price", "input output since")]),
    ("price remove", ["small"], [("remove", "price", "")]),
    ("budget set", ["25", "--when-reached", "ask"], [("change", "budget", "action amount currency")]),
    ("budget approve", ["inbox", "--extra", "2"], [("sync", "source", ""), ("approve", "budget", "amount")]),
    ("budget remove", [], [("remove", "budget", "")]),
    ("notify add", ["email", "ops@mill.example"], [("create", "channel", "events kind name target")]),
    ("notify pause", ["email"], [("change", "channel", "is_active")]),
    ("notify resume", ["email"], [("change", "channel", "is_active")]),
    ("notify remove", ["email"], [("remove", "channel", "")]),
    ("config create", ["--chatbot", "handbook", "-k", "5"], [("create", "configuration", "retrieval_k")]),
    ("questions import", ["{questions}", "--chatbot", "handbook", "--set", "mine"], [("import", "question_set", "")]),
    ("questions add", ["Who is king?", "--unanswerable", "--chatbot", "handbook", "--set", "mine"],
     [("add_questions", "question_set", "")]),
    ("questions split", ["mine", "--tune-share", "0", "--chatbot", "handbook"], [("split", "question_set", "")]),
    ("questions reject", ["a", "--chatbot", "handbook"], [("reject", "question", "")]),
    ("questions accept", ["a", "--chatbot", "handbook"], [("accept", "question", "")]),
    ("questions remove", ["mine", "a", "--chatbot", "handbook"], [("remove", "question", "")]),
    ("questions remove", ["mine", "--all", "--chatbot", "handbook"], [("remove", "question_set", "")]),
    ("file-type set", ["recipe", "--extension", "recipe", "--parser", "markdown"],
     [("change", "file_type", "extensions parser")]),
    ("file-type remove", ["recipe"], [("remove", "file_type", "")]),
    ("session answer", ["{session}", "Mia will call you."], [("answer", "session", "")]),
    ("session close", ["{session}", "--hand-back"], [("hand_back", "session", "")]),
    ("session close", ["{session}"], [("close", "session", "")]),
    ("chatbot create", ["support", "--source", "handbook"], [("create", "chatbot", "")]),
    ("chatbot set", ["support", "--set", "temperature=0.2"], [("change", "chatbot", "temperature")]),
    ("agent create", ["support", "billing"], [("create", "agent", "")]),
    ("agent set", ["support", "billing", "--set", "is_active=false"], [("change", "agent", "is_active")]),
    ("agent remove", ["support", "billing"], [("remove", "agent", "")]),
    ("chatbot remove", ["support"], [("remove", "chatbot", "")]),
    ("apply", ["--file", "{declared}", "--yes"],
     [("change", "source", "description"), ("create", "chatbot", "description sources")]),
    ("analyst create", ["metabase"], [("create", "analyst_login", "name")]),
    ("analyst remove", ["metabase"], [("remove", "analyst_login", "")]),
    ("source remove", ["inbox", "--yes"], [("remove", "source", "")]),
    ("erase source", ["inbox", "--reason", "asked", "--yes"], [("erase", "source", "")]),
    ("retention", ["--run"], [("run", "retention", "")]),
    ("erase user", ["zoe", "--reason", "asked", "--yes"], [("erase", "user", "")]),
]  # fmt: skip


@pytest.fixture
def default_id(database: Database) -> UUID:
    """A little library with people behind its chatbot, a question that waits for them, and a document that failed."""
    organization_id = organizations.create(database, "default", "Default").id
    source_id = shelve(database, organization_id, MILL)
    chatbot = open_chatbot(database, organization_id, source_id, name="handbook")
    with database.transaction(organization_id) as connection:
        agents.create(connection, organization_id, chatbot_id=chatbot.id, name="people", type="human-escalation")
        sync_failures.record(
            connection, organization_id, source_id=source_id, path="a.pdf", document_id=None, stage="parsing",
            outcome="unreadable", reason="it is torn",
        )  # fmt: skip
        connection.execute(
            "insert into knowledge.deletion_batches (organization_id, data_source_id, documents, known) "
            "values (%s, %s, 1, 1)",
            [organization_id, source_id],
        )
    return organization_id


@pytest.fixture
def run(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command in this process; what it says, or what it refuses by, raised."""
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))

    def invoke(*words: str) -> str:
        result = CliRunner().invoke(app, list(words), input="sk-of-the-mill\n")
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return invoke


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all commands that can be typed; a group that does something by itself is one."""
    if not hasattr(command, "commands"):
        yield " ".join(path)
        return
    if command.invoke_without_command and path:
        yield " ".join(path)
    for name, each in command.commands.items():
        yield from commands(each, (*path, name))


def test_every_command_says_whether_it_changes_anything() -> None:
    logged = {name for name, _, _ in STORY} | ELSEWHERE
    assert logged & UNLOGGED == set()
    assert set(commands(typer.main.get_command(app))) == logged | UNLOGGED


def test_whatever_commands_change_stands_in_the_audit_log(
    run: Callable[..., str], database: Database, default_id: UUID, tmp_path: Path
) -> None:
    (tmp_path / "letter.md").write_text("The mill is open on Sundays.")
    (tmp_path / "mine.jsonl").write_text(json.dumps(LINE))
    (tmp_path / "millrace.yaml").write_text(
        "version: 1\nsources:\n  handbook: {config: {location: .}, description: the handbook}\n"
        "chatbots:\n  declared: {sources: [handbook], description: declared}\n"
    )
    session = json.loads(run("ask", "I want to talk to a human", "--chatbot", "handbook", "--json"))["session_id"]
    run("user", "create", "zoe", "--email", "zoe@mill.example")
    run("source", "set", "handbook", "--set", f"location={tmp_path}")
    named: dict[str, Callable[[], str]] = {
        "letter": lambda: str(tmp_path / "letter.md"), "questions": lambda: str(tmp_path / "mine.jsonl"),
        "declared": lambda: str(tmp_path / "millrace.yaml"), "session": lambda: str(session),
        "failure": lambda: json.loads(run("failures", "list", "--json"))[0]["id"],
        "deletions": lambda: json.loads(run("deletions", "list", "--decided", "--json"))[0]["id"],
        "key": lambda: json.loads(run("key", "list", "--json"))[-1]["id"],
        "secrets": lambda: json.loads(run("secrets", "status", "--json"))[-1]["key_id"],
    }  # fmt: skip
    wrong = []
    for name, words, expected in STORY:
        before = {entry.id for entry in entries(database, default_id)}
        said = [word.format(**{key: find() for key, find in named.items() if f"{{{key}}}" in word}) for word in words]
        run(*name.split(), *said)
        new = [entry for entry in entries(database, default_id) if entry.id not in before]
        left = sorted((entry.action, entry.entity, " ".join(entry.changed)) for entry in new)
        if left != sorted(expected) or any((entry.door, entry.user_id) != ("command line", None) for entry in new):
            wrong.append((name, left))
    assert wrong == []
    with database.transaction(default_id) as connection:
        assert notification_channels.select_all(connection, default_id) == []


def entries(database: Database, organization_id: UUID) -> list[AuditEntry]:
    with database.transaction(organization_id) as connection:
        return audit_log.select_page(connection, organization_id, at_most=1000)
