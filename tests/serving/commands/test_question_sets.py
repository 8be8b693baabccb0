"""Question sets by commands: in whole or not at all, written by a model, taken from conversations, reviewed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from resources.bots.configurations import model_config_versions
from resources.conversations import message_feedback
from resources.foundation.database import Database, Server
from resources.foundation.errors import Misconfigured, Missing, Refused
from resources.identity import audit_log, organizations
from serving.cli import app
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer

Run = Callable[..., Result]
LINES = [
    {"id": "a", "question": "Who weighs the grain?", "document": "grain.md", "split": "report"},
    {"id": "b", "question": "When is the sluice greased?", "document": "sluice.md", "split": "tune"},
    {"id": "c", "question": "Who is the king?", "answerable": False, "split": "report"},
]
LONG = {
    "dryer.md": "The dryer of the mill is inspected on every second Monday of the month by the dryer keeper, who "
    "writes what was found into the dryer book and tells the miller of any damage before the evening."
}  # fmt: skip


@pytest.fixture
def provider() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.says = lambda _: json.dumps(
            {"questions": [{"question": "Who looks after the dryer at Millrace?", "quote": "the dryer keeper"}]}
        )
        yield running


@pytest.fixture
def default_id(database: Database) -> UUID:
    return organizations.create(database, "default", "Default").id


@pytest.fixture
def millrace(
    server: Server,
    database: Database,
    default_id: UUID,
    provider: OpenAIServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs a command in this process, on a little library."""
    open_chatbot(database, default_id, shelve(database, default_id, MILL | LONG))
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    return lambda *arguments: CliRunner().invoke(app, ["questions", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
    return str(path)


def logged(database: Database, organization_id: UUID) -> list[str]:
    """What the audit log tells of the sets and their questions."""
    with database.transaction(organization_id) as connection:
        entries = audit_log.select_page(connection, organization_id, at_most=100)
    return [entry.action for entry in reversed(entries) if entry.entity.startswith("question")]


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_a_set_is_brought_in_listed_shown_measured_and_written_out(millrace: Run, file: str, tmp_path: Path) -> None:
    assert report(millrace("import", file, "--json"))["added"] == 3
    assert "0 questions added, 0 changed, 3 as they were" in millrace("import", file).output.replace("\n", " ")
    [counts] = report(millrace("list", "--json"))
    assert (counts["name"], counts["judged"], counts["unanswerable"], counts["tune"]) == ("mine", 2, 1, 1)
    shown = report(millrace("show", "mine", "--split", "report", "--json"))
    assert [one["query"]["external_id"] for one in shown] == ["a", "c"]
    assert "handbook:grain.md" in millrace("show", "mine").stdout
    assert report(millrace("measure", "mine", "--split", "tune", "--json"))["run"]["queries"] == 1
    assert "ndcg_at_10" in millrace("measure", "mine").stdout
    written = tmp_path / "out.jsonl"
    assert millrace("export", "mine", "--to", str(written)).exit_code == 0
    assert millrace("export", "mine").stdout == written.read_text()
    assert report(millrace("import", str(written), "--set", "mine", "--json"))["unchanged"] == 3
    assert report(millrace("split", "mine", "--tune-share", "0", "--json")) == {"set": "mine", "tune": 0, "report": 3}
    assert report(millrace("split", "mine", "a", "--to", "tune", "--json"))["tune"] == 1
    assert report(millrace("remove", "mine", "a", "--json"))["removed"] == 1
    assert report(millrace("remove", "mine", "--all", "--json"))["removed"] == 2
    assert report(millrace("list", "--json")) == []


def test_what_is_not_found_is_refused_and_told(millrace: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("question,document\nWho?,attic.md\nWho weighs grain?,grain.md\n")
    refused = millrace("import", str(tmp_path / "bad.csv"))
    assert isinstance(refused.exception, Refused)
    assert "line 2" in str(refused.exception)
    told = millrace("import", str(tmp_path / "bad.csv"), "--skip-unmatched")
    assert told.exit_code == 0
    assert "there is no document 'attic.md'" in told.output
    assert isinstance(millrace("show", "attic").exception, Missing)


def test_a_question_is_written_by_hand(millrace: Run) -> None:
    assert isinstance(millrace("add", "Who?").exception, Refused)
    added = millrace("add", "What does rye cost?", "--document", "handbook:shop.md", "--quote", "three euros", "--json")
    assert report(added)["added"] == 1
    [known] = report(millrace("show", "questions", "--origin", "written", "--json"))
    assert known["answers"][0]["start"] == MILL["shop.md"].index("three euros")


def test_a_model_writes_questions_and_somebody_reviews_them(
    millrace: Run, provider: OpenAIServer, database: Database, default_id: UUID
) -> None:
    assert report(millrace("generate", "--model", "writer", "--plan", "--json"))["passages"] == 1
    assert provider.requests == []
    assert report(millrace("generate", "--model", "writer", "--json"))["questions"] == 1
    [waiting] = report(millrace("review", "--json"))
    assert waiting["question"]["query"]["generated_by"] == "writer"
    assert "written by writer" in millrace("review").stdout
    id = waiting["question"]["query"]["external_id"]
    [accepted] = report(millrace("accept", id, "--json"))
    assert accepted["query"]["state"] == "accepted"
    assert "Nothing waits" in millrace("review").stdout
    assert report(millrace("reject", id, "--json"))[0]["query"]["state"] == "rejected"
    assert logged(database, default_id) == ["generate", "accept", "reject"]


def test_without_a_model_nothing_is_generated(millrace: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name)
    assert isinstance(millrace("generate").exception, Misconfigured)


def test_a_question_with_a_wrong_answer_is_promoted_and_corrected(
    millrace: Run, database: Database, default_id: UUID
) -> None:
    asked = report(CliRunner().invoke(app, ["ask", "What does rye flour cost?", "--json"]))
    with database.transaction(default_id) as connection:
        message_feedback.replace(
            connection, default_id, message_id=UUID(asked["message_id"]), user_id=None, feedback="negative",
            reason="it costs four now",
        )  # fmt: skip
    assert isinstance(millrace("promote", "--signal", "odd").exception, Refused)
    assert report(millrace("promote", "--json"))["answers"] == {"negative": 1}
    told = millrace("review").stdout
    assert "it costs four now" in told
    assert re.search(r"cited.*handbook:shop\.md", told)
    [waiting] = report(millrace("review", "--json"))
    id = waiting["question"]["query"]["external_id"]
    assert isinstance(millrace("accept", id).exception, Refused)
    [accepted] = report(millrace("accept", id, "--document", "grain.md", "--json"))
    assert [answer["path"] for answer in accepted["answers"]] == ["grain.md"]
    assert logged(database, default_id) == ["promote", "accept"]


def test_a_comparison_shows_what_was_asked_beside_judged_questions(
    millrace: Run, database: Database, default_id: UUID, file: str
) -> None:
    CliRunner().invoke(app, ["ask", "What does rye flour cost?"])
    with database.transaction(default_id) as connection:
        row = connection.execute("select chatbot_id from bots.model_config_versions").fetchone()
        assert row is not None
        active = model_config_versions.get_active(connection, default_id, row[0])
        made = model_config_versions.create(connection, default_id, row[0], model_config_versions.values_of(active))
        model_config_versions.set_building(connection, default_id, made)
        model_config_versions.set_built(connection, default_id, made.id)
    evaluate = ["config", "evaluate", "2"]
    unjudged = CliRunner().invoke(app, evaluate)
    assert unjudged.exit_code == 1
    assert "1 question" in unjudged.output
    assert "no accepted question" in unjudged.output
    millrace("import", file)
    told = report(CliRunner().invoke(app, [*evaluate, "--json"]))
    assert (told["logged"]["asked"], told["logged"]["overlap"]) == (1, 1.0)
    assert told["comparisons"][0]["queries"] == 1, "only the accepted question that reports counts"
    shown = CliRunner().invoke(app, ["config", "compare", "2"]).stdout
    assert "nobody has judged them" in shown
    assert "nDCG@10" in shown
