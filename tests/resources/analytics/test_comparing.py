"""A change is told when chance does not make it, with the part that it comes from."""

from __future__ import annotations

import pytest

from resources.analytics.comparing import Parts, change
from resources.analytics.measuring import share
from resources.analytics.records import Measure


def test_a_fall_within_chance_is_not_notable() -> None:
    told = change(share("liked_rate", 8, 12), share("liked_rate", 9, 12), {})
    assert told.difference == pytest.approx(-1 / 12)
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0 < told.high
    assert not told.is_notable


def test_a_sure_change_that_is_small_is_not_notable() -> None:
    told = change(share("answered_rate", 900_000, 10**6), share("answered_rate", 910_000, 10**6), {})
    assert told.high is not None
    assert told.high < 0
    assert not told.is_notable


def test_a_change_of_something_undefined_is_undefined() -> None:
    told = change(share("liked_rate", 0, 0), share("liked_rate", 9, 12), {})
    assert (told.difference, told.low, told.is_better, told.is_notable) == (None, None, None, False)


def test_a_change_leads_to_the_part_that_it_comes_from() -> None:
    """The second configuration answers a third of the questions and gives all of the rise."""
    before: Parts = {"desk #1": share("no_answer_rate", 100, 1000)}
    after: Parts = {"desk #1": share("no_answer_rate", 66, 660), "desk #2": share("no_answer_rate", 170, 340)}
    chatbots: tuple[Parts, Parts] = (
        {"desk": share("no_answer_rate", 100, 1000)},
        {"desk": share("no_answer_rate", 236, 1000)},
    )
    told = change(
        share("no_answer_rate", 236, 1000), share("no_answer_rate", 100, 1000),
        {"configuration": (before, after), "chatbot": chatbots},
    )  # fmt: skip
    assert (told.is_notable, told.is_better) == (True, False)
    assert [(lead.dimension, lead.part) for lead in told.leads] == [("configuration", "desk #2")]
    assert told.leads[0].share == pytest.approx(1)
    assert told.leads[0].weight == pytest.approx(0.34)


def test_what_parts_give_adds_up_to_the_change() -> None:
    def seconds(value: float, n: int) -> Measure:
        return Measure("seconds", value, n, value - 0.01, value + 0.01)

    before: Parts = {"a": seconds(1.0, 50), "b": seconds(2.0, 50)}
    after: Parts = {"a": seconds(3.0, 80), "b": seconds(2.5, 20)}
    told = change(seconds(2.9, 100), seconds(1.5, 100), {"agent": (before, after)})
    given = {lead.part: lead.share for lead in told.leads}
    # 0.8 (3 - 1.5) - 0.5 (1 - 1.5) = 1.45 of 1.4; 0.2 (2.5 - 1.5) - 0.5 (2 - 1.5) = -0.05
    assert given == {"a": pytest.approx(1.45 / 1.4)}


def test_more_questions_lead_to_who_is_asked_more() -> None:
    def questions(n: int) -> Measure:
        return Measure("questions", n, n)

    parts: tuple[Parts, Parts] = (
        {"desk": questions(500), "shop": questions(500)},
        {"desk": questions(520), "shop": questions(1500)},
    )
    told = change(questions(2020), questions(1000), {"chatbot": parts})
    assert told.is_notable
    assert told.is_better is None
    assert [lead.part for lead in told.leads] == ["shop"]
