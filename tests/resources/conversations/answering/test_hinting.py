"""A question tells what kind of answer it wants, and a sentence whether it shows one."""

import pytest

from resources.conversations.answering.hinting import shown, wanted


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many sacks fit?", "number"),
        ("What does a share cost?", "number"),
        ("Wie viele Säcke passen hinein?", "number"),
        ("有多少袋？", "number"),
        ("When does it open?", "date"),
        ("Wann öffnet es?", "date"),
        ("Whom do I call?", "name"),
        ("Why is it grey?", None),
        ("", None),
    ],
)
def test_a_question_tells_what_it_wants(question: str, kind: str | None) -> None:
    assert wanted(question) == kind


def test_a_number_of_the_question_or_of_a_list_is_no_answer() -> None:
    assert shown("number", "In 1887 it was built.", "How many were there in 1887?") == 0.0
    assert shown("number", "3. Call the miller.", "How many?") == 0.0
    assert shown("number", "3. Call 2 millers.", "How many?") == 1.0
    assert shown("number", "It takes seven minutes.", "How long?") == 1.0


def test_a_date_says_more_than_a_length_of_time() -> None:
    question = "When is it?"
    told = [shown("date", text, question) for text in ("On Friday at noon.", "Every two weeks.", "Never mind.")]
    assert told == sorted(told, reverse=True)
    assert told[0] > told[1] > told[2] == 0.0


def test_a_name_is_capitalised_inside_a_sentence_and_not_the_asked_one() -> None:
    assert shown("name", "It was built by Ada.", "Who built it?") == 1.0
    assert shown("name", "It was built by Ada.", "Who is Ada?") == 0.0
    assert shown(None, "It was built by Ada.", "Why?") == 0.0
