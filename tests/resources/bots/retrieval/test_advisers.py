"""Questions as a model understands them: asked over the wire, checked, and never in the way of the question itself."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from resources.bots.retrieval.advisers import Understanding, understood
from resources.bots.retrieval.understanding import MOST_PARTS
from resources.foundation.openai_provider import RemoteSpeaker
from tests.fixtures.openai_server import OpenAIServer, breaking_off, failing, resetting, stalling

HISTORY = (("user", "What is the sluice gate?"), ("assistant", "It lets the water out."))
QUESTION = "How often is it greased?"
CLEAR = "How often is the sluice gate greased?"


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


def adviser(server: OpenAIServer, *, seconds: float = 60.0) -> RemoteSpeaker:
    return RemoteSpeaker(
        "chatty", base_url=server.base_url, api_key="sk", retries=0, idle_seconds=seconds, total_seconds=seconds
    )


def test_a_question_is_told_without_what_was_said_before_it(server: OpenAIServer) -> None:
    server.says = lambda messages: f'{{"question": "{CLEAR}"}}'
    told = understood(QUESTION, HISTORY, mode="standalone", adviser=adviser(server))
    assert (told.question, told.parts, told.failure) == (CLEAR, (), None)
    assert told.usage is not None
    assert not told.usage.is_estimated
    [request] = server.requests
    asked = request.body["messages"][-1]["content"]
    assert "It lets the water out." in asked
    assert QUESTION in asked


def test_a_question_of_several_parts_is_searched_for_by_each(server: OpenAIServer) -> None:
    server.says = lambda messages: '```json\n{"question": "Q", "parts": ["A", "B", "A", "C", "D", "E"]}\n```'
    told = understood("Q?", (), mode="subquestions", adviser=adviser(server))
    assert told.questions == ("Q", "A", "B", "C")
    assert len(told.parts) <= MOST_PARTS


def test_nobody_is_asked_where_there_is_nothing_to_ask(server: OpenAIServer) -> None:
    for told in (
        understood(QUESTION, (), mode="standalone", adviser=adviser(server)),
        understood(QUESTION, HISTORY, mode="none", adviser=adviser(server)),
        understood(QUESTION, HISTORY, mode="subquestions", adviser=None),
    ):
        assert told == Understanding(QUESTION)
    assert server.requests == []


@pytest.mark.parametrize(
    "said",
    ["", "How often is the sluice gate greased?", "{}", '{"question": ""}', '{"question": 7}', '["question"]',
     "{no json",
     '{"question": "Q", "parts": "A"}', '{"question": "Q", "parts": [7]}', '{"question": "' + "x" * 1001 + '"}',
     "x" * 9000, "[" * 5000],
)  # fmt: skip
def test_what_is_no_question_is_not_searched_for(
    server: OpenAIServer, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.says = lambda messages: said
    with caplog.at_level(logging.WARNING):
        told = understood(QUESTION, HISTORY, mode="subquestions", adviser=adviser(server))
    assert told.questions == (QUESTION,)
    assert told.failure is not None
    assert "searched for as it was asked" in caplog.text


@pytest.mark.parametrize(
    "fault", [failing(429), failing(500), failing(401), resetting, stalling, breaking_off('{"que')]
)
def test_a_model_that_fails_leaves_the_question_as_it_was_asked(server: OpenAIServer, fault: object) -> None:
    server.script(fault)  # type: ignore[arg-type]
    told = understood(
        QUESTION, HISTORY, mode="standalone", adviser=adviser(server, seconds=0.3 if fault is stalling else 60.0)
    )
    assert (told.question, told.is_asked) == (QUESTION, True)
    assert told.failure


def test_what_cannot_be_stored_is_left_out_and_the_rest_is_one_line(server: OpenAIServer) -> None:
    server.says = lambda messages: '{"question": "How\\u0000 often\\n is \\ud800it?"}'
    told = understood(QUESTION, HISTORY, mode="standalone", adviser=adviser(server))
    assert told.question == "How often is ?it?"
