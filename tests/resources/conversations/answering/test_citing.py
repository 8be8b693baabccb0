"""Every citation that stays stands at its place and carries its claim; every other marker goes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.citing import cited, verify
from resources.conversations.records import Passage
from tests.factories.passages import passage

VERSION = (
    "Preface.\n\nThe wheel was built by Ada Miller in 1887. It turns six times a minute.\n\nRye | 2.10\nSpelt | 3.40"
)
WHEEL = passage(1, VERSION[10:], start=10)
SHOP = passage(2, "The shop opens at nine on weekdays. On Saturdays it opens at ten.", start=500)
NOTED = passage(3, "Grain was taxed by the bushel.[12] The tax ended in 1846.[13]", start=0)
CODE = passage(4, "Read the first value with values[0] and print it.\n\n```\nfirst = values[1]\n```", start=0)
PASSAGES = [WHEEL, SHOP, NOTED, CODE]


def quotes(answer: str) -> list[tuple[int, str]]:
    return [(citation.index, citation.quote) for citation in cited(answer, PASSAGES).citations]


def test_a_claim_word_for_word_is_its_own_quote() -> None:
    (citation,) = cited("It turns six times a minute. [1]", PASSAGES).citations
    assert citation.quote == "It turns six times a minute."
    assert VERSION[citation.start : citation.end] == citation.quote
    assert citation.support == 1.0
    assert verify(citation, VERSION)


def test_a_claim_in_other_words_finds_the_sentence_that_carries_it() -> None:
    answer = cited("Ada Miller built the wheel in 1887 [1].", PASSAGES)
    (citation,) = answer.citations
    assert citation.quote == "The wheel was built by Ada Miller in 1887."
    assert verify(citation, VERSION)
    assert answer.dropped == 0


@pytest.mark.parametrize("markers", ["[1][2]", "[1, 2]", "[1; 2]", "[1] [2]"])
def test_several_markers_stand_for_one_claim(markers: str) -> None:
    claim = f"The wheel was built by Ada Miller, and the shop opens at nine {markers}."
    assert [index for index, _ in quotes(claim)] == [1, 2]


def test_each_part_of_a_sentence_is_held_to_its_own_marker() -> None:
    answer = cited("The wheel turns six times a minute [1], while the shop opens at ten on Saturdays [2].", PASSAGES)
    assert [citation.quote for citation in answer.citations] == [
        "It turns six times a minute.",
        "On Saturdays it opens at ten.",
    ]


def test_a_marker_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert quotes("We have news. The shop opens at ten on Saturdays. [2] Come early.") == [
        (2, "On Saturdays it opens at ten.")
    ]


def test_a_marker_without_a_passage_is_taken_out_and_counted() -> None:
    answer = cited("It turns six times a minute [9]. The shop opens at ten on Saturdays [2, 9].", PASSAGES)
    assert answer.text == "It turns six times a minute. The shop opens at ten on Saturdays [2]."
    assert answer.dropped == 2


@pytest.mark.parametrize(
    "claim",
    [
        "Napoleon was defeated at Waterloo",
        "The wheel was built by Ada Miller in 1920",
        "The wheel turns seven hundred times every single day of the year",
        "Yes",
        "",
    ],
)
def test_a_marker_without_support_is_taken_out_and_counted(claim: str) -> None:
    answer = cited(f"{claim} [1].", PASSAGES)
    assert answer.text == f"{claim}."
    assert (answer.citations, answer.dropped) == ((), 1)


def test_a_row_of_a_table_is_a_quote() -> None:
    assert quotes("Spelt costs 3.40 [1].") == [(1, "Spelt | 3.40")]


def test_a_numbered_list_is_not_held_to_its_numbers() -> None:
    assert quotes("1. The shop opens at nine on weekdays [2]\n2. It turns six times a minute [1]") == [
        (2, "The shop opens at nine on weekdays."),
        (1, "It turns six times a minute."),
    ]


def test_a_thousands_comma_changes_no_number() -> None:
    mill = passage(1, "The mill grinds 12,500 sacks a year.")
    assert cited("It grinds 12500 sacks a year [1].", [mill]).dropped == 0


def test_brackets_inside_a_quote_are_part_of_it() -> None:
    answer = cited("Grain was taxed by the bushel.[12] The tax ended in 1846. [3]", PASSAGES)
    assert answer.text == "Grain was taxed by the bushel.[12] The tax ended in 1846. [3]"
    assert [citation.quote for citation in answer.citations] == [NOTED.content]


def test_shared_claims_are_held_to_their_numbers_too() -> None:
    assert quotes("The shop opens at nine and Ada Miller built the wheel in 1920 [1][2].") == []


def test_brackets_in_code_are_code() -> None:
    answer = cited(
        "Use `values[0]`, then:\n\n```\nfirst = values[9]\n```\n\nRead the first value with values [4].", PASSAGES
    )
    assert "values[0]" in answer.text
    assert "values[9]" in answer.text
    assert answer.dropped == 0


def test_a_quoted_fence_hides_no_citation() -> None:
    answer = cited("```\nfirst = values[1]\n``` [4]\n\n```\nfirst = values[1]\n``` [4]", PASSAGES)
    assert [citation.quote for citation in answer.citations] == ["```\nfirst = values[1]\n```"]


def test_the_same_quote_is_cited_once() -> None:
    assert len(quotes("The shop opens at ten on Saturdays [2]. On Saturdays the shop opens at ten [2].")) == 1


def test_a_moved_or_changed_quote_does_not_verify() -> None:
    (citation,) = cited("It turns six times a minute. [1]", PASSAGES).citations
    assert not verify(replace(citation, start=citation.start + 1, end=citation.end + 1), VERSION)
    assert not verify(replace(citation, start=-5), VERSION)
    assert not verify(replace(citation, end=10**9), VERSION)
    assert not verify(citation, VERSION.replace("six", "ten"))


WORDS = ["The wheel was built in 1887. ", "turns six times", ". ", "首都です。", "x[1]", "2 "]
MARKS = ["[1]", "[2]", " [3]", "[1, 2]", "[0]", "[77]", "[1][2]", "\n\n", "\n", "`", "```", "- "]
TEXTS = st.lists(st.sampled_from(WORDS) | st.sampled_from(MARKS), max_size=25).map("".join)


def _placed(texts: list[str]) -> tuple[list[Passage], dict[int, str]]:
    passages = [passage(index, text, start=index * 3) for index, text in enumerate(texts, start=1)]
    return passages, {one.index: "#" * one.start + one.content + "tail" for one in passages}


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_quotes_always_stand_at_their_offsets_and_never_outside(answer: str, texts: list[str]) -> None:
    passages, versions = _placed(texts)
    checked = cited(answer, passages)
    for citation in checked.citations:
        assert verify(citation, versions[citation.index])
        assert f"{citation.index}" in checked.text
    assert checked.dropped >= 0
    if not passages:
        assert checked.citations == ()


@given(st.lists(TEXTS, min_size=1, max_size=3), st.data())
def test_every_verbatim_quote_keeps_its_marker(texts: list[str], data: st.DataObject) -> None:
    passages, _ = _placed(texts)
    one = data.draw(st.sampled_from(passages))
    first = data.draw(st.integers(0, len(one.content)))
    quote = one.content[first : first + 40].strip()
    # in code that a quote opens and does not close, brackets are text: its own marker too
    if len(quote) < 12 or "\n\n" in quote or quote.count("[") != quote.count("]") or "`" in quote:
        return
    answer = cited(f"{quote} [{one.index}]", passages)
    assert any(citation.index == one.index for citation in answer.citations)
