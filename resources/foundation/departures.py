"""Whoever asked may leave: what waits for a provider on their behalf then stops waiting, and its request ends.

A thread that waits for bytes cannot be called back, so it looks a few times a second whether somebody still listens.
"""

from __future__ import annotations

import select
import ssl
from contextvars import ContextVar
from threading import Event
from time import monotonic
from typing import Any

LOOKS_EVERY_S = 0.25
HAS_LEFT: ContextVar[Event | None] = ContextVar("HAS_LEFT", default=None)
"""Of the context of somebody's question: set as soon as they have left. None: nobody can leave."""


class Departed(GeneratorExit):
    """Nobody listens any more: as if the iterator of the answer was closed, in the midst of its waiting."""


def require_listener() -> None:
    """Raise Departed where whoever asked has left."""
    has_left = HAS_LEFT.get()
    if has_left is not None and has_left.is_set():
        raise Departed


class AttentiveBackend:
    """A network backend of httpcore, whichever version it is of: what `inner` connects ends with Departed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect_tcp(self, *given: Any, **named: Any) -> _AttentiveStream:
        """Connect, unless nobody listens."""
        require_listener()
        return _AttentiveStream(self._inner.connect_tcp(*given, **named))


class _AttentiveStream:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def start_tls(self, *given: Any, **named: Any) -> _AttentiveStream:
        return _AttentiveStream(self._inner.start_tls(*given, **named))

    def write(self, *given: Any, **named: Any) -> None:
        require_listener()
        self._inner.write(*given, **named)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = timeout
        if HAS_LEFT.get() is not None and (waiting := self._waiting()) is not None:
            started = monotonic()
            while not waiting.poll(1000 * LOOKS_EVERY_S) and (left is None or left > 0):
                require_listener()
                left = None if timeout is None else timeout - (monotonic() - started)
            require_listener()
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
