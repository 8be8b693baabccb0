"""The time that is left is told at the rate of the stage, and only when there is a rate."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.intake.estimating import remaining


def test_half_done_means_as_long_again() -> None:
    assert remaining(50, 100, timedelta(seconds=30)) == timedelta(seconds=30)
    assert remaining(100, 100, timedelta(seconds=30)) == timedelta(0)
    assert remaining(1, 4, timedelta(minutes=1)) == timedelta(minutes=3)


def test_nothing_is_said_too_soon() -> None:
    assert remaining(0, 100, timedelta(hours=1)) is None
    assert remaining(3, 100, timedelta(seconds=1)) is None


def test_what_takes_longer_than_can_be_said_is_not_said() -> None:
    assert remaining(1, 10**9, timedelta(days=2)) is None


@given(done=st.integers(1, 10**9), total=st.integers(0, 10**9), elapsed_s=st.floats(2, 1e6))
def test_it_is_never_negative(done: int, total: int, elapsed_s: float) -> None:
    left = remaining(done, total, timedelta(seconds=elapsed_s))
    assert left is None or left >= timedelta(0)
    assert left is not None or elapsed_s * total / done > timedelta.max.total_seconds() / 2
