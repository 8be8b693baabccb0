"""Shares of a number of cases, and how far they are known. Pure: counts in, numbers out."""

from __future__ import annotations

from math import sqrt

Z = 1.959963984540054
"""The normal quantile of intervals of 95 %."""


def wilson(part: int, n: int) -> tuple[float, float]:
    """The 95 % interval of the share of `part` in n (Wilson 1927); of none, all that a share may be."""
    if n == 0:
        return 0.0, 1.0
    share = part / n
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    # at the ends the interval ends there too, which rounding would miss by a hair
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))
