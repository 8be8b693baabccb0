"""A group of questions is named by what tells it from all others, never by one question alone."""

from __future__ import annotations

from collections import Counter

from resources.analytics.labelling import counted, in_order, telling, words_of

LEAVE = ("How many weeks of parental leave?", "Is parental leave paid?", "Who approves parental leave for Ms Dupont?")
OTHERS = ("How many sieves are there?", "Is rye paid by weight?", "Who approves a purchase?", "What is paid when?")


def named(group: tuple[str, ...], others: tuple[str, ...], stop_words: tuple[str, ...] = ()) -> list[str]:
    counts, elsewhere = counted(map(words_of, group)), counted(map(words_of, others))
    return telling(counts, len(group), elsewhere, len(others), stop_words=stop_words)


def test_the_words_that_stand_here_and_not_elsewhere_name_a_group() -> None:
    assert set(named(LEAVE, OTHERS)) == {"parental", "leave"}


def test_what_one_question_alone_says_names_nothing() -> None:
    assert "dupont" not in named(LEAVE, OTHERS)
    assert named(("Is Ms Dupont ill?",), OTHERS) == []


def test_words_that_say_nothing_are_left_out_where_there_is_nothing_to_compare_with() -> None:
    assert set(named(("Is the sluice shut?", "Is the sluice open?"), (), stop_words=("is", "the"))) == {"sluice"}


def test_a_word_and_its_plural_are_one() -> None:
    assert named(("One sieve, two sieves", "sieves or a sieve"), OTHERS[1:]) in (["sieve"], ["sieves"])


def test_numbers_alone_name_nothing_and_identifiers_do() -> None:
    assert set(named(("std::vector 17", "error in std::vector 17"), OTHERS)) == {"std", "vector"}


def test_unspaced_scripts_are_told_by_pairs_of_characters() -> None:
    found = named(("育児休暇は何週間ですか", "育児休暇は有給ですか"), ("水門はいつ開きますか",))
    assert {"育児", "児休", "休暇"} & set(found)


def test_words_stand_in_the_order_of_a_question() -> None:
    assert in_order(["leave", "weeks", "parental", "paid"], "How many weeks of Parental leave?") == [
        "weeks", "parental", "leave", "paid"
    ]  # fmt: skip


def test_nothing_is_named_by_nothing() -> None:
    assert telling(Counter(), 0, Counter(), 0) == []
