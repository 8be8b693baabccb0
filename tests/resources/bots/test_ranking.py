"""The best chunks: in order, each text once, not all from one document."""

from hypothesis import given
from hypothesis import strategies as st

from resources.bots.ranking import best, of_first_documents
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
