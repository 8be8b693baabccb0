"""A remote model either gives sound vectors and whole answers, or a named failure that tells no secret."""

import itertools
import json
import math
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI, OpenAIError

from resources.foundation.errors import MillraceError, Misconfigured, Refused, Unavailable
from resources.foundation.inference import Message, RefusedTexts, UnsoundVectors
from resources.foundation.openai_provider import RemoteEmbedder, RemoteSpeaker, _requests
from tests.fixtures.openai_server import (
    Behaviour,
    OpenAIServer,
    Payload,
    altering,
    answering,
    breaking_off,
    failing,
    never_ending,
    resetting,
    speaking_for_ever,
    stalling,
)

KEY = "sk-secret-123"


@dataclass(frozen=True)
class Told:
    """A conversation of one question."""

    question: str = "Who grinds?"
    temperature: float | None = None
    max_completion_tokens: int | None = None
    system: str = field(default="Answer briefly.")

    def messages(self) -> list[Message]:
        return [{"role": "system", "content": self.system}, {"role": "user", "content": self.question}]


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def embedder(server: OpenAIServer, **options: int | float | None) -> RemoteEmbedder:
    settings = {"dimension": server.dimension, "retries": 2, "timeout_seconds": 60.0, **options}
    return RemoteEmbedder("any-model", base_url=server.base_url, api_key=KEY, **settings)  # type: ignore[arg-type]


def speaker(server: OpenAIServer, **options: float) -> RemoteSpeaker:
    settings = {"retries": 1, "idle_seconds": 60.0, **options}
    return RemoteSpeaker("any-model", base_url=server.base_url, api_key=KEY, **settings)  # type: ignore[arg-type]


def unit(server: OpenAIServer, text: str) -> list[float]:
    length = math.hypot(*server.vector(text))
    return [number / length for number in server.vector(text)]


def test_each_text_gets_its_own_vector_across_requests(server: OpenAIServer) -> None:
    texts = [f"text number {number}" for number in range(23)]
    vectors = embedder(server, texts_per_request=5).embed(texts)
    assert [len(request.body["input"]) for request in server.requests] == [5, 5, 5, 5, 3]
    for text, vector in zip(texts, vectors, strict=True):
        assert numpy.allclose(vector, unit(server, text), atol=1e-6)
    assert {request.body["encoding_format"] for request in server.requests} == {"float"}
    assert {request.key for request in server.requests} == {KEY}


def test_requests_are_bounded_in_tokens(server: OpenAIServer) -> None:
    embedder(server, tokens_per_request=100).embed(["word " * 60, "word " * 20, "word " * 20, "word"])
    assert [len(request.body["input"]) for request in server.requests] == [2, 2]


@given(st.lists(st.text(max_size=40), max_size=30), st.integers(1, 6), st.integers(1, 12))
def test_requests_cover_every_text_once_and_in_order(texts: list[str], most_texts: int, most_tokens: int) -> None:
    runs = list(_requests(texts, most_texts, most_tokens))
    assert [position for start, stop in runs for position in range(start, stop)] == list(range(len(texts)))
    assert all(0 < stop - start <= most_texts for start, stop in runs)


def test_vectors_are_put_in_order_by_their_index(server: OpenAIServer) -> None:
    server.script(altering(lambda items: items[::-1]))
    first, second = embedder(server).embed(["the mill", "a river"])
    assert numpy.allclose(first, unit(server, "the mill"), atol=1e-6)
    assert numpy.allclose(second, unit(server, "a river"), atol=1e-6)


def test_no_texts_need_no_request(server: OpenAIServer) -> None:
    assert embedder(server).embed([]).shape == (0, server.dimension)
    assert server.requests == []


def test_an_unknown_dimension_is_asked_for_once(server: OpenAIServer) -> None:
    unknown = embedder(server, dimension=None)
    assert unknown.dimension == unknown.dimension == server.dimension
    assert unknown.embed(["the mill"]).shape == (1, server.dimension)
    assert len(server.requests) == 2


def test_only_models_that_can_be_shortened_are_asked_for_a_dimension() -> None:
    with OpenAIServer(dimension=256) as server:
        embedder(server, dimension=256).embed(["the mill"])
        RemoteEmbedder("text-embedding-3-small", base_url=server.base_url, dimension=256).embed(["the mill"])
        assert [request.body.get("dimensions") for request in server.requests] == [None, 256]


def _with(index: int, value: object) -> Callable[[list[Payload]], object]:
    def alter(items: list[Payload]) -> object:
        items[index]["embedding"] = value
        return items

    return alter


def _with_number(index: int, value: object) -> Callable[[list[Payload]], object]:
    def alter(items: list[Payload]) -> object:
        items[index]["embedding"][3] = value
        return items

    return alter


def _all_index_zero(items: list[Payload]) -> object:
    return [{**item, "index": 0} for item in items]


def _without_index(items: list[Payload]) -> object:
    return [{key: value for key, value in item.items() if key != "index"} for item in items]


def _beyond(items: list[Payload]) -> object:
    return [{**item, "index": item["index"] + 1} for item in items]


POSITIONS = (0, 4, 8)
FAULTS: dict[str, Callable[[int], Callable[[list[Payload]], object]]] = {
    "one is missing": lambda at: lambda items: items[:at] + items[at + 1 :],
    "one is there twice": lambda at: lambda items: [*items, items[at]],
    "one is null": lambda at: _with(at, None),
    "one is empty": lambda at: _with(at, []),
    "one is shorter": lambda at: _with(at, [1.0]),
    "one is longer": lambda at: _with(at, [1.0] * 33),
    "one is zero": lambda at: _with(at, [0.0] * 32),
    "one is base64": lambda at: _with(at, "AAAAAA=="),
    "one is nested": lambda at: _with(at, [[1.0] * 32]),
    "one is a number": lambda at: _with(at, 1.0),
    "one number is NaN": lambda at: _with_number(at, float("nan")),
    "one number is infinite": lambda at: _with_number(at, float("inf")),
    "one number is null": lambda at: _with_number(at, None),
    "one number is a word": lambda at: _with_number(at, "word"),
    "one number is a table": lambda at: _with_number(at, {}),
    "one number is beyond floats": lambda at: _with_number(at, 10**400),
    "one item is null": lambda at: lambda items: [*items[:at], None, *items[at + 1 :]],
    "all claim to be the first": lambda at: _all_index_zero,
    "none says which it is": lambda at: _without_index,
    "they count from one": lambda at: _beyond,
    "there are none": lambda at: lambda items: [],
    "the list is null": lambda at: lambda items: None,
    "the list is a word": lambda at: lambda items: "data",
    "all are shorter": lambda at: lambda items: [{**item, "embedding": [1.0] * 16} for item in items],
}


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_unsound_vectors_are_named_and_nothing_is_returned(server: OpenAIServer, fault: str, position: int) -> None:
    server.script(altering(FAULTS[fault](position)))
    with pytest.raises(UnsoundVectors):
        embedder(server).embed([f"text {number}" for number in range(9)])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"<html>sign in</html>", b'{"data": [', b"[" * 100_000, b'{"error": {}}'],
)
def test_an_answer_that_is_no_answer_is_named(server: OpenAIServer, content: bytes) -> None:
    server.script(answering(content), answering(content, "text/html"))
    for _ in range(2):
        with pytest.raises(UnsoundVectors):
            embedder(server).embed(["the mill"])


def test_retry_after_is_honoured(server: OpenAIServer) -> None:
    server.script(failing(429, retry_after=1.5))
    started = time.monotonic()
    assert embedder(server).embed(["the mill"]).shape == (1, 32)
    # without the header the first wait is at most half a second
    assert time.monotonic() - started >= 1.5
    assert len(server.requests) == 2


def test_nobody_waits_longer_than_two_minutes(server: OpenAIServer) -> None:
    server.script(failing(429, retry_after=3600))
    with pytest.raises(Unavailable, match="429"):
        embedder(server).embed(["the mill"])
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [failing(500), failing(503), failing(408), resetting])
def test_a_passing_fault_costs_a_retry_and_no_vector(server: OpenAIServer, fault: Behaviour) -> None:
    server.script(fault)
    assert numpy.allclose(embedder(server).embed(["the mill"])[0], unit(server, "the mill"), atol=1e-6)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (failing(500), "500"),
        (failing(429, retry_after=0.01, code="insufficient_quota"), r"429 \(insufficient_quota\)"),
        (resetting, "cannot be reached"),
    ],
)
def test_a_lasting_fault_ends_with_a_named_failure(server: OpenAIServer, fault: Behaviour, says: str) -> None:
    server.script(fault, fault)
    with pytest.raises(Unavailable, match=says):
        embedder(server, retries=1).embed(["the mill"])
    assert len(server.requests) == 2


def test_a_server_that_never_answers_is_given_up(server: OpenAIServer) -> None:
    server.script(stalling)
    with pytest.raises(Unavailable, match=r"did not answer within 0.2 s"):
        embedder(server, retries=0, timeout_seconds=0.2).embed(["the mill"])


def test_a_closed_port_is_unavailable() -> None:
    with OpenAIServer() as server:
        nobody = embedder(server, retries=0)
    with pytest.raises(Unavailable, match="any-model"):
        nobody.embed(["the mill"])


@pytest.mark.parametrize("status", [401, 403, 404, 405, 418])
def test_a_wrong_set_up_is_not_retried(server: OpenAIServer, status: int) -> None:
    server.script(failing(status))
    with pytest.raises(Misconfigured, match=str(status)):
        embedder(server).embed(["the mill"])
    assert len(server.requests) == 1


def test_an_address_must_be_one() -> None:
    with pytest.raises(Misconfigured, match="http"):
        RemoteEmbedder("any-model", base_url="localhost:8000")


def test_refused_texts_are_named_and_the_others_have_their_vectors(server: OpenAIServer) -> None:
    server.refuses = lambda text: "poison" in text
    texts = [f"poison {number}" if number in (0, 7, 8, 21) else f"text {number}" for number in range(23)]
    with pytest.raises(RefusedTexts, match=r"4 of 23 texts \(at 0, 7, 8, 21\)") as caught:
        embedder(server, texts_per_request=10).embed(texts)
    assert caught.value.positions == (0, 7, 8, 21)
    good = [text for text in texts if "poison" not in text]
    for text, vector in zip(good, caught.value.vectors, strict=True):
        assert numpy.allclose(vector, unit(server, text), atol=1e-6)
    assert "poison" not in str(caught.value)


def test_a_server_that_refuses_everything_is_not_asked_text_by_text(server: OpenAIServer) -> None:
    server.refuses = lambda text: True
    with pytest.raises(Refused, match="400") as caught:
        embedder(server).embed([f"text {number}" for number in range(50)])
    assert not isinstance(caught.value, RefusedTexts)
    assert len(server.requests) == 2


def test_half_a_character_is_sent_as_a_question_mark(server: OpenAIServer) -> None:
    embedder(server).embed(["\ud800 miller"])
    assert server.requests[0].body["input"] == ["? miller"]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_no_failure_tells_a_key_an_address_or_a_body(server: OpenAIServer, status: int) -> None:
    address = server.base_url.replace("/v1", f"/v1/{KEY}")
    careless = RemoteEmbedder("any-model", base_url=address, api_key=KEY, dimension=32, retries=0)
    server.script(failing(status, leaks=KEY, code=f"{KEY} leaked"), failing(status, leaks=KEY))
    with pytest.raises(MillraceError) as caught:
        careless.embed(["a private text"])
    told = "".join(traceback.format_exception(caught.value))
    assert not any(isinstance(error, OpenAIError) for error in _history(caught.value))
    assert KEY not in told
    assert "127.0.0.1" not in told
    assert "failed as told" not in told


def _history(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_words_come_as_they_are_spoken_and_are_counted(server: OpenAIServer) -> None:
    server.says = lambda messages: f"You asked: {messages[-1]['content']}"
    speech = speaker(server).speak(Told("Who grinds?"))
    assert list(speech) == ["You ", "asked: ", "Who ", "grinds?"]
    assert (speech.usage.prompt_tokens, speech.usage.completion_tokens, speech.usage.is_estimated) == (4, 4, False)
    assert speech.finish_reason == "stop"


def test_sampling_is_passed_on_where_it_is_set(server: OpenAIServer) -> None:
    speech = speaker(server)
    list(speech.speak(Told(temperature=0.0, max_completion_tokens=50)))
    list(speech.speak(Told()))
    first, second = (request.body for request in server.requests)
    assert (first["temperature"], first["max_tokens"]) == (0.0, 50)
    assert "temperature" not in second
    assert "max_tokens" not in second
    assert first["stream_options"] == {"include_usage": True}


def test_one_connection_serves_one_answer_after_the_other(server: OpenAIServer) -> None:
    asked = speaker(server)
    for _ in range(3):
        assert "".join(asked.speak(Told())) == "The first passage says so [1]."
    assert server.connections == 1


def test_an_answer_whose_body_does_not_end_is_whole_and_its_connection_is_used_no_more(server: OpenAIServer) -> None:
    server.script(never_ending)
    asked = speaker(server)
    assert "".join(asked.speak(Told())) == "All. "
    assert "".join(asked.speak(Told())) == "The first passage says so [1]."
    assert server.connections == 2


def test_closing_a_speech_ends_the_request(server: OpenAIServer) -> None:
    server.script(speaking_for_ever)
    speech = speaker(server).speak(Told())
    assert list(itertools.islice(speech, 3)) == ["and "] * 3
    speech.close()
    assert server.reader_left.wait(60)
    assert speech.usage.is_estimated
    assert speech.usage.completion_tokens == 3


def test_a_speech_has_an_end_even_when_the_server_has_none(server: OpenAIServer) -> None:
    server.script(speaking_for_ever)
    with pytest.raises(Unavailable, match="spoke for more than"):
        list(speaker(server, total_seconds=0.2).speak(Told()))
    assert server.reader_left.wait(60)


@pytest.mark.parametrize("how", ["reset", "end", "error", "garbage", "stall"])
def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(server: OpenAIServer, how: str) -> None:
    server.script(breaking_off("The miller ", by=how))
    speech = speaker(server, idle_seconds=2.0 if how == "stall" else 60.0).speak(Told())
    assert next(speech) == "The miller "
    with pytest.raises(Unavailable) as caught:
        list(speech)
    assert "sk-test" not in "".join(traceback.format_exception(caught.value))
    assert speech.finish_reason is None
    assert speech.text == "The miller "


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (failing(401), Misconfigured),
        (failing(404, code="model_not_found"), Misconfigured),
        (failing(400, code="context_length_exceeded"), Refused),
        (failing(429, retry_after=300), Unavailable),
    ],
)
def test_a_question_that_is_not_answered_says_why(
    server: OpenAIServer, fault: Behaviour, error: type[MillraceError]
) -> None:
    server.script(fault)
    with pytest.raises(error):
        next(speaker(server).speak(Told()))


def test_a_question_is_asked_again_after_a_passing_fault(server: OpenAIServer) -> None:
    server.script(failing(503))
    assert "".join(speaker(server).speak(Told())) == "The first passage says so [1]."


def test_nothing_is_asked_before_the_first_word_is_wanted(server: OpenAIServer) -> None:
    speaker(server).speak(Told())
    assert server.requests == []


def test_the_fake_answers_unstreamed_questions_too(server: OpenAIServer) -> None:
    client = OpenAI(base_url=server.base_url, api_key=KEY)
    answer = client.chat.completions.create(model="any", messages=[{"role": "user", "content": "Who grinds?"}])
    assert answer.choices[0].message.content == "The first passage says so [1]."
    assert json.loads(answer.model_dump_json())["usage"]["prompt_tokens"] == 2
