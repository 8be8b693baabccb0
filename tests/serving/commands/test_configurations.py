"""A configuration goes its way by commands: made, built, measured, activated, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from resources.bots.configurations import builds
from resources.bots.question_sets import evaluation_judgments, evaluation_queries, evaluation_sets
from resources.bots.records import Chatbot, EvaluationJudgment, NewQuery
from resources.foundation.database import Database, Server
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.errors import Conflict, Missing, Refused
from resources.identity import audit_log, organizations
from resources.knowledge.documents import documents
from serving.cli import app
from tests.factories.library import open_chatbot
from tests.factories.workshops import make_workshop

Run = Callable[..., Result]
THINGS = ("owl", "sluice", "scale", "dryer", "shop", "turbine", "ladder", "bell", "stone", "horse", "baker", "sack")


@pytest.fixture
def chatbot(database: Database, tmp_path: Path) -> Chatbot:
    """A chatbot with twelve documents and a question on each."""
    id = organizations.create(database, "default", "Default").id
    workshop = make_workshop(database, id, tmp_path)
    workshop.embedder = EmbeddedModel()
    for thing in THINGS:
        workshop.write(
            f"{thing}.txt", f"The {thing} of the mill is painted green.\n\nNobody lends the {thing} to anybody."
        )
    workshop.sync()
    chatbot = open_chatbot(database, id, workshop.source_id, name="miller")
    with database.transaction(id) as connection:
        known = documents.select_of_source(connection, id, workshop.source_id)
        ids = {one.file_path.partition(".")[0]: one.id for one in known}
        chosen = evaluation_sets.ensure(connection, id, chatbot_id=chatbot.id, name="mill")
        questions = [NewQuery(thing, f"Which colour has the {thing}?") for thing in THINGS]
        evaluation_queries.replace(connection, id, chosen.id, questions)
        rows = evaluation_queries.select_all(connection, id, chosen.id)
        judgments = [EvaluationJudgment(row.id, ids[row.external_id]) for row in rows]
        evaluation_judgments.replace(connection, id, chosen.id, judgments)
    return chatbot


@pytest.fixture
def millrace(server: Server, chatbot: Chatbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process, on a database of its own."""
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    return lambda *arguments: CliRunner().invoke(app, ["config", *arguments])


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def logged(database: Database) -> list[str]:
    """What the audit log tells of configurations."""
    with database.directory() as connection:
        default = organizations.find_by_slug(connection, "default")
    assert default is not None
    with database.transaction(default.id) as connection:
        entries = audit_log.select_page(connection, default.id, at_most=100, entity="configuration")
    return [entry.action for entry in reversed(entries)]


def statuses(millrace: Run) -> list[tuple[int, str]]:
    return [(one["number"], one["status"]) for one in report(millrace("list", "--json"))]


def test_a_configuration_is_made_built_measured_activated_and_taken_back(millrace: Run, database: Database) -> None:
    made = report(millrace("create", "--chunk-size", "100", "--description", "shorter", "--json"))
    assert (made["number"], made["status"], made["chunk_size"], made["embedding_model"]) == (
        2, "draft", 100, "wordllama-256",
    )  # fmt: skip
    forecast = made["forecast"]["foreseen"]
    assert (forecast["documents"], forecast["is_exact"], made["forecast"]["cost"]) == (12, True, 0.0)
    assert "passages of 12 documents" in millrace("build", "2", "--plan").stdout
    assert "is not built" in " ".join(report(millrace("show", "2", "--json"))["objections"])
    built = report(millrace("build", "2", "--json"))
    assert (built["event"], built["missing"], built["chunks"]) == ("done", 0, forecast["chunks"])
    assert built["embedded"] == forecast["embedded"] == built["foreseen_embedded"]
    [record] = report(millrace("show", "2", "--json"))["builds"]
    assert (record["state"], record["chunks"], record["seconds"]) == ("finished", built["chunks"], built["seconds"])
    with pytest.raises(Refused, match="was not measured beside configuration 1"):
        report(millrace("activate", "2"))
    evaluated = report(millrace("evaluate", "2", "--json"))
    assert {one["queries"] for one in evaluated["comparisons"]} == {12}
    assert report(millrace("compare", "2", "--json"))["comparisons"] == evaluated["comparisons"]
    assert "Of 12 questions" in millrace("compare", "2").stdout
    assert report(millrace("activate", "2", "--json"))["active"] == 2
    assert statuses(millrace) == [(1, "retired"), (2, "active")]
    assert report(millrace("rollback", "--json")) == {"chatbot": "miller", "active": 1, "left": 2, "missing": 0}
    assert report(millrace("retire", "2", "--json"))["retired"] == 2
    with pytest.raises(Missing, match="there is no way back"):
        report(millrace("rollback"))
    assert logged(database) == ["create", "build", "evaluate", "activate", "roll_back", "retire"]


def test_a_worse_one_is_refused_and_can_be_forced_with_a_reason_that_is_kept(millrace: Run, database: Database) -> None:
    made = report(millrace("create", "--threshold", "0.99", "--json"))
    assert "needs nothing that is not there" in millrace("build", "2", "--plan").stdout
    with database.directory() as connection:
        default = organizations.find_by_slug(connection, "default")
    assert default is not None
    builds.build(
        database, default.id, UUID(made["id"]), embedder_of=lambda _: EmbeddedModel(), progress=lambda *_: None
    )
    report(millrace("evaluate", "2", "--json"))
    with pytest.raises(Refused, match="may be worse than configuration 1"):
        report(millrace("activate", "2"))
    forced = report(millrace("activate", "2", "--force", "to see", "--json"))
    assert len(forced["passed_over"]) == 1
    assert report(millrace("show", "2", "--json"))["forced_reason"] == "to see"


def test_what_cannot_be_is_said_by_name(millrace: Run) -> None:
    with pytest.raises(Missing, match="has no configuration 7"):
        report(millrace("show", "7"))
    with pytest.raises(Refused, match="retrieval_k is out of range"):
        report(millrace("create", "-k", "1000"))
    with pytest.raises(Conflict, match="is the active one"):
        report(millrace("retire", "1"))
    with pytest.raises(Refused, match=r"no embedding model 'minilm' here: without a provider there is wordllama-256"):
        report(millrace("create", "--embedding-model", "minilm"))
    with pytest.raises(Refused, match=r"no reranker 'cohere': none, llm, .* are known"):
        report(millrace("create", "--reranker-model", "cohere"))
    with pytest.raises(Refused, match="extractive cannot understand questions"):
        report(millrace("create", "--query-understanding", "standalone"))
    assert statuses(millrace) == [(1, "active")]


def test_everything_of_a_recipe_can_be_said_and_is_shown(millrace: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    said = ["--off-topic-threshold", "0.2", "--query-understanding", "standalone", "--max-per-document", "2",
            "--llm-model", "talker"]  # fmt: skip
    made = report(millrace("create", *said, "--json"))
    names = ("off_topic_threshold", "query_understanding", "max_per_document")
    assert [made[name] for name in names] == [0.2, "standalone", 2]
    shown = millrace("show", "2").stdout
    assert "off topic threshold" in shown
    assert "standalone" in shown
    with pytest.raises(Refused, match="query_understanding is out of range"):
        report(millrace("create", "--from", "2", "--query-understanding", "clever"))
    uncapped = report(millrace("create", "--from", "2", "--max-per-document", "0", "--json"))
    assert [uncapped[name] for name in names] == [0.2, "standalone", None]
    with pytest.raises(Refused, match="was not evaluated beside"):
        report(millrace("compare", "1", "1"))
