"""The characters that a benchmark of chunks counts are those that one would count by hand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import retrieval

BOOK, LETTER = UUID(int=1), UUID(int=2)
PLACES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda p: (p[0], p[0] + p[1])), max_size=5)


@given(places=PLACES)
def test_a_character_that_lies_in_two_places_counts_once(places: list[tuple[int, int]]) -> None:
    assert retrieval.length_of_union(places) == len({n for start, end in places for n in range(start, end)})


@given(wanted=PLACES.filter(bool), found=PLACES)
def test_all_that_is_found_counts_against_precision_and_nothing_counts_twice_for_recall(
    wanted: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]]
) -> None:
    taken = [(BOOK, *place) for place in found]
    recall, precision, _ = retrieval.character_scores({BOOK: wanted}, [*taken, (LETTER, 0, 10)])
    hit = {n for start, end in wanted for n in range(start, end)} & {n for s, e in found for n in range(s, e)}
    assert recall == pytest.approx(len(hit) / sum(end - start for start, end in wanted))
    assert precision == pytest.approx(len(hit) / (10 + sum(end - start for start, end in found)))


def test_finding_exactly_what_is_wanted_is_perfect() -> None:
    wanted = {BOOK: [(3, 9), (20, 25)], LETTER: [(0, 4)]}
    found = [(LETTER, 0, 4), (BOOK, 20, 25), (BOOK, 3, 9)]
    assert retrieval.character_scores(wanted, found) == (1.0, 1.0, 1.0)


def test_a_question_is_in_one_half_and_in_the_same_one_in_every_language() -> None:
    for id in ("1", "5ad39d53604f3c001a3fe8d1", "de/5ad39d53604f3c001a3fe8d1"):
        assert retrieval.is_in_half(id, "tune") != retrieval.is_in_half(id, "report")
        assert retrieval.is_in_half(id, "all")
    assert retrieval.is_in_half("de/57", "tune") == retrieval.is_in_half("th/57", "tune")
