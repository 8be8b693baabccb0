"""What is noted of a conversation with its own words, and what is read of a model's notes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations import summarizing

TURNS = [
    ("user", "My name is Mia. How often is the sluice gate greased?"),
    ("assistant", "The sluice gate is greased every second Monday. [1]\n\nBy the duty engineer. [1]"),
    ("user", "And who pays for the sluice grease?"),
    ("assistant", "I could not find an answer in the documents."),
]


def test_the_notes_are_the_conversations_own_words() -> None:
    notes = summarizing.noted(TURNS, ["sluice", "sluice", "shop"])
    assert "The sluice gate is greased every second Monday." in notes.summary
    assert "[1]" not in notes.summary
    assert notes.topics[:2] == ("sluice", "shop")
    assert notes.remembered == ("My name is Mia.",)


def test_what_is_asked_is_not_what_is_told() -> None:
    assert summarizing.noted([("user", "Do you know what my name is?")]).remembered == ()


@pytest.mark.parametrize(
    ("text", "summary", "topics", "remembered"),
    [
        ("Summary: A.\nTopics: b, c\nRemember: D.; E.", "A.", ("b", "c"), ("D", "E")),
        ("**Summary**: A.\n**Topics**: b\n**Remember**: -", "A.", ("b",), ()),
        ("summary: A.", "A.", (), ()),
    ],
)
def test_a_models_notes_are_read(
    text: str, summary: str, topics: tuple[str, ...], remembered: tuple[str, ...]
) -> None:  # fmt: skip
    notes = summarizing.read(text)
    assert notes is not None
    assert (notes.summary, notes.topics, notes.remembered) == (summary, topics, remembered)


def test_what_keeps_to_no_task_is_not_read() -> None:
    assert summarizing.read("I would rather tell you a joke.") is None


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=200)), max_size=6))
def test_every_conversation_has_notes_of_bounded_length(turns: list[tuple[str, str]]) -> None:
    notes = summarizing.noted(turns)
    assert len(notes.summary) <= summarizing.LONGEST_SUMMARY
    assert len(notes.topics) <= summarizing.MOST_TOPICS
    assert len(notes.remembered) <= summarizing.MOST_REMEMBERED
