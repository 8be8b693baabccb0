"""Prices are reckoned upwards, and amounts are shown so that none but nothing looks like nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.identity.pricing import cost, shown, upwards
from resources.identity.records import Price

PRICE = Price("small", Decimal("0.15"), Decimal("0.60"))
AMOUNTS = st.decimals(min_value=0, max_value=10_000_000, places=6)


def test_what_is_read_and_what_is_spoken_have_prices_of_their_own() -> None:
    assert cost(PRICE, read=2_000_000, spoken=500_000) == Decimal("0.60")
    assert cost(PRICE, read=1) == Decimal("0.000001")
    assert cost(PRICE, read=0) == 0
    assert cost(None, read=10) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_batches_never_cost_less_than_both_at_once(one: int, other: int) -> None:
    together = cost(PRICE, read=one + other)
    first, second = cost(PRICE, read=one), cost(PRICE, read=other)
    assert together is not None
    assert first is not None
    assert second is not None
    assert together <= first + second <= together + Decimal("0.000002")


@pytest.mark.parametrize(
    ("amount", "says"),
    [("0", "0.00"), ("25", "25.00"), ("1234.5", "1,234.50"), ("0.034", "0.034"), ("0.000123", "0.00012"),
     ("0.000001", "0.000001"), ("-0.5", "-0.50")],
)  # fmt: skip
def test_an_amount_is_shown_with_as_many_digits_as_it_needs(amount: str, says: str) -> None:
    assert shown(Decimal(amount)) == says


@given(AMOUNTS)
def test_what_is_told_to_approve_is_enough_and_not_much_more(amount: Decimal) -> None:
    told = Decimal(upwards(amount))
    assert amount <= told <= amount * Decimal("1.05")
