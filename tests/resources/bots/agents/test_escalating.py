"""When a person must take over, and when people are only spoken of."""

from __future__ import annotations

import pytest

from resources.bots.agents import escalating
from resources.bots.records import Circumstances
from tests.resources.bots.agents.test_dispatching import agent

PEOPLE = agent("people", "lawyer", type="human-escalation")
QUIET = Circumstances()


@pytest.mark.parametrize(
    "question",
    [
        "I want to talk to a human",
        "Can I speak with a real person please?",
        "connect me to support agent",
        "I need a human!",
        "human please",
        "Please transfer me to customer service",
        "Kann ich mit einem Mitarbeiter sprechen?",
        "je veux parler à un conseiller",
        "quiero hablar con una persona",
    ],
)
def test_whoever_asks_for_a_person_gets_one(question: str) -> None:
    assert escalating.judge(question, PEOPLE, QUIET) == "a person was asked for"


@pytest.mark.parametrize(
    "question",
    [
        "How many people work at the mill?",
        "Who is the manager on call?",
        "What is a human being?",
        "Do I need a person to grease the sluice?",
        "I need to contact the duty manager when the sluice breaks?",
        "When must I talk to a supervisor about overtime?",
        "How often is the sluice gate greased?",
    ],
)
def test_whoever_asks_about_people_gets_an_answer(question: str) -> None:
    assert escalating.judge(question, PEOPLE, QUIET) is None


def test_words_of_the_agent_and_answers_in_vain_hand_over_too() -> None:
    assert escalating.judge("My lawyer will write to you", PEOPLE, QUIET) == "the question speaks of lawyer"
    assert escalating.judge("rye?", PEOPLE, Circumstances(failures=2)) == "the last 2 answers found nothing"
    assert escalating.judge("rye?", PEOPLE, Circumstances(failures=1)) is None
