"""Every failure as OpenAI says it, from one table. No traceback, no SQL, no path and no key goes into a body."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response

from resources.foundation.errors import Conflict, Misconfigured, Missing, Refused, TooMany, Unavailable
from resources.identity.allowances import LimitReached
from resources.knowledge.sources.partial_uploads import Torn
from serving.rendering import Frame, page
from serving.seats import Overloaded
from serving.wire import Failure, FailureBody

logger = logging.getLogger(__name__)

NO_REQUEST = "unknown"
REQUEST: ContextVar[str] = ContextVar("REQUEST", default=NO_REQUEST)
"""The id of the request that is being answered, by which what is logged of it is found."""

_HEADINGS = {
    400: "This address makes no sense here",
    403: "This is not yours to see",
    404: "There is nothing here",
    500: "The server failed",
    429: "Too often",
    503: "Not now",
}
_OF_PROGRAMS = ("/v1/", "/mcp", "/static/", "/openapi.json", "/metrics")
_FIELD = re.compile(r"[a-z_]+")
_KINDS = {"str", "int", "float", "bool", "body", "path", "query", "header", "none"}


class Forbidden(Exception):
    """The caller did not show who they are (401), or may not do this (403)."""

    def __init__(self, status: int, message: str, *, code: str | None, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.kind = kind


class Unreadable(HTTPException):
    """The body is not read, for a reason that HTTP has no number of its own for."""

    def __init__(self, message: str) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, message)


class UnknownModel(Missing):
    """No chatbot of the caller's organization bears this name; whether another organization's does is not told."""


@dataclass(frozen=True)
class _Told:
    """How a kind of error is told. `message` of None: the error's own words, which are meant for the person."""

    status: int
    type: str
    code: str | None
    message: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


_LATER = _Told(
    503, "server_error", "unavailable", "A part that is needed does not answer now. Try again later.",
    {"Retry-After": "5"},
)  # fmt: skip
_BROKEN = _Told(500, "server_error", "internal_error", "The server failed. The request's id is in the header.")
TABLE: Mapping[type[Exception], _Told] = {
    UnknownModel: _Told(404, "invalid_request_error", "model_not_found"),
    Missing: _Told(404, "invalid_request_error", "not_found"),
    Torn: _Told(460, "invalid_request_error", "checksum_mismatch"),  # as tus calls it
    Refused: _Told(400, "invalid_request_error", "refused"),
    Overloaded: _Told(503, "server_error", "overloaded"),
    TooMany: _Told(429, "requests", "rate_limit_exceeded"),
    Conflict: _Told(409, "invalid_request_error", "conflict"),
    Unavailable: _LATER,
    Misconfigured: _Told(
        503,
        "server_error",
        "misconfigured",
        "The server is not set up for this yet. Its operator finds why in its log, by the request's id.",
    ),
    psycopg.DataError: _Told(
        400,
        "invalid_request_error",
        "invalid_value",
        "A value cannot be kept: it is too large, or has a character that no text may have, such as NUL.",
    ),
    psycopg.OperationalError: _LATER,
    psycopg.Error: _BROKEN,
    Exception: _BROKEN,
}


def register(app: FastAPI) -> None:
    """Let the application tell all failures in this one way."""
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Forbidden, _forbidden)
    for kind in TABLE:
        if kind is not Exception:
            app.add_exception_handler(kind, _failed)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures of a route, for its description."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": Failure, "description": HTTPStatus(status).phrase} for status in statuses
    }
    return described | {"default": {"model": Failure, "description": "Every failure has this shape."}}


def told(error: Exception) -> tuple[int, FailureBody, Mapping[str, str]]:
    """The status, body and headers of an error; what is not meant for the asker goes to the log."""
    entry = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    if entry.message is not None:
        # the traceback belongs to faults of ours; for the rest its sentence says all
        logger.error(
            "request %s: %s: %s", REQUEST.get(), type(error).__name__, error,
            exc_info=error if entry is _BROKEN else None,
        )  # fmt: skip
    body = FailureBody(message=entry.message or _sentence(str(error)), type=entry.type, code=entry.code)
    later = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else {}
    return entry.status, body, {**entry.headers, **later}


def response(status: int, body: FailureBody, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A failure as an answer."""
    return JSONResponse(Failure(error=body).model_dump(), status_code=status, headers=dict(headers or {}))


def answer(asked: HTTPConnection, status: int, body: FailureBody, headers: Mapping[str, str] | None = None) -> Response:
    """A failure as whoever asked can read it: JSON for programs, a page for people, who may sign in where they must."""
    if not _is_for_people(asked):
        return response(status, body, headers)
    if status == HTTPStatus.UNAUTHORIZED:
        wanted = f"?next={quote(_wanted(asked), safe='')}" if asked.scope.get("method") == "GET" else ""
        return RedirectResponse(f"/sign-in{wanted}", status_code=HTTPStatus.SEE_OTHER)
    caller = getattr(asked.state, "caller", None)
    frame = Frame(user=caller.name, scopes=caller.scopes) if caller else Frame()
    shown = page(
        "failure.html", status=status, frame=frame, number=status, heading=_HEADINGS.get(status, "This did not work"),
        words=body.message, request_id=REQUEST.get() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "",
    )  # fmt: skip
    shown.headers.update(dict(headers or {}))
    return shown


def _wanted(asked: HTTPConnection) -> str:
    """The page that was asked for, from this server's root."""
    return quote(asked.scope["path"]) + (f"?{asked.url.query}" if asked.url.query else "")


def _is_for_people(asked: HTTPConnection) -> bool:
    """Whether a browser wants to show what is answered here; the addresses of the API speak to programs alone."""
    is_wanted = "text/html" in asked.headers.get("accept", "")
    return is_wanted and not asked.scope["path"].startswith(_OF_PROGRAMS)


async def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, LimitReached):
        request.state.allowances = [error.allowance]
    return answer(request, *told(error))


async def _forbidden(request: Request, error: Exception) -> Response:
    if not isinstance(error, Forbidden):
        raise error
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    return answer(request, error.status, FailureBody(message=str(error), type=error.kind, code=error.code), headers)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A failure that HTTP has a number for."""
    return response(status, _body_of(status), headers)


def overloaded() -> JSONResponse:
    """More requests are under way than the server can have."""
    status, body, headers = told(
        Overloaded("the server has more requests than it can answer: try again soon", retry_after_s=2)
    )
    return response(status, body, headers)


def _body_of(status: int) -> FailureBody:
    messages = {
        404: ("There is nothing at this address. The addresses are described at /docs.", "unknown_url"),
        405: ("This address does not know this method.", "method_not_allowed"),
        408: ("The request's body did not come in time.", "timeout"),
        413: ("The request's body is longer than is allowed.", "body_too_long"),
        431: ("The request's headers are longer than is allowed.", "headers_too_long"),
    }
    message, code = messages.get(status, ("The request could not be read.", "unreadable"))
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return FailureBody(message=message, type=kind, code=code)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    body = _body_of(error.status_code)
    if isinstance(error, Unreadable):
        body = FailureBody(message=error.detail, type="invalid_request_error", code="invalid_value")
    return answer(request, error.status_code, body, error.headers)


async def _misshapen(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    # of the several ways in which a value may be given, the one that was followed furthest was meant
    first = max(error.errors(), key=lambda found: len(_param(found["loc"]) or ""))
    if first["type"] == "json_invalid":
        message, param = "The body is not valid JSON.", None
    else:
        param = _param(first["loc"])
        said = _sentence(first["msg"].removeprefix("Value error, "))
        # what a model says of several fields together is said of the whole body
        of_body = said if first["type"] == "value_error" else "The body must be a JSON object."
        message = f"{said} (at {param})" if param else of_body
    body = FailureBody(message=message, type="invalid_request_error", param=param, code="invalid_value")
    return answer(request, HTTPStatus.BAD_REQUEST, body)


def _param(location: Sequence[str | int]) -> str | None:
    """`messages[0].content` of ('body', 'messages', 0, 'content', 'str')."""
    param = ""
    for step in location:
        if isinstance(step, int):
            param += f"[{step}]"
        elif _FIELD.fullmatch(step) and step not in _KINDS:
            param += f".{step}" if param else step
    return param or None


def _sentence(words: str) -> str:
    """The words with a capital and a full stop."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?", "!")) else ".")
