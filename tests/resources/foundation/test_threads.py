"""Every input is worked on once; no more of them are taken than there is room for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from resources.foundation.threads import as_they_end, one_behind


def test_every_input_comes_back_with_its_result() -> None:
    assert sorted(as_they_end(lambda n: n * n, range(100), threads=3)) == [(n, n * n) for n in range(100)]


def test_a_slow_one_holds_up_no_other() -> None:
    gate = threading.Event()

    def work(n: int) -> int:
        if n == 0:
            assert gate.wait(60)
        return n

    ended = []
    for n, _ in as_they_end(work, range(20), threads=2):
        ended.append(n)
        if len(ended) == 15:
            gate.set()
    assert ended.index(0) >= 15
    assert len(ended) == 20


def test_inputs_are_taken_only_when_there_is_room() -> None:
    taken = 0

    def inputs() -> Iterator[int]:
        nonlocal taken
        for n in range(50):
            taken += 1
            yield n

    for done, _ in enumerate(as_they_end(lambda n: n, inputs(), threads=2), start=1):
        assert taken <= done + 4


def test_what_goes_wrong_is_raised_to_the_caller() -> None:
    def work(n: int) -> int:
        return 1 // n

    with pytest.raises(ZeroDivisionError):
        list(as_they_end(work, [2, 1, 0, 1], threads=2))


def test_the_next_input_is_drawn_while_one_is_worked_on() -> None:
    drawn = threading.Event()

    def inputs() -> Iterator[int]:
        yield 1
        drawn.set()
        yield 2

    def work(n: int) -> int:
        assert drawn.wait(60)
        return n * n

    assert list(one_behind(work, inputs())) == [1, 4]


def test_one_is_worked_on_at_a_time_and_in_order() -> None:
    under_way: list[int] = []

    def work(n: int) -> int:
        under_way.append(n)
        assert len(under_way) == 1
        under_way.remove(n)
        return n

    assert list(one_behind(work, range(200))) == list(range(200))


def test_after_a_failure_nothing_more_is_worked_on() -> None:
    worked: list[int] = []

    def work(n: int) -> None:
        worked.append(n)
        if n == 3:
            raise ValueError("the third")

    with pytest.raises(ValueError, match="the third"):
        list(one_behind(work, range(10)))
    assert worked == [0, 1, 2, 3]


def test_what_is_under_way_ends_before_the_failure_of_an_input_is_told() -> None:
    worked: list[int] = []

    def inputs() -> Iterator[int]:
        yield 1
        raise ValueError("no second")

    with pytest.raises(ValueError, match="no second"):
        list(one_behind(worked.append, inputs()))
    assert worked == [1]
