"""As much goes on at once as this machine does well, and who would wait long is told so before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving import pacing
from serving.pacing import Pace


class Machine:
    """A machine on which so much may go on before all of it takes longer; work that waits elsewhere is no burden."""

    def __init__(self, bears: int, *, elsewhere: int = 0) -> None:
        self.bears = bears
        self.elsewhere = elsewhere

    def took_s(self, at_once: int) -> float:
        return 0.002 * max(1.0, (at_once - self.elsewhere) / self.bears)


def settled(pace: Pace, machine: Machine, *, some_wait: bool = True, rounds: int = 5 * pacing.REMEMBERED // 2) -> int:
    """How many go at once, at most, in the second half of so many rounds."""
    most = 0
    for at in range(rounds):
        pace.feel(machine.took_s(pace.at_once), some_wait=some_wait)
        most = max(most, pace.at_once if at >= rounds // 2 else 0)
    return most


def test_a_machine_that_strains_does_less_at_once_and_one_that_does_not_does_more() -> None:
    assert settled(Pace(), Machine(bears=2)) == 9
    assert settled(Pace(), Machine(bears=4)) == 17
    assert settled(Pace(), Machine(bears=1, elsewhere=pacing.MOST)) > 24


def test_where_nobody_waits_no_more_are_let_in_than_were() -> None:
    assert settled(Pace(), Machine(bears=100), some_wait=False) == pacing.AT_FIRST


def test_what_burdens_the_machine_besides_counts_too() -> None:
    pace = Pace()
    settled(pace, Machine(bears=4))
    for _ in range(60):
        pace.feel(0.002 * 10, some_wait=True)
    assert pace.at_once == pacing.FEWEST
    assert settled(pace, Machine(bears=4), rounds=pacing.REMEMBERED) > 8


def test_the_best_of_long_ago_does_not_bind_for_ever() -> None:
    pace = Pace()
    pace.feel(0.002, some_wait=True)
    for _ in range(3 * pacing.REMEMBERED // 2):
        pace.feel(0.02, some_wait=True)
    assert pace.at_once > pacing.FEWEST + 5


def test_a_machine_that_is_always_busy_does_not_get_used_to_it() -> None:
    assert settled(Pace(), Machine(bears=2), rounds=40 * pacing.REMEMBERED) == 9


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=300))
def test_the_pace_stays_within_its_bounds(felt: list[tuple[float, bool]]) -> None:
    pace = Pace()
    for took_s, some_wait in felt:
        pace.feel(took_s, some_wait=some_wait)
        assert pacing.FEWEST <= pace.at_once <= pacing.MOST


def test_a_wait_is_foreseen_from_the_pace_of_the_queue() -> None:
    pace = Pace()
    for _ in range(200):
        pace.begin(0.05, some_wait=True)
    assert pace.wait_s(pacing.AT_FIRST - 1) == 0
    assert pace.wait_s(pacing.AT_FIRST + 9) == pytest.approx(0.5, rel=0.01)
    for _ in range(100):
        pace.begin(3.0, some_wait=False)
    assert pace.wait_s(pacing.AT_FIRST + 9) < 0.001
