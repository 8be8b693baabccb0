"""What a model writes counts only where the passage answers it in the words that it quotes."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.question_sets import generating
from resources.bots.records import SourcePassage

CONTENT = "The sluice gate is greased every\nsecond Monday by the duty engineer, who is on call for a week."
PASSAGE = SourcePassage(uuid4(), uuid4(), "Sluice", "Care", CONTENT, 100)


def said(*questions: object) -> str:
    return json.dumps({"questions": list(questions)})


def one(question: str = "How often is the gate greased?", quote: str = "every second Monday") -> dict[str, str]:
    return {"question": question, "quote": quote}


def test_a_question_comes_with_the_words_of_the_passage_that_answer_it() -> None:
    for answer in (said(one()), f"```json\n{said(one())}\n```"):
        [found] = generating.judged(answer, PASSAGE, most=1).questions
        assert (found.question, found.quote) == ("How often is the gate greased?", "every\nsecond Monday")
        assert CONTENT[found.start :].startswith(found.quote)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("Here you are: who?", "the answer is no JSON"),
        ("[1]", "the answer has no list of questions"),
        (said("who?"), "a question lacks its words or its quote"),
        (said({"question": "How often is it greased?"}), "a question lacks its words or its quote"),
        (said(one(quote="every first Monday")), "a quote does not stand in the passage"),
        (said(one(quote="week")), "a quote has 4 characters instead of 8 to 600"),
        (said(one(question="When?")), "a question has 5 characters instead of 12 to 300"),
        (said(one(question="What does this text say?")), "a question is about the passage instead of what it says"),
        (said(one(question="Is it greased every second Monday?")), "a question repeats its answer"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_not_taken_and_it_is_said_why(answer: str, why: str) -> None:
    found = generating.judged(answer, PASSAGE, most=1)
    assert (found.questions, found.refusals) == ((), (why,))


def test_no_more_is_taken_than_was_asked_for_and_nothing_twice() -> None:
    again = one(question="how often is the GATE greased?")
    answer = said(one(), again, one("Who greases the sluice gate?", "the duty engineer"))
    assert len(generating.judged(answer, PASSAGE, most=2).questions) == 1
    assert len(generating.judged(answer, PASSAGE, most=3).questions) == 2
    assert generating.judged(said(), PASSAGE, most=3) == generating.Judged((), ())


def test_the_task_holds_the_passage_between_marks_that_nobody_foresaw() -> None:
    told = generating.task(PASSAGE, delimiter="8f3a", most=2)
    assert f"<passage-8f3a>\n{CONTENT}\n</passage-8f3a>" in told
    assert "at most 2 questions" in told
    assert "Sluice › Care" in told


def test_reasons_are_counted_without_their_numbers() -> None:
    told = generating.told_apart(
        ["a quote has 4 characters instead of 8 to 600", "x", "a quote has 5 characters instead of 8 to 600"]
    )
    assert told == {"a quote has other than 8 to 600": 2, "x": 1}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("questions"), inner),
    )
)
def test_whatever_a_model_says_is_judged(answer: object) -> None:
    assert generating.judged(json.dumps(answer), PASSAGE, most=3).questions == ()
