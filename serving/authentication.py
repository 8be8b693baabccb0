"""Who is asking, and may they? Every route declares its permission; one that does not is not served.

A program shows a key, a browser the cookie of somebody who signed in. A key wins where both are shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from time import monotonic
from typing import Annotated

from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.routing import BaseRoute

from resources.foundation.errors import Misconfigured
from resources.identity import allowances, api_keys, browser_sessions
from resources.identity.allowances import Allowance
from resources.identity.records import Caller, Scope
from serving.failures import Forbidden
from serving.house import House, house_of

COOKIE = "millrace_session"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_bearer = HTTPBearer(auto_error=False, description="A key made with `millrace key create`.")
_TOUCH_SECONDS = 60.0
_touched: dict[object, float] = {}


class Holder:
    """The permission of a route: a valid key, or somebody signed in, with this scope. As a dependency: the caller.

    `counts`: what is asked there costs something, and counts against the limits of the key or the person.
    """

    def __init__(self, scope: Scope, *, counts: bool = False) -> None:
        self.scope = scope
        self.counts = counts

    def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Caller:
        """The caller. Raises Forbidden: 401 for nobody, 403 without the scope, or from a page of another server.

        Raises LimitReached where they have asked as often as they may.
        """
        house = house_of(request)
        caller = _signed_in(house, request) if credentials is None else _caller(house, credentials.credentials)
        if caller is None:
            raise Forbidden(
                HTTPStatus.UNAUTHORIZED,
                "You sent no API key. Send it in the header Authorization, as 'Bearer' and the key.",
                code="missing_api_key",
            )
        if self.scope not in caller.scopes:
            remedy = "Make one that has it." if caller.key_id else "An administrator can give you another role."
            whose = "This key has" if caller.key_id else "You have"
            raise Forbidden(
                HTTPStatus.FORBIDDEN, f"{whose} not the scope {self.scope!r}. {remedy}",
                code="insufficient_permissions", kind="permission_error",
            )  # fmt: skip
        request.state.caller = caller
        if self.counts:
            request.state.allowances = count(house, caller)
        _touch(house, caller)
        return caller


async def anyone() -> None:
    """The permission of a route that tells nothing of any organization. It needs no thread, even where all wait."""


def declared(route: BaseRoute) -> list[Holder | object]:
    """The permissions that a route declares."""
    return list(_permissions(route.dependant)) if isinstance(route, APIRoute) else []


def require_declared(routes: Iterable[BaseRoute]) -> None:
    """Raise Misconfigured unless each route declares exactly one permission."""
    for route in routes:
        if len(declared(route)) != 1:
            path = getattr(route, "path", route)
            raise Misconfigured(f"the route {path} declares no permission: give it Holder(scope) or anyone")


def _permissions(dependant: Dependant) -> Iterable[object]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Holder) or dependency.call is anyone:
            yield dependency.call


def signed_in(request: Request) -> Caller | None:
    """Who is signed in with this browser, for pages that show something else to others; None for nobody."""
    return _signed_in(house_of(request), request)


def require_own_page(request: Request) -> None:
    """Raise Forbidden where a page of another server made the browser send this; cookies go along all the same."""
    if request.method not in _READING and not _is_from_own_page(request):
        raise Forbidden(
            HTTPStatus.FORBIDDEN, "A page of another server sent this. Do it on a page of this one.",
            code="cross_site_request", kind="permission_error",
        )  # fmt: skip


def _is_from_own_page(request: Request) -> bool:
    """Whether the browser says so. Of forms it tells no origin where pages tell no referrer, as those here do."""
    origin = request.headers.get("origin", "")
    if origin == "null":
        return request.headers.get("sec-fetch-site") == "same-origin"
    return origin.partition("://")[2] == request.headers.get("host")


def _signed_in(house: House, request: Request) -> Caller | None:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    with house.database.look_up() as connection:
        caller = browser_sessions.holder(connection, cookie)
    if caller is not None:
        require_own_page(request)
    return caller


def _caller(house: House, key: str) -> Caller:
    with house.database.look_up() as connection:
        caller = api_keys.holder(connection, key)
    if caller is None:
        raise Forbidden(
            HTTPStatus.UNAUTHORIZED, "This API key is not valid: unknown, revoked or expired.", code="invalid_api_key"
        )
    return caller


def count(house: House, caller: Caller) -> list[Allowance]:
    """Count a question against the limits of whoever asks, before it costs anything; what is left of them."""
    subject_id = caller.key_id or caller.user_id
    if subject_id is None:
        return []
    limits = allowances.limits(
        subject_id, per_hour=caller.rate_limit_per_hour, per_day=caller.rate_limit_per_day,
        whose="this key" if caller.key_id else "you",
    )  # fmt: skip
    if not limits:
        return []
    with house.database.transaction(caller.organization_id) as connection:
        return allowances.take(connection, caller.organization_id, limits)


def _touch(house: House, caller: Caller) -> None:
    """Remember that the key or session was used; the database is asked once a minute at most."""
    now = monotonic()
    shown = caller.key_id or caller.browser_session_id
    if shown is None or now - _touched.get(shown, -_TOUCH_SECONDS) < _TOUCH_SECONDS:
        return
    _touched[shown] = now
    remember = api_keys.touch if caller.key_id else browser_sessions.touch
    with house.database.exchange(caller.organization_id) as connection:
        remember(connection, caller.organization_id, shown)
