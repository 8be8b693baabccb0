"""What is turned away before it costs anything, and what is answered although it is odd or rude."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.agents import screening
from resources.bots.records import Circumstances
from tests.resources.bots.agents.test_dispatching import agent

GUARD = agent("guard", type="spam-defense")
QUIET = Circumstances()


@pytest.mark.parametrize(
    "question",
    [
        "How often is the sluice gate greased?",
        "rye?",
        "hi",
        "Why is the fucking gate stuck again?",
        "What does error 0x80070005 mean?",
        "x^2 + y^2 = z^2 - 4*(a+b)/(c-d) + 7?",
        "SELECT * FROM grain WHERE moisture > 15; -- why is this slow?",
        "Read https://example.org/" + "a" * 300 + " and tell me what it says",
        "我们的水车什么时候检修我们的水车什么时候检修呢请问一下",
        "```\n{}[]()<>;:.,!?!?!?!?!?!?\n```\nwhat is wrong here?",
    ],
)
def test_what_may_be_a_question_is_let_through(question: str) -> None:
    assert screening.judge(question, GUARD, QUIET) is None


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("a" * 40, "same characters"),
        ("word " * 60, "same words"),
        ("asdkjh 98 $$%%^^&&**((!!@@##$$%%^^&&**", "hardly letters"),
        ("!!!???", "nothing in it"),
        ("fuck you", "abuse"),
        ("Du Arschloch, verpiss dich", "abuse"),
        ("The miller grinds. " * 500, "characters"),
    ],
)
def test_abuse_and_garbage_are_turned_away_with_a_reason(question: str, reason: str) -> None:
    assert reason in (screening.judge(question, GUARD, QUIET) or "")


def test_floods_and_repetitions_are_turned_away() -> None:
    limited = replace(GUARD, rate_limit_per_hour=50, rate_limit_per_day=100)
    for now, reason in (
        (Circumstances(last_minute=20), "in the last minute"),
        (Circumstances(last_hour=50), "in the last hour"),
        (Circumstances(last_day=100), "in the last day"),
        (Circumstances(repeats=3), "the same question 4 times"),
    ):
        assert reason in (screening.judge("rye?", limited, now) or "")
    assert screening.judge("rye?", GUARD, Circumstances(last_minute=19, last_hour=500, repeats=2)) is None


def test_the_owners_own_limits_and_words_hold() -> None:
    own = replace(GUARD, max_tokens=5, domain_keywords=["casino"])
    assert screening.judge("twenty letters at most", own, QUIET) is not None
    assert screening.judge("best casino?", own, QUIET) == "it holds what the chatbot's owner does not want to hear"
    assert screening.judge("casinos?", own, QUIET) is None


@given(st.text(max_size=300))
def test_every_text_is_judged(text: str) -> None:
    assert screening.judge(text, GUARD, QUIET) is None or screening.judge(text, GUARD, QUIET)
