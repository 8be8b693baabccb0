"""Guessed token counts are near, and never nothing for something; what is counted agrees with its number."""

from hypothesis import given
from hypothesis import strategies as st

from resources.foundation.counting import counted, estimated_tokens


def test_english_prose_costs_a_token_for_four_letters() -> None:
    assert estimated_tokens("a sentence of thirty two letters") == 8


def test_writing_without_spaces_costs_a_token_for_each_character() -> None:
    assert estimated_tokens("東京は日本の首都") == 8


@given(st.text(), st.text())
def test_more_text_never_costs_less(first: str, second: str) -> None:
    both = estimated_tokens(first + second)
    assert max(estimated_tokens(first), estimated_tokens(second)) <= both
    assert (both == 0) == (not first and not second)


def test_one_of_a_thing_is_told_as_one() -> None:
    told = [counted(many, "secret is", "secrets are") for many in (0, 1, 2)]
    assert [*told, counted(1, "row"), counted(1200, "row")] == [
        "0 secrets are", "1 secret is", "2 secrets are", "1 row", "1,200 rows",
    ]  # fmt: skip
