"""Speakers answer a prompt word by word and count what it cost."""

from dataclasses import replace

import pytest

from resources.conversations.answering.citing import cited
from resources.conversations.answering.prompting import compose
from resources.conversations.answering.speakers import ExtractiveSpeaker, speaker_for
from resources.conversations.records import Prompt
from resources.foundation.openai_provider import RemoteSpeaker
from tests.factories.passages import passage
from tests.fixtures.openai_server import OpenAIServer

PASSAGES = [
    passage(1, "The wheel was built by Ada Miller in 1887.[4] It turns six times\na minute.", start=40),
    passage(2, "Rye flour costs two pounds."),
]


def prompt(question: str) -> Prompt:
    return compose(question, PASSAGES, delimiter="d3l1m", no_answer="I do not know.", history=[("user", "Hello")])


def test_the_extractive_speaker_quotes_with_markers_that_hold() -> None:
    speech = speaker_for().speak(prompt("How often does the wheel turn, and who built it?"))
    answer = cited("".join(speech), PASSAGES)
    assert answer.dropped == 0
    assert {citation.quote for citation in answer.citations} == {
        "The wheel was built by Ada Miller in 1887.[4] It turns six times\na minute."
    } or len(answer.citations) == 2
    assert all(citation.support == 1.0 and citation.index == 1 for citation in answer.citations)


def test_the_extractive_speaker_says_so_when_nothing_answers() -> None:
    assert "".join(ExtractiveSpeaker().speak(prompt("Which club won the cup in Madrid?"))) == "I do not know."


def test_the_extractive_speaker_counts_what_it_read_and_said() -> None:
    speech = ExtractiveSpeaker().speak(prompt("What does rye flour cost?"))
    assert "".join(speech) == "Rye flour costs two pounds. [2]"
    assert speech.finish_reason == "stop"
    assert speech.usage.prompt_tokens > 20
    assert speech.usage.completion_tokens == 8
    assert speech.usage.is_estimated


@pytest.mark.parametrize(("most", "said"), [(7, "Rye flour costs two [2]"), (1, "Rye [2]")])
def test_the_extractive_speaker_is_cut_where_it_may_say_no_more(most: int, said: str) -> None:
    speech = ExtractiveSpeaker().speak(replace(prompt("What does rye flour cost?"), max_completion_tokens=most))
    assert ("".join(speech), speech.finish_reason) == (said, "length")
    assert speech.usage.completion_tokens <= max(most, 2)
    assert cited(said, PASSAGES).dropped == 0


def test_a_remote_speaker_is_told_the_whole_prompt() -> None:
    with OpenAIServer() as server:
        remote = speaker_for(model="any-model", base_url=server.base_url)
        assert isinstance(remote, RemoteSpeaker)
        asked = prompt("What does rye flour cost?")
        assert "".join(remote.speak(asked)) == "The first passage says so [1]."
        assert server.requests[0].body["messages"] == asked.messages()


def test_the_names_tell_who_speaks() -> None:
    assert (speaker_for().name, speaker_for(model="extractive").name) == ("extractive", "extractive")
    assert speaker_for(model="gpt-any", base_url="http://127.0.0.1:1").name == "gpt-any"
