"""What one thread says and the event loop reads: the loop is called where it has read all, not for each word."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from threading import Condition, Event

MOST_UNREAD = 64
LOOKS_EVERY_S = 0.25


class Letterbox:
    """Made in the loop. The thread waits while so much is unread, unless nobody reads any more (`has_left`)."""

    def __init__(self, has_left: Event) -> None:
        self._has_left = has_left
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._is_over = False
        self._unread: list[str] = []
        self._was_read = Condition()

    def fill(self, words: Iterable[str]) -> None:
        """Put these in as they come, in the thread, until they end or nobody reads any more."""
        try:
            for word in words:
                self._put(word)
                if self._has_left.is_set():
                    break
        finally:
            self._loop.call_soon_threadsafe(self._end)

    async def emptied(self) -> str:
        """All that is in it, as soon as there is something; nothing at the end."""
        while True:
            with self._was_read:
                said, self._unread = self._unread, []
                self._was_read.notify()
            if said or self._is_over:
                return "".join(said)
            await self._came.wait()
            self._came.clear()

    def _put(self, word: str) -> None:
        with self._was_read:
            while len(self._unread) >= MOST_UNREAD and not self._has_left.is_set():
                self._was_read.wait(LOOKS_EVERY_S)
            self._unread.append(word)
            if len(self._unread) == 1:
                self._loop.call_soon_threadsafe(self._came.set)

    def _end(self) -> None:
        self._is_over = True
        self._came.set()
