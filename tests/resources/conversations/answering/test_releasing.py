"""Letting an answer out as it comes: nothing that will be taken back, and all of it in the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering import citing, releasing
from tests.factories.passages import passage

GATE = "The sluice gate is greased every second Monday."
SHOP = "The shop is open from nine to five on weekdays."
PASSAGES = (passage(1, GATE), passage(2, SHOP))


def told(*words: str) -> list[str]:
    return list(releasing.released(words, PASSAGES))


def test_words_are_let_out_as_they_come() -> None:
    assert told("The ", "sluice ", "gate") == ["The", " sluice", " gate"]


def test_a_marker_waits_until_it_is_whole_and_its_claim_is_judged() -> None:
    words = ["The sluice gate is greased every second Monday", " [", "1", "]", "."]
    assert told(*words) == ["The sluice gate is greased every second Monday", " [1]", "."]


def test_a_marker_that_cites_nothing_is_never_let_out() -> None:
    assert "".join(told("Cats fly by night ", "[2", "]. ", "Dogs too [9]", ".")) == "Cats fly by night. Dogs too."


def test_without_passages_no_marker_is_let_out() -> None:
    assert "".join(releasing.released([f"{GATE} [1]", " And [2] more."], ())) == f"{GATE} And more."


def test_brackets_that_are_no_markers_stay() -> None:
    assert "".join(told("An array a[i] and [see", " below] or [", "x]")) == "An array a[i] and [see below] or [x]"


SENTENCES = st.sampled_from([GATE, SHOP, "Cats fly by night.", "The gate is blue", "Also", "```a[1]```", "\n\n", "été"])
MARKERS = st.sampled_from([" [1]", " [2]", "[9]", " [1, 2]", " [1][2]", "", " [", "[1"])


@given(st.lists(st.tuples(SENTENCES, MARKERS), max_size=6), st.data())
def test_however_it_is_cut_into_words_the_same_is_let_out(parts: list[tuple[str, str]], data: st.DataObject) -> None:
    text = "".join(sentence + marker for sentence, marker in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    words = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(told(*words)) == citing.cited(text, PASSAGES).text
