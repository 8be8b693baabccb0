"""Whatever a provider does, the person gets an honest answer: the model's, another's that says so, or what failed.

Forty behaviours of a provider of answers, and ten of one of vectors, asked whole and as a stream over the real server.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import httpx
import pytest

from resources.conversations.answering.models import Patience, ProviderModels
from resources.foundation.database import Database
from tests.fixtures.openai_server import (
    Behaviour,
    Exchange,
    OpenAIServer,
    Payload,
    altering,
    answering,
    breaking_off,
    breaking_off_after,
    complete,
    failing,
    resetting,
    stalling,
)
from tests.serving.conftest import PLACE, Office, Serve, Served, make_office

QUESTION = "How often is the sluice gate greased?"
GREASED = "The sluice gate is greased every second Monday by the duty engineer."
SAID = "The sluice gate is greased every second Monday [1]."
CALM = Patience(embedding_retries=0, embedding_seconds=60, speaking_retries=0, idle_seconds=60)
# For what stalls: who waits for it need not be long about it, and nothing else may seem to stall on a busy machine.
HURRIED = replace(CALM, embedding_seconds=1, idle_seconds=1.5)
LEAKS = ("Traceback", "psycopg", "site-packages", "sk-test", "127.0.0.1", PLACE)


def streaming(*events: str | bytes, content_type: str = "text/event-stream", ends: bool = True) -> Behaviour:
    """Stream these bodies of events, or bytes as they are."""

    def behaviour(exchange: Exchange, body: Payload) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Type", content_type)
        exchange.send_header("Connection", "close")
        exchange.end_headers()
        for event in events:
            exchange.wfile.write(event if isinstance(event, bytes) else f"data: {event}\n\n".encode())
        if ends:
            exchange.wfile.write(b"data: [DONE]\n\n")
        exchange.close_connection = True

    return behaviour


def chunk(content: object = None, finish: object = None, **more: object) -> str:
    """An event of a stream."""
    delta = {} if content is None else {"content": content}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "chatty",
                       "choices": [choice], **more})  # fmt: skip


def redirecting(exchange: Exchange, body: Payload) -> None:
    """Send the client elsewhere."""
    exchange.send_response(307)
    exchange.send_header("Location", f"http://127.0.0.1:{exchange.server.server_address[1]}/v1/elsewhere")
    exchange.send_header("Content-Length", "0")
    exchange.end_headers()


def zipped(valid: bool) -> Behaviour:
    """Stream an answer as gzip, or what only says that it is."""

    def behaviour(exchange: Exchange, body: Payload) -> None:
        text = "".join(f"data: {event}\n\n" for event in (chunk(SAID), chunk(finish="stop"), "[DONE]"))
        content = gzip.compress(text.encode()) if valid else b"\x1f\x8b not gzip at all"
        exchange.send_response(200)
        exchange.send_header("Content-Type", "text/event-stream")
        exchange.send_header("Content-Encoding", "gzip")
        exchange.send_header("Content-Length", str(len(content)))
        exchange.end_headers()
        exchange.wfile.write(content)

    return behaviour


def closing(exchange: Exchange, body: Payload) -> None:
    """Close the connection without a word."""
    exchange.close_connection = True


# What comes of them: `same`, the model's own answer; `other`, the extractive answerer's, which says so; `part`, what
# was said until it broke off, and that it did.
SPEAKING: dict[str, tuple[Behaviour, str]] = {
    "answers": (complete, "same"),
    "429": (failing(429), "other"),
    "429 with Retry-After": (failing(429, retry_after=0.2), "other"),
    "429 with a Retry-After of hours": (failing(429, retry_after=7200), "other"),
    "429, quota used up": (failing(429, code="insufficient_quota"), "other"),
    "500": (failing(500, leaks="sk-test"), "other"),
    "502": (failing(502), "other"),
    "503 with Retry-After": (failing(503, retry_after=0.2), "other"),
    "529": (failing(529), "other"),
    "400": (failing(400, leaks="sk-test"), "other"),
    "400, context length exceeded": (failing(400, code="context_length_exceeded"), "other"),
    "400, content filter": (failing(400, code="content_filter"), "other"),
    "401": (failing(401, leaks="sk-test"), "other"),
    "403": (failing(403), "other"),
    "404": (failing(404, code="model_not_found"), "other"),
    "405": (failing(405), "other"),
    "408": (failing(408), "other"),
    "413": (failing(413), "other"),
    "418": (failing(418), "other"),
    "a redirect": (redirecting, "other"),
    "a reset": (resetting, "other"),
    "a close": (closing, "other"),
    "a stall": (stalling, "other"),
    "a page of HTML": (answering(b"<html>sign in</html>", "text/html"), "other"),
    "nothing": (answering(b"", "text/event-stream"), "other"),
    "JSON that is no stream": (answering(b'{"choices": []}'), "other"),
    "malformed JSON at once": (streaming("{no json"), "other"),
    "an error event at once": (streaming('{"error": {"message": "out of memory at sk-test"}}'), "other"),
    "a list for a chunk": (streaming("[1, 2]", '"words"', "42", "null"), "other"),
    "only the end": (streaming(), "other"),
    "empty choices": (streaming('{"id": "1", "choices": []}'), "other"),
    "no choices": (streaming('{"id": "1"}', '{"id": "1", "choices": null}'), "other"),
    "null content": (streaming(chunk(None), chunk(finish="stop")), "other"),
    "only the role": (streaming(chunk("", role="assistant"), chunk(finish="stop")), "other"),
    "content that is no text": (streaming(chunk({"a": 1}), chunk(7), chunk(finish="stop")), "other"),
    "only spaces": (streaming(chunk("  \n"), chunk(finish="stop")), "other"),
    "a cut before any word": (streaming(chunk(finish="length")), "other"),
    "filtered before any word": (streaming(chunk(finish="content_filter")), "other"),
    "bad UTF-8": (streaming(b"data: \xff\xfe\xfa\n\n"), "other"),
    "what is no gzip": (zipped(valid=False), "other"),
    "gzip": (zipped(valid=True), "same"),
    "usage that is no number": (
        streaming(chunk(SAID), chunk(finish="stop", usage={"prompt_tokens": "many", "completion_tokens": -1})), "same",
    ),
    "a comment between": (streaming(b": still here\n\n", chunk(SAID), b": \n\n", chunk(finish="stop")), "same"),
    "an unknown ending": (streaming(chunk(SAID), chunk(finish="exhausted")), "same"),
    "a huge chunk": (streaming(chunk("x" * 500_000), chunk(finish="stop")), "other"),
    "NUL and half a character": (streaming(chunk(f"{SAID}\0"), chunk("\ud800"), chunk(finish="stop")), "same"),
    "an end without a reason": (streaming(chunk("The sluice gate is"), ends=False), "part"),
    "a reset on the way": (breaking_off("The sluice gate is"), "part"),
    "a stall on the way": (breaking_off("The sluice gate is", by="stall"), "part"),
    "an error on the way": (breaking_off("The sluice gate is", by="error"), "part"),
    "malformed JSON on the way": (breaking_off("The sluice gate is", by="garbage"), "part"),
    "a huge chunk on the way": (streaming(chunk("The sluice gate is"), chunk("x" * 500_000)), "part"),
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What a person got: the words, what was told besides, and the failure that their client raises."""

    status: int
    words: str
    told: dict[str, object]
    failure: str | None
    text: str


@pytest.fixture
def provider() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        running.says = lambda messages: SAID
        yield running


@pytest.fixture
def served_for(serve: Serve, provider: OpenAIServer) -> Callable[[str], Served]:
    """The server that a behaviour of this name meets: one for all of them, and one for what stalls."""
    calm, hurried = (
        serve(ProviderModels(base_url=provider.base_url, api_key="sk-test", patience=patience))
        for patience in (CALM, HURRIED)
    )
    return lambda name: hurried if "stall" in name else calm


def ask(served: Served, office: Office, *, stream: bool) -> Heard:
    answer = httpx.post(
        f"{served.address}/v1/chat/completions", timeout=60, headers={"Authorization": f"Bearer {office.key}"},
        json={"model": "handbook", "messages": [{"role": "user", "content": QUESTION}], "stream": stream},
    )  # fmt: skip
    if not stream or answer.status_code != 200:
        body = answer.json()
        words = body["choices"][0]["message"]["content"] if "choices" in body else ""
        failure = body.get("error", {}).get("code")
        return Heard(answer.status_code, words, body, failure, answer.text)
    events = [event.removeprefix("data: ") for event in answer.text.strip().split("\n\n")]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    choices = [one["choices"][0] for one in chunks if one.get("choices")]
    told: dict[str, object] = next((one for one in chunks if "outcome" in one), {})
    failed = next((one["error"]["code"] for one in chunks if "error" in one), None)
    words = "".join(choice["delta"].get("content", "") for choice in choices)
    return Heard(200, words, told, failed, answer.text)


def test_there_are_forty_behaviours_and_more() -> None:
    assert len(SPEAKING) >= 40


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_person_gets_an_honest_answer_whatever_the_model_does(
    database: Database, organization_id: UUID, served_for: Callable[[str], Served], provider: OpenAIServer, stream: bool
) -> None:
    """All on one server, one after the other: none of them may leave it worse for the next."""
    office = make_office(database, organization_id, llm_model="chatty")
    wrong = []
    for name, (behaviour, expected) in SPEAKING.items():
        provider.script_clear()
        provider.script(behaviour)
        heard = ask(served_for(name), office, stream=stream)
        wrong += [f"{name}: {fault} ({heard.words[:60]!r})" for fault in faults(heard, expected)]
    assert wrong == []
    provider.script_clear()
    for name in ("a stall", "any other"):
        assert "every second Monday" in ask(served_for(name), office, stream=stream).words


def faults(heard: Heard, expected: str) -> Iterator[str]:
    if heard.status != 200:
        yield f"the status is {heard.status}"
        return
    if any(leak in heard.text for leak in LEAKS):
        yield "it tells of the inside"
    told = heard.told
    if expected == "same":
        if "every second Monday" not in heard.words or told["answered_by"] != "chatty":
            yield f"{told.get('answered_by')} answered"
        if told.get("instead_of") is not None or heard.failure:
            yield "it says that something failed"
    elif expected == "other":
        if (told["answered_by"], told.get("instead_of")) != ("extractive", "chatty"):
            yield f"{told.get('answered_by')} answered instead of {told.get('instead_of')}"
        if GREASED not in heard.words or not told["citations"]:
            yield "the sentence is not quoted"
    else:
        if (heard.failure, told["outcome"]) != ("broke_off", "failed"):
            yield f"it is not said that it broke off: {heard.failure}, {told.get('outcome')}"
        if not heard.words.startswith("The sluice gate is") or len(heard.words) > 1000:
            yield "what was said is not told"


EMBEDDING: dict[str, Behaviour] = {
    "429": failing(429),
    "500": failing(500, leaks="sk-test"),
    "401": failing(401, leaks="sk-test"),
    "a reset": resetting,
    "a stall": stalling,
    "malformed JSON": answering(b'{"data": ['),
    "half an answer": breaking_off_after(40, by="close"),
    "another dimension": altering(lambda items: [{**one, "embedding": [0.5] * 31} for one in items]),
    "not a number": altering(lambda items: [{**one, "embedding": [float("nan")] * 32} for one in items]),
    "nulls": altering(lambda items: [{**one, "embedding": None} for one in items]),
    "none": altering(lambda items: []),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_question_that_cannot_be_embedded_is_answered_by_its_words_alone_and_the_answer_says_so(
    database: Database, organization_id: UUID, served_for: Callable[[str], Served], provider: OpenAIServer, stream: bool
) -> None:
    """From the documents, as ever: no model's memory stands in their place. Each fault on its own."""
    office = make_office(database, organization_id, llm_model="chatty", embedding_model="vectors")
    for name, behaviour in EMBEDDING.items():
        provider.script_clear()
        provider.script(behaviour)
        heard = ask(served_for(name), office, stream=stream)
        assert (heard.status, heard.told["outcome"]) == (200, "answered"), name
        assert str(heard.told["degraded"]).startswith("The embedding model vectors "), name
        assert "every second Monday" in heard.words, name
        assert not any(leak in heard.text for leak in LEAKS), name
        # whoever fails three times on end is not asked for a while: here each is
        provider.script_clear()
        assert "degraded" not in ask(served_for("any other"), office, stream=stream).told, name
    with database.transaction(organization_id) as connection:
        told = connection.execute(
            "select count(*) from conversations.retrieval_logs "
            "where degraded like '%words alone%' and query_embedding is null"
        ).fetchone()
    assert told == (len(EMBEDDING),)
