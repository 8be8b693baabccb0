"""Quotes read as an answer, and each marker is held by the very place that was picked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.conversations.answering.citing import cited
from resources.conversations.answering.sentencing import sentences
from resources.conversations.answering.telling import told
from resources.conversations.records import Extract
from tests.factories.passages import passage

PRICES = "# Prices\n\n| Flour | Price | Note |\n|---|---|---|\n| Rye flour | 2.10 | |\n| Spelt | 3.40 | stone ground |"
BARE = "Flour | Price | Note\nRye flour | 2.10 |\nSpelt | 3.40 | stone ground"


def tell(content: str, quote: str, *, start: int = 7) -> str:
    at = content.index(quote)
    extract = Extract(passage(2, content, start=start), at, at + len(quote), 1.0)
    answer = told([extract])
    (citation,) = cited(answer, [extract.passage]).citations
    assert (citation.quote, citation.start) == (quote, start + at)
    return answer


@pytest.mark.parametrize(
    ("content", "quote", "answer"),
    [
        ("The wheel turns six\ntimes   a minute. So.", "The wheel turns six\ntimes   a minute.",
         "The wheel turns six times a minute. [2]"),
        ("- **Own car**: 0.38 euros\n- Bus", "- **Own car**: 0.38 euros", "Own car: 0.38 euros [2]"),
        ("Use __two words__, __init__ and 2**3**4.", "Use __two words__, __init__ and 2**3**4.",
         "Use two words, __init__ and 2**3**4. [2]"),
        (">> 1. We rake six times a day.", ">> 1. We rake six times a day.", "We rake six times a day. [2]"),
        (PRICES, "| Rye flour | 2.10 | |", "Flour: Rye flour, Price: 2.10 [2]"),
        (f"A table\n\n{BARE}", "Rye flour | 2.10 |", "Flour: Rye flour, Price: 2.10 [2]"),
        (PRICES, "| Spelt | 3.40 | stone ground |", "Flour: Spelt, Price: 3.40, Note: stone ground [2]"),
    ],
)  # fmt: skip
def test_quotes_read_as_text(content: str, quote: str, answer: str) -> None:
    assert tell(content, quote) == answer


def test_columns_are_named_only_by_a_header_that_is_seen() -> None:
    rows = "article | unit | note\nSpelt flour | one sack | stone ground"
    assert tell(rows, "Spelt flour | one sack | stone ground") == "Spelt flour · one sack · stone ground [2]"
    named = "article: Spelt flour, unit: one sack, note: stone ground [2]"
    assert tell(rows, "Spelt flour | one sack | stone ground", start=0) == named


def test_a_row_that_its_columns_would_hide_is_told_without_them() -> None:
    rows = "Rye flour | one bag | cheap\nSpelt flour | one sack | dear"
    assert tell(rows, "Spelt flour | one sack | dear", start=0) == "Spelt flour · one sack · dear [2]"


def test_several_quotes_are_paragraphs() -> None:
    one = passage(1, "The wheel was built in 1887. It turns six times a minute.")
    quotes = [Extract(one, *place, 1.0) for place in sentences(one.content)]
    assert told(quotes) == "The wheel was built in 1887. [1]\n\nIt turns six times a minute. [1]"


PIECES = ["The wheel turns", " six times", "\n", " | ", "- ", "**", "1. ", ". ", "首都です。", "[1]", "x_y", "`", "# "]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=20).map("".join))
def test_the_marker_of_a_quote_of_some_length_is_kept(content: str) -> None:
    one = passage(1, content, start=5)
    for place in sentences(content):
        quote = content[slice(*place)]
        if len(quote) < 12 or "`" in quote or quote.count("[") != quote.count("]"):
            continue
        assert cited(told([Extract(one, *place, 1.0)]), [one]).citations
