"""Sentences of every writing system, where they stand; nothing is lost and no word is cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.sentencing import is_heading, place_of, sentences, terms, without_mark


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We open at nine. We close at five!", ["We open at nine.", "We close at five!"]),
        ("Dr. Smith met J. R. Tolkien at 5 p.m. They talked.", ["Dr. Smith met J. R. Tolkien at 5 p.m. They talked."]),
        ("It is e.g. corn, i.e. grain. Good.", ["It is e.g. corn, i.e. grain.", "Good."]),
        ('"Really?" she asked. Yes.', ['"Really?" she asked.', "Yes."]),
        ("Version 1.2.3 is out. See a.example for more.", ["Version 1.2.3 is out.", "See a.example for more."]),
        ("Am 3. Oktober 1990 war es so weit. Danach nicht.", ["Am 3. Oktober 1990 war es so weit.", "Danach nicht."]),
        ("東京は日本の首都です。人口は約1400万人。", ["東京は日本の首都です。", "人口は約1400万人。"]),
        ("这是真的吗？是的！", ["这是真的吗？", "是的！"]),
        ("हिंदी वाक्य है। दूसरा।", ["हिंदी वाक्य है।", "दूसरा।"]),
        ("ما هذا؟ لا شيء۔", ["ما هذا؟", "لا شيء۔"]),
        ("- one thing\n- another\n1. First", ["- one thing", "- another", "1. First"]),
        ("Fish | Price\nCod | 4.50\nEel. | 5. A", ["Fish | Price", "Cod | 4.50", "Eel. | 5. A"]),
        ("Title\n=====\n\nText.", ["Title", "Text."]),
        (
            "Lines that were broken to a width read\non in the next line. And\nend here.",
            ["Lines that were broken to a width read\non in the next line.", "And\nend here."],
        ),
        (
            "Phone\n555 1234 or a longer line that stands alone",
            ["Phone", "555 1234 or a longer line that stands alone"],
        ),
        (
            "Speed of the runner 98 turns\nHead of the fall 3.2 metres\nGate B opens to 160 cm",
            ["Speed of the runner 98 turns", "Head of the fall 3.2 metres", "Gate B opens to 160 cm"],
        ),
        (f"A line\ngoes on {'and on ' * 40}here. Yes.", [f"A line\ngoes on {'and on ' * 40}here.", "Yes."]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_sentences_end_where_their_language_ends_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_thai_is_cut_at_its_spaces_into_pieces_of_bounded_length() -> None:
    phrase = "ประเทศไทยเป็นประเทศที่ตั้งอยู่ในเอเชีย"
    pieces = cut(f"{phrase} " * 30)
    assert len(pieces) > 3
    assert all(len(piece) <= 240 and set(piece.split()) == {phrase} for piece in pieces)


def test_a_run_without_any_space_stays_whole() -> None:
    assert cut("x" * 5000) == ["x" * 5000]


PIECES = st.sampled_from(
    ["Word", "word", ". ", "! ", "? ", "。", "\n", "\n\n", " ", "- ", " | ", "ไทย", "1", "=", "e.g. ", "“", "”"]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=60).map("".join)


@given(TEXTS)
def test_sentences_stand_in_order_and_lose_no_word(text: str) -> None:
    places = list(sentences(text))
    edges = [0, *(edge for place in places for edge in place), len(text)]
    assert edges == sorted(edges)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in places)
    between = [text[end:start] for end, start in zip(edges[0::2], edges[1::2], strict=True)]
    assert not any(re.search(r"[^\W_]", rest) for rest in between)


@given(st.lists(st.sampled_from(["mill", "river", "ไทยแลนด์", "corn.", "grain"]), min_size=200, max_size=400))
def test_no_word_is_cut_in_the_middle(words: list[str]) -> None:
    assert [word for piece in cut(" ".join(words)) for word in piece.split()] == words


def test_headings_are_known_by_marks_by_rules_by_name_and_by_standing_alone() -> None:
    text = "# Fish\n\nOpening hours\n\nWe open at nine.\n\nPrices\n------\nCod | 4\n\nPhone: 555\n\nStaff"
    headings = [text[slice(*place)] for place in sentences(text) if is_heading(text, place, "Guide › Staff")]
    assert headings == ["# Fish", "Opening hours", "Prices", "Staff"]


def test_terms_meet_across_endings_and_without_spaces() -> None:
    assert terms("The millers were grinding") & terms("A miller grinds") == {"mille", "grind"}
    assert len(terms("日本の首都") & terms("首都は東京")) == 1
    assert terms("the of and") == frozenset()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Own car: 0.38 euros", "Own car**: 0.38\n  euros"),
        ("Rye · 2.10", "Rye | 2.10"),
        ("A bicycle", None),
        ("0.3 8 euros", None),
        ("", ""),
    ],
)
def test_what_is_said_is_found_whatever_marks_lie_between(said: str, found: str | None) -> None:
    text = "- **Own car**: 0.38\n  euros.\n\nRye | 2.10"
    place = place_of(said, text)
    assert (text[slice(*place)] if place else None) == found


@given(TEXTS, st.integers(0, 60), st.integers(1, 60))
def test_every_part_of_a_text_is_found_with_its_white_space_folded(text: str, start: int, length: int) -> None:
    part = " ".join(text[start : start + length].split())
    place = place_of(part, text)
    assert place is not None
    assert 0 <= place[0] <= place[1] <= len(text)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("- one", "one"),
        ("12. twelve", "twelve"),
        (">> 2. two", "two"),
        ("# Name", "Name"),
        ("1.5 cm", "1.5 cm"),
        ("-", "-"),
    ],
)
def test_a_list_entry_is_told_without_its_mark(line: str, rest: str) -> None:
    assert without_mark(line) == rest


def test_front_matter_is_never_quoted_as_an_answer() -> None:
    text = '---\ntitle: "Compiler Error C2043"\nms.date: 06/01/2026\n---\n# C2043\n\nA break stands alone.\n'
    speaking = [text[slice(*place)] for place in sentences(text) if not is_heading(text, place, None)]
    assert speaking == ["A break stands alone."]
