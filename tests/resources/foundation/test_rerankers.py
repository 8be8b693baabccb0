"""A reranker judges every passage exactly once, or says why not; nothing it says can drop or invent one."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.errors import MillraceError, Misconfigured, Refused, Unavailable
from resources.foundation.inference import Reranker, UnsoundScores, checked_scores
from resources.foundation.rerankers import MOST_CHARACTERS, LocalReranker, Provider, RemoteReranker, reranker_for
from tests.factories.cross_encoders import make_cross_encoder
from tests.fixtures.openai_server import (
    Behaviour,
    OpenAIServer,
    Payload,
    answering,
    failing,
    reranking,
    resetting,
    speaking_for_ever,
    stalling,
)

KEY = "sk-secret-123"
QUESTION = "Who greases the sluice gate?"
PASSAGES = ["The shop opens at nine.", "The duty engineer greases the sluice gate.", "The gate is green."]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def named(server: OpenAIServer, name: str) -> Reranker:
    reranker = reranker_for(name, Provider(server.base_url, KEY))
    assert reranker is not None
    return reranker


def best_first(reranker: Reranker) -> list[int]:
    scores = reranker.rank(QUESTION, PASSAGES).scores
    return sorted(range(len(scores)), key=lambda position: -scores[position])


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_endpoint_judges_the_passages_in_the_order_they_were_given(server: OpenAIServer, version: str) -> None:
    provider = Provider("http://127.0.0.1:1", "sk-other", server.base_url.replace("v1", version), KEY)
    reranker = reranker_for("rerank:judge-1", provider)
    assert reranker is not None
    assert best_first(reranker) == [1, 2, 0]
    [request] = server.requests
    assert (request.path, request.key) == (f"/{version}/rerank", KEY)
    assert request.body == {"model": "judge-1", "query": QUESTION, "documents": PASSAGES, "top_n": 3}


def test_an_endpoint_says_what_it_read_where_it_does(server: OpenAIServer) -> None:
    usage = named(server, "rerank:judge-1").rank(QUESTION, PASSAGES).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens) == (38, 0)


WRONG_RESULTS: dict[str, Callable[[list[Payload]], object]] = {
    "one is missing": lambda results: results[:-1],
    "none at all": lambda results: [],
    "one twice": lambda results: [*results[:-1], results[0]],
    "one too many": lambda results: [*results, results[0]],
    "of no passage": lambda results: [*results[:-1], results[-1] | {"index": 3}],
    "before the first": lambda results: [*results[:-1], results[-1] | {"index": -1}],
    "index in words": lambda results: [*results[:-1], results[-1] | {"index": "2"}],
    "index true": lambda results: [results[0] | {"index": True}, *results[1:]],
    "score NaN": lambda results: [results[0] | {"relevance_score": float("nan")}, *results[1:]],
    "score infinite": lambda results: [results[0] | {"relevance_score": float("inf")}, *results[1:]],
    "score in words": lambda results: [results[0] | {"relevance_score": "high"}, *results[1:]],
    "score missing": lambda results: [{"index": 0}, *results[1:]],
    "score beyond floats": lambda results: [results[0] | {"relevance_score": 10**400}, *results[1:]],
    "no list": lambda results: {"0": 1},
    "no objects": lambda results: [0, 1, 2],
}


@pytest.mark.parametrize("alter", WRONG_RESULTS.values(), ids=WRONG_RESULTS)
def test_an_endpoints_wrong_answer_is_no_answer(server: OpenAIServer, alter: Callable[[list[Payload]], object]) -> None:
    server.script(reranking(alter))
    with pytest.raises(UnsoundScores):
        named(server, "rerank:judge-1").rank(QUESTION, PASSAGES)


FAILURES: dict[str, tuple[Behaviour, type[MillraceError]]] = {
    "no such path": (failing(404, leaks=KEY), Misconfigured),
    "wrong key": (failing(401, leaks=KEY), Misconfigured),
    "refused": (failing(400, leaks=QUESTION), Refused),
    "busy": (failing(429, leaks=KEY), Unavailable),
    "broken": (failing(500, leaks=PASSAGES[0]), Unavailable),
    "reset": (resetting, Unavailable),
    "silent": (stalling, Unavailable),
    "no JSON": (answering(b"{oops"), Unavailable),
    "a page": (answering(b"<html>", "text/html"), Unavailable),
    "a list": (answering(b"[1]"), Unavailable),
    "a thousand brackets": (answering(b"[" * 100_000), Unavailable),
}


@pytest.mark.parametrize(("behaviour", "error"), FAILURES.values(), ids=FAILURES)
def test_an_endpoint_that_fails_is_asked_once_and_the_error_tells_no_secret(
    server: OpenAIServer, behaviour: Behaviour, error: type[MillraceError]
) -> None:
    server.script(behaviour)
    reranker = RemoteReranker(
        "judge-1", base_url=server.base_url, api_key=KEY, timeout_seconds=0.5 if behaviour is stalling else 60
    )
    with pytest.raises(error) as raised:
        reranker.rank(QUESTION, PASSAGES)
    assert len(server.requests) == 1
    assert not any(secret in str(raised.value) for secret in (KEY, QUESTION, *PASSAGES, "127.0.0.1"))


def test_nothing_to_judge_asks_nobody(server: OpenAIServer) -> None:
    for name in ("rerank:any", "llm:any", "local:/nowhere"):
        assert named(server, name).rank(QUESTION, []).scores == ()
    assert server.requests == []


def test_a_chat_model_gives_each_passage_a_mark(server: OpenAIServer) -> None:
    server.says = lambda messages: '```json\n{"2": 10, "1": 0, "3": 4.5}\n```'
    verdict = named(server, "llm:talker").rank(QUESTION, PASSAGES)
    assert verdict.scores == (0.0, 10.0, 4.5)
    assert verdict.usage is not None
    assert verdict.usage.prompt_tokens > 0
    assert not verdict.usage.is_estimated
    [request] = server.requests
    assert (request.body["model"], request.body["temperature"]) == ("talker", 0.0)
    told = request.body["messages"][-1]["content"]
    assert [told.index(passage) for passage in PASSAGES] == sorted(told.index(passage) for passage in PASSAGES)


WRONG_MARKS = [
    "",
    "Passage 2 is best.",
    "[2, 1, 3]",
    '{"1": 1, "2": 2}',
    '{"1": 1, "2": 2, "3": 3, "4": 4}',
    '{"1": 1, "1": 9, "2": 2, "3": 3}',
    '{"0": 1, "1": 2, "2": 3}',
    '{"1": 1, "2": 2, "3": 11}',
    '{"1": 1, "2": 2, "3": -1}',
    '{"1": 1, "2": 2, "3": NaN}',
    '{"1": 1, "2": 2, "3": true}',
    '{"1": 1, "2": 2, "3": "3"}',
    '{"1": 1, "2": 2, "three": 3}',
    '{"1": 1, "2": 2, "٣": 3}',
    '{"1": {"1": 1}, "2": 2, "3": 3}',
    "[" * 5_000,
    '{"1": 1, "2": 2, "3": 3} Passage 1 told me so.',
]


@pytest.mark.parametrize("said", WRONG_MARKS)
def test_what_a_chat_model_says_besides_marks_is_no_verdict(server: OpenAIServer, said: str) -> None:
    server.says = lambda messages: said
    with pytest.raises(UnsoundScores):
        named(server, "llm:talker").rank(QUESTION, PASSAGES)


def test_a_chat_model_that_does_not_end_is_left(server: OpenAIServer) -> None:
    server.script(speaking_for_ever)
    with pytest.raises(Unavailable):
        named(server, "llm:talker").rank(QUESTION, PASSAGES)
    assert server.reader_left.wait(60)


def test_a_chat_model_reads_no_more_than_it_may(server: OpenAIServer) -> None:
    server.says = lambda messages: json.dumps({str(number): 1 for number in range(1, 51)})
    named(server, "llm:talker").rank(QUESTION, ["grist " * 2_000] * 50)
    told = sum(len(message["content"]) for message in server.requests[0].body["messages"])
    assert told < MOST_CHARACTERS + 50 * 100 + 2_000


def test_a_name_that_is_no_rerankers_is_refused() -> None:
    assert reranker_for(None) is reranker_for("none") is None
    for name in ("cohere", "rerank:", "llm:", "local: ", "best:judge", ""):
        with pytest.raises(Misconfigured, match="no reranker"):
            reranker_for(name)


def test_a_local_model_is_a_folder_and_is_never_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    for folder in ("Xenova/ms-marco-MiniLM-L-6-v2", str(tmp_path / "nowhere")):
        with pytest.raises(Misconfigured, match="none is downloaded"):
            LocalReranker(folder).rank(QUESTION, PASSAGES)
    with pytest.raises(Misconfigured, match=r"lacks tokenizer.json, tokenizer_config.json, model.onnx"):
        LocalReranker(str(tmp_path)).rank(QUESTION, PASSAGES)


def test_a_cross_encoder_is_loaded_from_its_folder(tmp_path: Path) -> None:
    pytest.importorskip("fastembed", reason="fastembed, the extra `rerank`, is not installed")
    pytest.importorskip("onnx", reason="onnx, which makes the tiny model, is not installed")
    make_cross_encoder(tmp_path, liked=["sluice", "engineer"])
    reranker = reranker_for(f"local:{tmp_path}")
    assert reranker is not None
    assert reranker.name == f"local:{tmp_path}"
    assert best_first(reranker)[0] == 1
    assert reranker.rank(QUESTION, PASSAGES * 20).scores == reranker.rank(QUESTION, PASSAGES).scores * 20
    another = make_cross_encoder(tmp_path / "another", liked=["shop"])
    assert best_first(LocalReranker(str(another)))[0] == 0


def test_a_folder_that_holds_no_model_is_said_to(tmp_path: Path) -> None:
    pytest.importorskip("fastembed", reason="fastembed, the extra `rerank`, is not installed")
    for name in ("model.onnx", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(Misconfigured, match="cannot be loaded"):
        LocalReranker(str(tmp_path)).rank(QUESTION, PASSAGES)


@given(st.lists(st.tuples(st.integers(-2, 6), st.floats()), max_size=8), st.integers(0, 5))
def test_scores_are_taken_whole_or_not_at_all(scored: list[tuple[int, float]], count: int) -> None:
    try:
        scores = checked_scores(scored, count=count)
    except UnsoundScores:
        assert sorted(position for position, _ in scored) != list(range(count)) or not all(
            abs(score) < float("inf") for _, score in scored
        )
    else:
        assert dict(enumerate(scores)) == dict(scored)
        assert len(scores) == count
