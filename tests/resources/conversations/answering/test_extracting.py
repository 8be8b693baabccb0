"""The extractive answer: right sentences, word for word, and silence where nothing answers."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.extracting import extracts
from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.inference import Vectors
from tests.factories.passages import passage

MODEL = EmbeddedModel()
HANDBOOK = [
    passage(
        1,
        "# Opening hours\n\nThe mill shop opens at nine on weekdays. On Saturdays it opens at ten. It is closed on "
        "Sundays.\n\n# Prices\n\nFlour | Price per kilo\nRye | 2.10\nSpelt | 3.40",
        start=100,
        title="Shop",
        section_title="Opening hours",
    ),
    passage(2, "The water wheel was built by Ada Miller in 1887. It turns six times a minute.", title="History"),
    passage(3, "製粉所は一八八七年に建てられました。店は日曜日に閉まります。", title="案内", score=0.5),
]


@pytest.mark.parametrize("embed", [None, MODEL.embed])
@pytest.mark.parametrize(
    ("question", "answer", "index"),
    [
        ("When does the shop open on Saturdays?", "On Saturdays it opens at ten.", 1),
        ("Who built the water wheel?", "The water wheel was built by Ada Miller in 1887.", 2),
        ("What does a kilo of spelt cost?", "Spelt | 3.40", 1),
        ("店はいつ閉まりますか", "店は日曜日に閉まります。", 3),
    ],
)
def test_the_sentence_that_answers_comes_first(
    question: str, answer: str, index: int, embed: Callable[[Sequence[str]], Vectors] | None
) -> None:
    first = extracts(question, HANDBOOK, embed=embed)[0]
    assert first.passage.index == index
    # where words alone decide, a neighbour may be quoted as well
    assert first.quote == answer if embed else answer in first.quote


@pytest.mark.parametrize("embed", [None, MODEL.embed])
def test_nothing_is_quoted_when_nothing_answers(embed: Callable[[Sequence[str]], Vectors] | None) -> None:
    assert extracts("Which football club won the cup in Madrid?", HANDBOOK, embed=embed) == []
    assert extracts("Who built the wheel?", [], embed=embed) == []
    assert extracts("Who built the wheel?", [passage(1, " \n ")], embed=embed) == []


def test_a_heading_is_no_answer() -> None:
    quotes = [extract.quote for extract in extracts("What are the opening hours?", HANDBOOK, embed=MODEL.embed)]
    assert quotes
    assert not any(quote.startswith("#") for quote in quotes)


def test_the_same_sentence_is_quoted_once() -> None:
    twice = [passage(1, "Ada built the wheel."), passage(2, "Ada built\nthe wheel.")]
    assert [extract.passage.index for extract in extracts("Who built the wheel?", twice)] == [1]


GREASE = passage(
    1,
    "# Gates\n\nEvery gate is moved through its whole travel on the first Monday of the month. Threads are brushed and "
    "covered with grease.\n\n# Stopping\n\nBefore a cover is opened these steps are done:\n\n1. Tell the control room."
    "\n2. Switch off at the main switch.\n\nThe log is kept for ten years.",
)


def test_neighbours_that_answer_together_are_one_quote() -> None:
    first = extracts("When are the threads of a gate greased?", [GREASE], embed=MODEL.embed)[0]
    assert first.quote.startswith("Every gate")
    assert first.quote.endswith("covered with grease.")


def test_a_list_is_quoted_with_the_sentence_that_announces_it() -> None:
    first = extracts("Which steps are done before a cover is opened?", [GREASE], embed=MODEL.embed)[0]
    assert first.quote.startswith("Before a cover")
    assert first.quote.endswith("main switch.")


def test_what_only_shares_a_subject_is_left_out() -> None:
    travel = passage(
        1,
        "## How to travel\n\n- **Own car**: 0.38 euros a kilometre, and 0.05 euros for each colleague you take along.\n"
        "- **Bicycle**: 0.12 euros a kilometre, with or without a motor.\n- **Taxi**: only between 22:00 and 06:00.",
    )
    (only,) = extracts("What do I get per kilometre if I drive my own car?", [travel], embed=MODEL.embed)
    assert only.quote.startswith("- **Own car**")


def test_the_header_of_a_table_is_no_answer() -> None:
    table = passage(1, "| Silo | Use |\n|---|---|\n| 5 | organic wheat |\n| 6 | empty |", start=40)
    quotes = [extract.quote for extract in extracts("Which silo is for wheat?", [table], embed=MODEL.embed)]
    assert quotes == ["| 5 | organic wheat |"]


SQUAD = Path(__file__).parents[5] / "shared/data/retrieval/squad20-dev"


@pytest.mark.skipif(not SQUAD.exists(), reason=f"needs the questions of SQuAD 2.0 in {SQUAD}")
def test_most_answers_are_in_the_quotes() -> None:
    texts = {item["id"]: item["text"] for item in map(json.loads, (SQUAD / "corpus.jsonl").open())}
    judged = dict(line.split("\t")[:2] for line in (SQUAD / "qrels.tsv").read_text().splitlines()[1:])
    questions = [item for item in map(json.loads, (SQUAD / "queries.jsonl").open()) if item["answerable"]]
    asked = sorted(questions, key=lambda item: str(item["id"]))[len(questions) // 2 :: 15]
    names = list(texts)
    found = 0
    for item in asked:
        at = names.index(judged[item["id"]])
        around = [passage(index, texts[name]) for index, name in enumerate(names[max(0, at - 2) : at + 3], start=1)]
        quotes = " ".join(extract.quote for extract in extracts(item["text"], around, embed=MODEL.embed))
        found += any(answer in quotes for answer in item["answers"])
    assert found / len(asked) > 0.85


WORD = st.sampled_from(["mill", "river", "corn.", "grain?", "Ada", "1887", "|", "\n\n", "#", "日本。", "店", "-"])
WORDS = st.lists(WORD, max_size=40).map(" ".join)


@given(st.lists(WORDS, max_size=4), WORDS, st.booleans())
def test_quotes_stand_word_for_word_in_their_passage(texts: list[str], question: str, with_vectors: bool) -> None:
    passages = [passage(index, text, score=index / 4) for index, text in enumerate(texts, start=1)]
    found = extracts(question, passages, embed=_letters if with_vectors else None)
    assert len(found) <= 3
    for extract in found:
        assert extract.quote
        assert extract.quote in extract.passage.content
        assert 0.0 <= extract.confidence <= 1.0


def _letters(texts: Sequence[str]) -> Vectors:
    vectors = numpy.array([[1.0, *(text.count(letter) for letter in "aeinr")] for text in texts])
    unit: Vectors = (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype(numpy.float32)
    return unit
