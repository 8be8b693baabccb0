"""Searching and measuring by commands: the order of the search beside that of the reranker, and calibration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from resources.bots.configurations import model_config_versions
from resources.foundation.database import Database, Server
from resources.foundation.errors import Misconfigured, Refused
from resources.identity import organizations
from resources.knowledge.search.filtering import AllOf, Field, NoneOf
from serving.cli import app
from serving.commands.filters import filter_of
from tests.factories.library import MILL, open_chatbot, shelve
from tests.fixtures.openai_server import OpenAIServer, failing
from tests.resources.bots.evaluation.test_calibration import write_folder

Run = Callable[..., Result]
WORDS = ("search", "How often is the sluice gate greased?", "-k", "2")


@pytest.fixture
def provider() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def millrace(
    server: Server, database: Database, provider: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs a command in this process, on a little library whose chatbot has its passages reranked."""
    organization_id = organizations.create(database, "default", "Default").id
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, MILL))
    _rerank(database, organization_id, chatbot.id)
    monkeypatch.setenv("DATABASE_URL", server.admin_conninfo())
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MILLRACE_RERANK_BASE_URL", provider.base_url.replace("v1", "v2"))
    monkeypatch.setenv("MILLRACE_RERANK_API_KEY", "co-secret")
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def _rerank(database: Database, organization_id: UUID, chatbot_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        model_config_versions.ensure_active(
            connection, organization_id, chatbot_id, embedding_model="wordllama-256", llm_model="extractive",
            reranker_model="rerank:judge",
        )  # fmt: skip


def report(result: Result) -> Any:
    if result.exception:
        raise result.exception
    return json.loads(result.stdout)


def test_explaining_shows_where_the_search_had_each_passage(millrace: Run, provider: OpenAIServer) -> None:
    told = report(millrace(*WORDS, "--explain", "--json"))
    assert (told["reranker"], told["is_reranked"], told["failure"]) == ("rerank:judge", True, None)
    assert (len(told["candidates"]), len(told["offered"])) == (6, 2)
    for hit in told["offered"]:
        assert told["candidates"][hit["searched_place"] - 1] == hit["passage"]["chunk_id"]
    assert told["offered"][0]["reranker_score"] >= told["offered"][1]["reranker_score"] > 0
    assert [passage["chunk_id"] for passage in report(millrace(*WORDS, "--json"))] == [
        hit["passage"]["chunk_id"] for hit in told["offered"]
    ]
    assert "rerank:judge ordered 6 of 6 candidates" in millrace(*WORDS, "--explain").stdout
    assert {(request.path, request.key) for request in provider.requests} == {("/v2/rerank", "co-secret")}


def test_a_reranker_that_fails_is_told_beside_what_the_search_found(millrace: Run, provider: OpenAIServer) -> None:
    provider.script(failing(503), failing(503))
    result = millrace(*WORDS)
    assert result.exit_code == 0
    assert "The order is the search's" in result.output
    assert "greased every second Monday" in result.output
    told = report(millrace(*WORDS, "--explain", "--json"))
    assert not told["is_reranked"]
    assert "503" in told["failure"]
    assert [hit["searched_place"] for hit in told["offered"]] == [1, 2]


def test_a_folder_is_measured_with_a_reranker_or_calibrated(
    millrace: Run, provider: OpenAIServer, tmp_path: Path
) -> None:
    folder = str(write_folder(tmp_path / "mill", strangers=10))
    assert report(millrace("evaluate", folder, "--reranker", "rerank:judge", "--json"))["mrr_at_10"]["value"] > 0.5
    assert len(provider.requests) == 10
    assert [curve["score"] for curve in report(millrace("evaluate", folder, "--calibrate", "--json"))["curves"]] == [
        "meaning", "words", "both",
    ]  # fmt: skip
    assert "similarity_threshold" in millrace("evaluate", folder, "--calibrate").stdout
    assert isinstance(millrace("evaluate", folder, "--calibrate", "--reranker", "llm:x").exception, Refused)
    assert isinstance(millrace("evaluate", folder, "--reranker", "judge").exception, Misconfigured)


def test_a_quoted_phrase_that_nowhere_stands_is_named(millrace: Run) -> None:
    sought = ("search", '"sluice gate" "gate sluice"')
    assert report(millrace(*sought, "--explain", "--json"))["missing_phrases"] == ["gate sluice"]
    assert '"gate sluice" stands in no passage' in millrace(*sought).output
    assert report(millrace("search", '"sluice gate"', "--explain", "--json"))["missing_phrases"] == []
    elsewhere = ("search", '"sluice gate"', "--path", "shop.md", "--explain", "--json")
    assert report(millrace(*elsewhere))["missing_phrases"] == ["sluice gate"]


def test_a_search_is_bound_by_options_and_by_a_filter_in_json(millrace: Run) -> None:
    def paths(*options: str) -> set[str]:
        return {hit["file_path"] for hit in report(millrace(*WORDS[:2], *options, "--json"))}

    assert paths("--path", "shop.md", "--path", "grain*") == {"shop.md", "grain.md"}
    assert paths("--filter", '{"not": {"paths": "sluice.md"}}', "--source", "handbook") == {"shop.md", "grain.md"}
    assert paths("--where", "team=mill") == set()
    assert paths("--where", "team!=mill", "--path", "shop.md") == {"shop.md"}
    assert paths("--since", "2020-01-01", "--until", "2000-01-01") == set()


def test_a_name_in_a_filter_that_nothing_bears_is_told(millrace: Run) -> None:
    result = millrace(*WORDS, "--tag", "polcy")
    assert "There is no tag 'polcy'" in result.output
    assert "Nothing was found: loosen the filter" in result.output
    asked = millrace("ask", WORDS[1], "--source", "handbok")
    assert "There is no source 'handbok'" in asked.output
    assert "could not find an answer" in asked.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--filter", "{"), "--filter is no JSON"),
        (("--filter", '{"tag": "a"}'), "filter.tag: no such key"),
        (("--since", "yesterday"), "filter.since: must be a day"),
        (("--where", "team"), "compares nothing"),
        (("--where", "=mill"), "compares nothing"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(millrace: Run, options: tuple[str, ...], message: str) -> None:
    with pytest.raises(Refused, match=message):
        report(millrace(*WORDS, *options))


def test_a_field_is_compared_as_it_is_written() -> None:
    part = filter_of(wheres=["pages>=10", "due<2026-01-31", "note~urgent", "id=007", "team!=shop"]).part
    assert isinstance(part, AllOf)
    assert [(one.kind, one.test) for one in part.parts if isinstance(one, Field)] == [
        ("number", "gte"), ("date", "lt"), ("text", "contains"), ("text", "in"),
    ]  # fmt: skip
    assert part.parts[-1] == NoneOf(Field("team", "text", "in", ("shop",)))
