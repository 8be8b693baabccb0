"""Reckon what tokens cost at a model's price. Pure: values in, values out."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from resources.identity.records import Price

_MILLION = 1_000_000
_SMALLEST = Decimal("0.000001")  # what the database keeps
_SHOWN_DIGITS = 2


def cost(price: Price | None, *, read: int, spoken: int = 0) -> Decimal | None:
    """What so many tokens cost, rounded up to a millionth; None for a model whose price nobody knows."""
    if price is None:
        return None
    exact = (price.input * read + price.output * spoken) / _MILLION
    return exact.quantize(_SMALLEST, rounding=ROUND_UP)


def shown(amount: Decimal) -> str:
    """An amount as a person reads it: hundredths, or as many digits as it takes to show two that are not zero."""
    digits = _SHOWN_DIGITS
    if amount and abs(amount) < 1:
        digits = max(_SHOWN_DIGITS, 1 - amount.adjusted())
    return f"{amount:,.{min(digits, 6)}f}"


def upwards(amount: Decimal) -> str:
    """An amount as `shown`, never less than it is, as a person may type it."""
    for digits in range(_SHOWN_DIGITS, 7):
        step = Decimal(1).scaleb(-digits)
        rounded = amount.quantize(step, rounding=ROUND_UP)
        if amount <= 0 or rounded <= amount * Decimal("1.05"):
            return str(rounded)
    return str(amount.quantize(_SMALLEST, rounding=ROUND_UP))
