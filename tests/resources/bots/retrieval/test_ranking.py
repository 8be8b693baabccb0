"""The best chunks: in order, each text once, not all from one document."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.bots.retrieval.ranking import best, distinct, fused, joined, neighbours, of_first_documents
from resources.knowledge.records import Found
from tests.factories.passages import found


def test_order_is_kept_and_k_is_the_end() -> None:
    chunks = [found(text) for text in ("a", "b", "c")]
    assert best(chunks, k=2) == chunks[:2]


def test_a_rerankers_scores_decide_where_there_are_some() -> None:
    one, two, three = (found(text) for text in ("a", "b", "c"))
    assert best([one, two, three], k=3, scores=[0.1, 0.9, 0.1]) == [two, one, three]


def test_the_same_text_is_taken_once() -> None:
    first, again = found("The  mill\nturns.", document="one"), found("The mill turns.", document="two")
    assert best([first, again], k=5) == [first]


def test_one_document_does_not_take_all_places() -> None:
    chunks = [found(text, document="long") for text in "abcd"] + [found("e", document="short")]
    assert [chunk.content for chunk in best(chunks, k=3, most_per_document=2)] == ["a", "b", "e"]


def test_the_first_documents_are_those_of_the_first_chunks() -> None:
    chunks = [found("a", document="two"), found("b", document="one"), found("c", document="two"), found("d")]
    assert of_first_documents(chunks, 1) == [chunks[0], chunks[2]]
    assert of_first_documents(chunks, None) == chunks


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["one", "two"]))), st.integers(0, 5), st.integers(1, 3)
)
def test_limits_always_hold(pairs: list[tuple[str, str]], k: int, most: int) -> None:
    chosen = best([found(text, document=document) for text, document in pairs], k=k, most_per_document=most)
    assert len(chosen) <= k
    assert len({chunk.content for chunk in chosen}) == len(chosen)
    # one more of a document is only taken where nothing else is left
    full = [chunk for chunk in chosen if sum(other.document_id == chunk.document_id for other in chosen) > most]
    texts = {text for text, _ in pairs}
    assert not full or len(chosen) in (k, len(texts))


SLUICE = (
    "The sluice gate is greased every second Monday by the duty engineer, who writes the date and the amount of grease "
    "into the book beside the door, and who calls the office at once when the gate does not move as it should. In a "
    "flood the sluice is opened fully and the turbine is stopped before the water reaches the mark."
)


def test_what_says_the_same_is_offered_once_and_names_where_else_it_stands() -> None:
    first = found(SLUICE, document="handbook")
    copies = [
        found(SLUICE.upper(), document="shouted"),
        found(f"Moved here from the old pages.\n{SLUICE}", document="moved"),
        found(SLUICE.replace("engineer", "miller"), document="edited"),
    ]
    other = found("The shop is open from nine to five on weekdays.", document="shop")
    one, two = distinct([first, *copies, other], k=2)
    assert (one.chunk_id, two) == (first.chunk_id, other)
    assert [twin.file_path for twin in one.also_in] == ["shouted.md", "moved.md", "edited.md"]


@pytest.mark.parametrize(
    "changed",
    [
        SLUICE.replace("second Monday", "2nd Monday"),
        SLUICE + " Since 2026.",
        SLUICE.replace("is opened", "is not opened"),
        SLUICE[: len(SLUICE) // 2],
        " ".join(reversed(SLUICE.split())),
    ],
)
def test_another_number_a_denial_a_part_and_another_order_are_texts_of_their_own(changed: str) -> None:
    assert len(distinct([found(SLUICE), found(changed, document="two")], k=2)) == 2


def test_short_texts_are_the_same_only_word_for_word_and_so_are_texts_without_spaces() -> None:
    assert len(distinct([found("Gate open"), found("Gate shut", document="two")], k=2)) == 2
    assert len(distinct([found("Gate  open"), found("Gate open", document="two")], k=2)) == 1
    japanese = (
        "水門は隔週の月曜日に当直の技師によって注油され、日付と量が扉のそばの帳簿に記入される。洪水の際は全開とする。"
    )
    near, part = japanese.replace("当直", "担当"), japanese[: len(japanese) // 2]
    assert len(distinct([found(japanese), found(near, document="two")], k=2)) == 1
    assert len(distinct([found(japanese), found(part, document="two")], k=2)) == 2


def test_beyond_the_limit_of_a_document_come_more_of_it_only_where_nothing_else_is_left() -> None:
    chunks = [found(text, document="long") for text in "abc"]
    assert [chunk.content for chunk in best(chunks, k=3, most_per_document=1)] == ["a", "b", "c"]
    mixed = [*chunks, found("d", document="short")]
    assert [chunk.content for chunk in best(mixed, k=2, most_per_document=1)] == ["a", "d"]


def test_several_rankings_are_fused_by_their_places() -> None:
    one, two, three = (found(text, document=text, score=score) for text, score in (("a", 0.9), ("b", 0.5), ("c", 0.2)))
    again = dataclasses.replace(two, score=0.8)
    assert fused([[one, two], [again, three]], k=3) == [again, one, three]
    assert fused([[one, two, three]], k=2) == [one, two]


TEXT = "First paragraph.\n\nSecond one.\n\nThird.\n\n" + "x" * 500 + "\n\nLast."


def piece(content: str) -> Found:
    return found(content, start=TEXT.index(content))


def test_neighbours_become_one_passage_with_the_text_between_them_at_the_place_of_the_best() -> None:
    first, second, third, last = (piece(one) for one in ("First paragraph.", "Second one.", "Third.", "Last."))
    elsewhere = found("Elsewhere.", document="two")
    [group] = neighbours([third, elsewhere, first, last, second])
    assert group == (first, second, third)
    text = TEXT[first.start_char : third.end_char]
    passage, two, three = joined([third, elsewhere, first, last, second], [(group, text)])
    assert (passage.chunk_id, passage.start_char, passage.content) == (third.chunk_id, 0, text)
    assert [part.chunk_id for part in passage.parts] == [one.chunk_id for one in group]
    assert (two, three) == (elsewhere, last)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), min_size=1, max_size=8, unique=True))
def test_a_joined_passage_is_what_stands_in_the_text_and_loses_no_chunk(places: list[tuple[int, int]]) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(1000))
    chunks = [found(text[start : start + length], start=start) for start, length in places]
    groups = [(group, text[group[0].start_char : max(one.end_char for one in group)]) for group in neighbours(chunks)]
    passages = joined(chunks, groups)
    held = [part.chunk_id for passage in passages for part in passage.parts] + [
        passage.chunk_id for passage in passages if not passage.parts
    ]
    assert sorted(held) == sorted(chunk.chunk_id for chunk in chunks)
    for passage in passages:
        assert text[passage.start_char : passage.end_char] == passage.content
