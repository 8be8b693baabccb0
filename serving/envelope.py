"""What surrounds every request: an id, limits on what is read, headers that protect, one line of log, a last resort."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any
from uuid import uuid4

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import failures

access = logging.getLogger("millrace.access")

MOST_BODY_BYTES = 1024 * 1024
MOST_DOCUMENT_BYTES = 50 * 1024 * 1024
MOST_HEADER_BYTES = 16 * 1024
BODY_SECONDS = 60.0
_DOCUMENT = re.compile(r"/v1/sources/[^/]+/documents/")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Envelope:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        try:
            if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
                await failures.of_status(431)(scope, receive, exchange.send)
            else:
                await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001
            # the last resort: whatever it was, the client gets no traceback and the log gets all of it
            await exchange.fail(error)
        finally:
            exchange.log()


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._id = uuid4().hex
        failures.REQUEST.set(self._id)
        self._started = perf_counter()
        self._most = MOST_DOCUMENT_BYTES if _is_document(scope) else MOST_BODY_BYTES
        self._read = 0
        self._is_read = False
        self._status: int | None = None

    async def receive(self) -> Message:
        """The next message, while the body is neither too long nor too late."""
        if self._is_read:
            return await self._receive()
        if _declared_length(self._scope) > self._most:
            raise HTTPException(413)
        try:
            with anyio.fail_after(BODY_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._read += len(message.get("body", b""))
        self._is_read = not message.get("more_body", False)
        if self._read > self._most:
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers that every response has."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": self._headers(message.get("headers", ()))}
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        """Answer with a failure if nothing was answered yet."""
        status, body, headers = failures.told(error)
        if self._status is None:
            asked = HTTPConnection(self._scope)
            await failures.answer(asked, status, body, headers)(self._scope, self._receive, self.send)

    def log(self) -> None:
        """One line, with neither texts nor keys nor a query string in it."""
        route = self._scope.get("route")
        state: MutableMapping[str, Any] = self._scope.get("state", {})
        caller = state.get("caller")
        line = {
            "request": self._id,
            "method": self._scope["method"],
            "route": getattr(route, "path", None),
            "status": self._status,
            "ms": round(1000 * (perf_counter() - self._started), 1),
            "organization": str(caller.organization_id) if caller else None,
            "key": str(caller.key_id) if caller and caller.key_id else None,
            "user": str(caller.user_id) if caller and caller.user_id else None,
        }
        access.info(json.dumps(line))

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        own = {name.lower() for name, _ in given}
        more = {"X-Request-Id": self._id, **HEADERS}
        return [*given, *((n.encode(), v.encode()) for n, v in more.items() if n.lower().encode() not in own)]


def _is_document(scope: Scope) -> bool:
    """Whether a document is pushed: only then may a body be long."""
    return bool(scope["method"] == "PUT" and _DOCUMENT.match(scope["path"]))


def _declared_length(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0
