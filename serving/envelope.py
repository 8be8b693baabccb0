"""What surrounds every request: an id, limits on what is read, headers that protect, one line of log, a last resort."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import MutableMapping
from http import HTTPStatus
from time import perf_counter
from typing import Any
from uuid import uuid4

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from resources.foundation import tracing
from resources.foundation.tracing import Step
from serving import failures
from serving.metrics import Metrics
from serving.seats import Seats

access = logging.getLogger("millrace.access")

MOST_BODY_BYTES = 1024 * 1024
MOST_DOCUMENT_BYTES = 50 * 1024 * 1024
MOST_HEADER_BYTES = 16 * 1024
BODY_SECONDS = 60.0
MOST_AT_ONCE = 1_000
LEFT = 499  # as nginx calls a client that left before it was answered
QUESTIONS = frozenset({"/v1/chat/completions", "/v1/search", "/v1/embeddings", "/mcp"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_DOCUMENT = re.compile(r"PUT /v1/sources/[^/]+/documents/|PATCH /v1/sources/[^/]+/uploads/")
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

    def __init__(self, app: ASGIApp, metrics: Metrics, seats: Seats) -> None:
        self._app = app
        self._metrics = metrics
        self._seats = seats
        self._under_way = 0
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        self._under_way += 1
        self._metrics.begin()
        try:
            with tracing.step(
                scope["method"], "server", _told_headers(scope), http__request__method=scope["method"]
            ) as (step):
                try:
                    await self._pass(exchange, scope, receive)
                finally:
                    exchange.trace(step)
        finally:
            self._under_way -= 1
            if begun := scope.get("state", {}).get("begun"):
                begun()
            exchange.count(self._metrics)
            exchange.log()

    def _has_room(self, scope: Scope) -> bool:
        """Whether a question may come in: it is turned away here, before anybody asks who asks, where too many search.

        The question holds its place until it calls `begun` of the request's state, or ends.
        """
        if scope["path"] not in QUESTIONS:
            return True
        if not self._seats.has_room(self._arriving):
            return False
        self._arriving += 1

        state = scope.setdefault("state", {})

        def begun() -> None:
            if state.pop("begun", None) is not None:
                self._arriving -= 1

        state["begun"] = begun
        return True

    async def _pass(self, exchange: _Exchange, scope: Scope, receive: Receive) -> None:
        try:
            if self._under_way > MOST_AT_ONCE or not self._has_room(scope):
                await failures.overloaded()(scope, receive, exchange.send)
            elif sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEADER_BYTES:
                await failures.of_status(431)(scope, receive, exchange.send)
            else:
                await self._app(scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001
            # the last resort: whatever it was, the client gets no traceback and the log gets all of it
            await exchange.fail(error)


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._id = _given_id(scope) or uuid4().hex
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
        state: MutableMapping[str, Any] = self._scope.get("state", {})
        caller = state.get("caller")
        line = {
            "request": self._id,
            "method": self._scope["method"],
            "route": self._route,
            "status": self._status,
            "ms": round(1000 * self._seconds, 1),
            "organization": str(caller.organization_id) if caller else None,
            "key": str(caller.key_id) if caller and caller.key_id else None,
            "user": str(caller.user_id) if caller and caller.user_id else None,
        }
        access.info(json.dumps(line), extra={"fields": line})

    def count(self, metrics: Metrics) -> None:
        """Tell Prometheus; by the route, as addresses themselves are without number."""
        metrics.end(
            route=self._route or "none", method=self._known_method, status=self._status or LEFT, seconds=self._seconds
        )

    def trace(self, step: Step) -> None:
        """Name the span by the route, as it is known now."""
        step.rename(f"{self._known_method} {self._route or ''}".strip())
        step.set(http__route=self._route, http__response__status_code=self._status, millrace__request_id=self._id)
        if self._status is None or self._status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            step.fail(str(self._status or LEFT))

    @property
    def _route(self) -> str | None:
        path = getattr(self._scope.get("route"), "path", None)
        return path if isinstance(path, str) else None

    @property
    def _known_method(self) -> str:
        method = str(self._scope["method"])
        return method if method in METHODS else "OTHER"

    @property
    def _seconds(self) -> float:
        return perf_counter() - self._started

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        own = {name.lower() for name, _ in given}
        secured = {"Strict-Transport-Security": "max-age=31536000"} if self._scope["scheme"] == "https" else {}
        more = {"X-Request-Id": self._id, **HEADERS, **secured, **_limits(self._scope.get("state", {}))}
        return [*given, *((n.encode(), v.encode()) for n, v in more.items() if n.lower().encode() not in own)]


def _given_id(scope: Scope) -> str | None:
    """The id that the client, or a proxy before it, gave the request; None where it has none that may be logged."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if _ID.fullmatch(given) else None


def _told_headers(scope: Scope) -> dict[str, str]:
    """The headers that say of which trace this request is a part."""
    return {
        name.decode(): value.decode("latin-1")
        for name, value in scope["headers"]
        if name in (b"traceparent", b"tracestate")
    }


def _limits(state: MutableMapping[str, Any]) -> dict[str, str]:
    """What is left of the limit that is nearest to its end, as OpenAI tells it; nothing where none binds."""
    nearest = min(state.get("allowances") or (), key=lambda one: (one.left, -one.busy_s), default=None)
    if nearest is None:
        return {}
    return {
        "X-RateLimit-Limit-Requests": str(nearest.most),
        "X-RateLimit-Remaining-Requests": str(nearest.left),
        "X-RateLimit-Reset-Requests": _span(nearest.busy_s),
    }


def _span(seconds: float) -> str:
    """As OpenAI writes it: `1h2m3s`."""
    whole = math.ceil(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if whole >= 60 else "") + f"{whole % 60}s"


def _is_document(scope: Scope) -> bool:
    """Whether a document is pushed, or a part of one: only then may a body be long."""
    return _DOCUMENT.match(f"{scope['method']} {scope['path']}") is not None


def _declared_length(scope: Scope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0
