"""Which questions are the same as one that is known, and which only look like it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.agents import recognising
from resources.bots.records import CannedAnswer

KNOWN = "What are your opening hours?"
MILLER = uuid4()


@pytest.mark.parametrize(
    "asked",
    [
        "What are your opening hours?",
        "what are your OPENING hours",
        "  What   are your opening-hours?!",
        "what are the opening hours",
        "Hello! Can you tell me your opening hours, please?",
        "What are your openning hours?",
        "What're your opening hours?",
    ],
)
def test_what_asks_the_same_is_known(asked: str) -> None:
    assert recognising.likeness(asked, KNOWN) >= recognising.LEAST_LIKENESS


@pytest.mark.parametrize(
    "asked",
    [
        "What are your closing hours?",
        "What aren't your opening hours?",
        "What are your opening hours in 2024?",
        "When does the sluice open?",
        "What are your opening hours and what does flour cost?",
        "hours",
        "?!",
        "",
    ],
)
def test_what_asks_for_something_else_is_not(asked: str) -> None:
    assert recognising.likeness(asked, KNOWN) < recognising.LEAST_LIKENESS


def test_of_several_the_likeliest_answers() -> None:
    known = [CannedAnswer(MILLER, question, str(at)) for at, question in enumerate([KNOWN, "What does rye cost?"])]
    found = recognising.find("what does rye cost", known)
    assert found is not None
    assert found.answer == "1"
    assert recognising.find("What does wheat cost?", known) is None
    assert recognising.find("anything", []) is None


def test_questions_in_other_scripts_are_told_apart() -> None:
    known = [CannedAnswer(MILLER, "水车什么时候检修？", "周一")]
    assert recognising.find("水车什么时候检修", known) is not None
    assert recognising.find("水车什么时候停止", known) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_symmetric_and_a_share(one: str, other: str) -> None:
    likeness = recognising.likeness(one, other)
    assert 0.0 <= likeness <= 1.0
    assert likeness == recognising.likeness(other, one)


@given(st.text(max_size=60))
def test_a_digest_does_not_depend_on_case_and_space(text: str) -> None:
    assert recognising.digest(text) == recognising.digest(f"  {text}\n")
    assert len(recognising.digest(text)) == 32
