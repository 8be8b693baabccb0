"""What a thread says reaches the loop whole and in order, in as few pieces as the loop has time for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from threading import Event

import anyio
from anyio.to_thread import run_sync

from serving.letterbox import MOST_UNREAD, Letterbox
from tests.factories.waiting import wait_until

WORDS = [f"{number} " for number in range(2_000)]


def test_all_words_come_in_their_order_and_those_that_nobody_read_yet_together() -> None:
    pieces: list[str] = []

    async def read() -> None:
        letterbox = Letterbox(Event())
        async with anyio.create_task_group() as group:
            group.start_soon(run_sync, partial(letterbox.fill, WORDS))
            while said := await letterbox.emptied():
                pieces.append(said)

    anyio.run(read)
    assert "".join(pieces) == "".join(WORDS)
    assert max(len(piece.split()) for piece in pieces) <= MOST_UNREAD


def test_a_word_does_not_wait_for_the_next() -> None:
    is_heard = Event()

    def words() -> Iterator[str]:
        yield "The sluice "
        assert is_heard.wait(60)
        yield "is shut."

    pieces: list[str] = []

    async def read() -> None:
        letterbox = Letterbox(Event())
        async with anyio.create_task_group() as group:
            group.start_soon(run_sync, partial(letterbox.fill, words()))
            while said := await letterbox.emptied():
                pieces.append(said)
                is_heard.set()

    anyio.run(read)
    assert pieces == ["The sluice ", "is shut."]


def test_who_speaks_waits_for_who_reads_slowly_and_stops_for_who_has_left() -> None:
    spoken: list[str] = []
    has_left = Event()

    def words() -> Iterator[str]:
        for word in WORDS:
            spoken.append(word)
            yield word

    async def leave() -> None:
        letterbox = Letterbox(has_left)
        async with anyio.create_task_group() as group:
            group.start_soon(run_sync, partial(letterbox.fill, words()))
            await run_sync(wait_until, lambda: len(spoken) > MOST_UNREAD)
            has_left.set()

    anyio.run(leave)
    assert len(spoken) == MOST_UNREAD + 1
