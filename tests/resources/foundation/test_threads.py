"""Every input is worked on once; no more of them are taken than there is room for."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from resources.foundation.threads import as_they_end


def test_every_input_comes_back_with_its_result() -> None:
    assert sorted(as_they_end(lambda n: n * n, range(100), threads=3)) == [(n, n * n) for n in range(100)]


def test_a_slow_one_holds_up_no_other() -> None:
    gate = threading.Event()

    def work(n: int) -> int:
        if n == 0:
            assert gate.wait(10)
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
