"""Cancellation: whoever asked may leave; what waits for a provider on their behalf then stops, and its request ends.

A thread that waits for bytes cannot be called back, so it looks a few times a second whether somebody still listens.
"""

from __future__ import annotations

import select
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from time import monotonic
from typing import Any

LOOKS_EVERY_S = 0.25
CANCELLED: ContextVar[Event | None] = ContextVar("CANCELLED", default=None)
"""Of the context of somebody's question: set as soon as they have left. None: nobody can leave."""


class Cancelled(GeneratorExit):
    """Nobody listens any more: as if the iterator of the answer was closed, in the midst of its waiting."""


def raise_if_cancelled() -> None:
    """Raise Cancelled where whoever asked has left."""
    has_left = CANCELLED.get()
    if has_left is not None and has_left.is_set():
        raise Cancelled


class CancellableBackend:
    """A network backend of httpcore, whichever version it is of: what `inner` connects ends with Cancelled."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect_tcp(self, *given: Any, **named: Any) -> _CancellableStream:
        """Connect, unless nobody listens."""
        raise_if_cancelled()
        return _CancellableStream(self._inner.connect_tcp(*given, **named))


class _CancellableStream:
    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._until: float | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def start_tls(self, *given: Any, **named: Any) -> _CancellableStream:
        return _CancellableStream(self._inner.start_tls(*given, **named))

    def write(self, *given: Any, **named: Any) -> None:
        raise_if_cancelled()
        self._inner.write(*given, **named)

    @contextmanager
    def for_at_most(self, seconds: float) -> Iterator[None]:
        """Wait no longer than that for all that is read in the block, then raise TimeoutError."""
        self._until = monotonic() + seconds
        try:
            yield
        finally:
            self._until = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._until is not None:
            timeout = self._until - monotonic()
            if timeout <= 0:
                raise TimeoutError
        left = timeout
        if CANCELLED.get() is not None and (waiting := self._waiting()) is not None:
            started = monotonic()
            while not waiting.poll(1000 * LOOKS_EVERY_S) and (left is None or left > 0):
                raise_if_cancelled()
                left = None if timeout is None else timeout - (monotonic() - started)
            raise_if_cancelled()
        # what is there is read at once, and where time is out the inner one says so
        content: bytes = self._inner.read(max_bytes, None if left is None else max(left, 0.001))
        return content

    def _waiting(self) -> select.poll | None:
        """What waits for bytes to come; None where some have come that are not read, or where that cannot be told."""
        connected = self._inner.get_extra_info("socket")
        if isinstance(connected, ssl.SSLSocket):
            if connected.pending():
                return None
        elif self._inner.get_extra_info("ssl_object") is not None:
            return None
        waiting = select.poll()
        waiting.register(connected, select.POLLIN)
        return waiting
