"""What speaks for a sentence: its words, what stands around it, and what words mean."""

import numpy
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.weighing import weighed
from resources.conversations.records import Passage
from resources.foundation.embedded_model import EmbeddedModel
from tests.factories.passages import passage

MODEL = EmbeddedModel()


def best(question: str, *passages: Passage, with_vectors: bool = True) -> str:
    found = weighed(question, passages, MODEL.embed if with_vectors else None)
    assert found is not None
    return found.sentences[int(found.scores.argmax())].text


def test_words_meet_by_what_they_mean() -> None:
    content = "The lorry is washed on Fridays. The mill is swept every evening. Visitors wait outside."
    assert best("What day is the truck cleaned?", passage(1, content)) == "The lorry is washed on Fridays."


def test_what_a_paragraph_is_about_counts_for_all_its_sentences() -> None:
    content = (
        "Weir: a low dam of oak. There is one, 27 metres long.\n\nRope: made of hemp. There is one, 9 metres long."
    )
    found = weighed("How long is the rope?", [passage(1, content)], None)
    assert found is not None
    by_text = {one.text: score for one, score in zip(found.sentences, found.scores, strict=True)}
    assert by_text["There is one, 9 metres long."] > by_text["There is one, 27 metres long."]


def test_a_better_passage_speaks_for_its_sentences() -> None:
    low, high = passage(1, "Ada built the wheel.", score=0.2), passage(2, "Ada built the wheel!", score=0.9)
    assert best("Who built the wheel?", low, high, with_vectors=False) == "Ada built the wheel!"


def test_without_a_sentence_there_is_nothing_to_weigh() -> None:
    assert weighed("Who?", [], None) is None
    assert weighed("Who?", [passage(1, " \n")], MODEL.embed) is None


WORDS = st.lists(st.sampled_from(["mill", "river.", "| 3", "\n\n", "# x", "店", "日本。", "- a", "1887"]), max_size=20)


@given(st.lists(WORDS.map(" ".join), max_size=3), WORDS.map(" ".join))
def test_all_that_is_weighed_is_a_finite_share(texts: list[str], question: str) -> None:
    found = weighed(question, [passage(index, text) for index, text in enumerate(texts, start=1)], MODEL.embed)
    if found is None:
        return
    assert numpy.isfinite(found.scores).all()
    assert (found.held >= 0).all()
    assert (found.held <= 1).all()
    assert found.held.shape == (len(found.weights), len(found.sentences))
