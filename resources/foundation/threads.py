"""Work on a stream of inputs in a few threads, with bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")


def as_they_end(
    work: Callable[[Input], Output], inputs: Iterable[Input], *, threads: int
) -> Iterator[tuple[Input, Output]]:
    """Each input with what `work` makes of it, in the order of their ends.

    The inputs are taken in the caller's thread, and only when there is room: at most twice as many as there are threads
    are under way. What `work` raises is raised here.
    """
    under_way: dict[Future[Output], Input] = {}
    with ThreadPoolExecutor(threads) as pool:
        for each in inputs:
            under_way[pool.submit(work, each)] = each
            if len(under_way) >= 2 * threads:
                yield from _ended(under_way)
        while under_way:
            yield from _ended(under_way)


def one_behind(work: Callable[[Input], Output], inputs: Iterable[Input]) -> Iterator[Output]:
    """What `work` makes of each input, in order, in a thread of its own: while it works, the next input is drawn.

    One input is worked on and one waits, never more. What `work` raises is raised here, and no further input is worked
    on; where drawing an input raises, the one under way is ended first.
    """
    with ThreadPoolExecutor(1) as thread:
        under_way: Future[Output] | None = None
        for each in inputs:
            if under_way is not None:
                yield under_way.result()
            under_way = thread.submit(work, each)
        if under_way is not None:
            yield under_way.result()


def _ended(under_way: dict[Future[Output], Input]) -> Iterator[tuple[Input, Output]]:
    ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
    for future in ended:
        yield under_way.pop(future), future.result()
