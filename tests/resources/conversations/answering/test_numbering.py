"""Passages as an answer cites them."""

from resources.conversations.answering.numbering import numbered
from tests.factories.passages import found


def test_passages_are_numbered_from_one_and_keep_their_place() -> None:
    first, second = numbered([found("The mill.", start=7), found("A river.", document="two")])
    assert (first.index, first.start, first.end, first.location, first.page) == (1, 7, 16, "one.md", 2)
    assert second.index == 2
