"""Answers as server-sent events. A client that leaves ends the answer: what produces it is always closed."""

from __future__ import annotations

from collections.abc import Generator

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

DONE = "data: [DONE]\n\n"


class EventStream(StreamingResponse):
    """Runs a synchronous generator in threads, and closes it and what it draws from, however the response ends."""

    def __init__(self, events: Generator[str, None, None], source: Generator[object, None, None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._events = events
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # a client that left has cancelled this task; what was said must be kept nevertheless
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._close)

    def _close(self) -> None:
        self._events.close()
        # a stream that was never begun does not close its source
        self._source.close()


def event(body: str) -> str:
    """One server-sent event of one line of JSON."""
    return f"data: {body}\n\n"
