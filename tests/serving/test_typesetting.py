"""Laying texts out: no word is lost or moved, what is cited is what is marked, and parts hold whole elements."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.records import Element, ElementKind
from serving.typesetting import Block, Span, blocks, window

KINDS: st.SearchStrategy[ElementKind] = st.sampled_from(["title", "heading", "paragraph", "list_item", "table", "code"])


@st.composite
def laid_out(draw: st.DrawFn) -> tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]]:
    """A text, elements that do not overlap, words that are cited, and passages that may overlap."""
    text = draw(st.text(alphabet=st.sampled_from("ab# -*\n\u00e4\U0001f30a"), min_size=1, max_size=200))
    place = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(lambda two: (min(two), max(two)))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    elements = [Element(draw(KINDS), one, other, page=1) for one, other in pairwise(cuts) if draw(st.booleans())]
    passages = [one for one in draw(st.lists(place, max_size=6)) if one[0] < one[1]]
    return text, elements, draw(place), list(enumerate(passages, start=1))


def spans(found: list[list[Block]]) -> list[Span]:
    return [span for group in found for block in group for span in block.spans]


@given(laid_out())
def test_every_word_is_there_once_and_in_order(
    given: tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]],
) -> None:
    text, elements, cited, passages = given
    shown = "".join(span.text for span in spans(blocks(text, 0, elements, cited=cited, passages=passages)))
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


@given(laid_out())
def test_what_is_marked_is_what_is_cited(
    given: tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]],
) -> None:
    text, elements, cited, passages = given
    found = spans(blocks(text, 0, elements, cited=cited, passages=passages))
    marked = "".join(span.text for span in found if span.is_cited)
    assert re.sub(r"\s", "", marked) == re.sub(r"\s", "", text[slice(*cited)])
    assert sum(span.is_first for span in found) == (1 if any(span.is_cited for span in found) else 0)


@given(laid_out())
def test_words_are_within_the_passages_that_hold_them(
    given: tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]],
) -> None:
    text, elements, cited, passages = given
    at = 0
    for block in [block for group in blocks(text, 0, elements, cited=cited, passages=passages) for block in group]:
        assert block.start >= at
        at = block.start
        for span in block.spans:
            holding = tuple(number for number, (one, other) in passages if one <= at and at + len(span.text) <= other)
            assert span.passages == holding
            assert all(dict(passages)[number][0] == at for number in span.begins)
            at += len(span.text)


@given(laid_out(), st.integers(0, 250), st.integers(1, 100))
def test_a_part_goes_on_where_the_one_before_ended(
    given: tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]], begin: int, most: int
) -> None:
    text, elements, _, _ = given
    read, at = "", 0
    while at < len(text):
        begin_of_part, end = window(elements, len(text), begin=at, most=most)
        assert begin_of_part == at < end
        read, at = read + text[at:end], end
    assert read == text
    assert window(elements, len(text), begin=begin)[0] == min(begin, len(text))


@given(laid_out(), st.integers(40, 100))
def test_the_part_around_cited_words_holds_their_beginning(
    given: tuple[str, list[Element], tuple[int, int], list[tuple[int, tuple[int, int]]]], most: int
) -> None:
    text, elements, cited, _ = given
    begin, end = window(elements, len(text), cited=cited, most=most)
    assert begin <= cited[0] <= end
    assert end >= min(cited[1], begin + most)


def test_items_of_a_list_are_together_and_marks_of_headings_apart() -> None:
    text = "# Mill\n- one\n- two\nEnd"
    elements = [Element("heading", 0, 6, level=1), Element("list_item", 7, 12), Element("list_item", 13, 18)]
    found = blocks(text, 0, elements)
    assert [[block.kind for block in group] for group in found] == [
        ["heading"], ["list_item", "list_item"], ["paragraph"],
    ]  # fmt: skip
    assert [(span.text, span.is_markup) for span in found[0][0].spans] == [("# ", True), ("Mill", False)]
