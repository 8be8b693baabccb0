"""Answers as server-sent events, or in one piece. A client that leaves ends the answer, whatever produces it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Generic, TypeVar

import anyio
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from serving.letterbox import Letterbox
from serving.seats import Seat

DONE = "data: [DONE]\n\n"
Event = TypeVar("Event")


class EventStream(StreamingResponse):
    """Runs a synchronous generator in a thread, and closes it and what it draws from, however the response ends.

    Its seat is left then. The thread is of the seats: nobody else waits while a model thinks.
    """

    def __init__(
        self,
        events: Generator[str, None, None],
        source: Generator[object, None, None],
        seat: Seat,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        own = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__((), media_type="text/event-stream", headers={**own, **(headers or {})})
        self._seat = seat
        self._events = events
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        letterbox = Letterbox(self._seat.has_left)
        speaking = asyncio.create_task(self._seat.seats.speak(partial(self._speak, letterbox)))
        try:
            with _listening(receive, self._seat):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                while said := await letterbox.emptied():
                    await send({"type": "http.response.body", "body": said.encode(), "more_body": True})
                await speaking
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            # where it broke off here, who speaks is told, and what was said must be kept nevertheless
            self._seat.has_left.set()
            with anyio.CancelScope(shield=True):
                await asyncio.wait([speaking])
            self._seat.leave()

    def _speak(self, letterbox: Letterbox) -> None:
        try:
            letterbox.fill(self._events)
        finally:
            self._events.close()
            # a stream that was never begun does not close its source
            self._source.close()


class Whole(Response, Generic[Event]):
    """Runs a synchronous generator to its end in a thread, and answers with what `written` makes of its last event.

    Where the client leaves meanwhile, the generator is closed at its next event, and nothing is answered.
    """

    media_type = "application/json"

    def __init__(
        self,
        events: Generator[Event, None, None],
        written: Callable[[Event], str],
        seat: Seat,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headers=dict(headers or {}))
        self._events = events
        self._written = written
        self._seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with _listening(receive, self._seat):
                content = await self._seat.seats.speak(self._told)
        finally:
            self._seat.leave()
        if content is not None:
            self.body = content.encode()
            self.init_headers({**dict(self.headers), "content-length": str(len(self.body))})
            await super().__call__(scope, receive, send)

    def _told(self) -> str | None:
        last: Event | None = None
        try:
            while not self._seat.has_left.is_set() and (happened := next(self._events, None)) is not None:
                last = happened
        finally:
            self._events.close()
        return None if last is None or self._seat.has_left.is_set() else self._written(last)


@contextmanager
def _listening(receive: Receive, seat: Seat) -> Iterator[None]:
    """Tell who speaks as soon as nobody listens any more."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        seat.has_left.set()

    # a task group of anyio costs several times what this does, in each answer
    listener = asyncio.create_task(listen())
    try:
        yield
    finally:
        listener.cancel()


def event(body: str) -> str:
    """One server-sent event of one line of JSON."""
    return f"data: {body}\n\n"
