"""Who is asking, and may they? Every route declares its permission; one that does not is not served."""

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
from resources.identity import api_keys
from resources.identity.records import Caller, Scope
from serving.failures import Forbidden
from serving.house import House, house_of

_bearer = HTTPBearer(auto_error=False, description="A key made with `millrace key create`.")
_TOUCH_SECONDS = 60.0
_touched: dict[object, float] = {}


class Holder:
    """The permission of a route: a valid key that has this scope. As a dependency it gives the caller."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
    ) -> Caller:
        """The caller. Raises Forbidden: 401 without a valid key, 403 without the scope."""
        house = house_of(request)
        caller = _caller(house, credentials.credentials if credentials else "")
        if self.scope not in caller.scopes:
            raise Forbidden(
                HTTPStatus.FORBIDDEN, f"This key has not the scope {self.scope!r}. Make one that has it.",
                code="insufficient_permissions", kind="permission_error",
            )  # fmt: skip
        _touch(house, caller)
        request.state.caller = caller
        return caller


def anyone() -> None:
    """The permission of a route that tells nothing of any organization."""


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


def _caller(house: House, key: str) -> Caller:
    if not key:
        raise Forbidden(
            HTTPStatus.UNAUTHORIZED,
            "You sent no API key. Send it in the header Authorization, as 'Bearer' and the key.",
            code="missing_api_key",
        )
    with house.database.directory() as connection:
        caller = api_keys.holder(connection, key)
    if caller is None:
        raise Forbidden(
            HTTPStatus.UNAUTHORIZED, "This API key is not valid: unknown, revoked or expired.", code="invalid_api_key"
        )
    return caller


def _touch(house: House, caller: Caller) -> None:
    """Remember that the key was used; the database is asked once a minute at most."""
    now = monotonic()
    if now - _touched.get(caller.key_id, -_TOUCH_SECONDS) < _TOUCH_SECONDS:
        return
    _touched[caller.key_id] = now
    with house.database.transaction(caller.organization_id) as connection:
        api_keys.touch(connection, caller.organization_id, caller.key_id)
