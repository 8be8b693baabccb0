"""/sign-in and /sign-out: a person comes in with a browser by a link that works once, and leaves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Form, Header, Request, Response
from starlette.responses import FileResponse, RedirectResponse

from resources.identity import browser_sessions, sign_in_links
from serving import plotting
from serving.authentication import COOKIE, anyone, require_own_page, signed_in
from serving.failures import of_status
from serving.house import house_of
from serving.rendering import STATIC, page

_PROBLEM = "This link works no more: it was used, it is too old, or another one was made after it."
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FILES = {file.name: _TYPES[file.suffix] for file in STATIC.iterdir() if file.suffix in _TYPES}


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    public = [Depends(anyone)]
    app.get("/sign-in", include_in_schema=False, dependencies=public)(show_sign_in)
    app.post("/sign-in", include_in_schema=False, dependencies=public)(sign_in)
    app.post("/sign-out", include_in_schema=False, dependencies=public)(sign_out)
    app.get("/static/{name}", include_in_schema=False, dependencies=public)(get_static)


def show_sign_in(token: str = "") -> Response:
    """A button: programs that look at links before people do must not use them up."""
    return page("sign_in.html", token=token, problem="")


def sign_in(
    request: Request, token: Annotated[str, Form()] = "", user_agent: Annotated[str, Header()] = ""
) -> Response:
    """Let the person in whom the link was made for."""
    require_own_page(request)
    cookie = sign_in_links.consume(house_of(request).database, token, browser=user_agent)
    if cookie is None:
        return page("sign_in.html", status=403, token="", problem=_PROBLEM)
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE, cookie, max_age=int(browser_sessions.LASTS.total_seconds()), httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


def sign_out(request: Request) -> Response:
    """End the session of this browser, also for whoever has a copy of its cookie."""
    caller = signed_in(request)
    if caller is not None and caller.browser_session_id is not None:
        with house_of(request).database.transaction(caller.organization_id) as connection:
            browser_sessions.end(connection, caller.organization_id, caller.browser_session_id)
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE)
    return response


def get_static(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A file that pages need, and no other."""
    if name == plotting.NAME:
        return plotting.script(accept_encoding)
    if name not in _FILES:
        return of_status(404)
    return FileResponse(STATIC / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})
