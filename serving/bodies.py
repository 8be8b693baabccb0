"""Bodies of requests as JSON: not too deep, and with no numbers that JSON does not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from serving.failures import Unreadable

DEEPEST = 32


class BoundedRoute(APIRoute):
    """A route whose bodies are read here."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As any route's, with a request that reads its body as this module says."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(_BoundedRequest(request.scope, request.receive))

        return bounded


class _BoundedRequest(Request):
    async def json(self) -> Any:
        """The body. Raises Unreadable for one that is too deep, JSONDecodeError for what is no JSON."""
        if not hasattr(self, "_json"):
            self._json = parsed(await self.body())
        return self._json


def parsed(body: bytes) -> Any:
    """What the body says; raises as `_BoundedRequest.json` does."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise _too_deep() from None
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return value
    raise _too_deep()


def _within(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no JSON", constant, 0)


def _too_deep() -> Unreadable:
    return Unreadable(f"A body may be nested {DEEPEST} deep, and this one is deeper.")
