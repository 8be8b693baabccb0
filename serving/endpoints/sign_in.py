"""/sign-in and /sign-out: a person comes in with a browser by a link that works once, and leaves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Form, Header, Request, Response
from starlette.responses import FileResponse, RedirectResponse

from resources.identity import browser_sessions, sign_in_links
from serving import plotting
from serving.authentication import COOKIE, anyone, require_own_page, signed_in
from serving.failures import of_status
from serving.house import house_of
from serving.rendering import STATIC, page

_PROBLEM = "This link works no more: it was used, it is too old, or another one was made after it."
_NEXT = "millrace_next"
_LONGEST = 2000
_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FILES = {file.name: _TYPES[file.suffix] for file in STATIC.iterdir() if file.suffix in _TYPES}


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    public = [Depends(anyone)]
    app.get("/sign-in", include_in_schema=False, dependencies=public)(show_sign_in)
    app.post("/sign-in", include_in_schema=False, dependencies=public)(sign_in)
    app.post("/sign-out", include_in_schema=False, dependencies=public)(sign_out)
    app.get("/static/{name}", include_in_schema=False, dependencies=public)(get_static)


def show_sign_in(token: str = "", next: str = "", millrace_next: Annotated[str, Cookie()] = "") -> Response:
    """A button: programs that look at links before people do must not use them up.

    Which page somebody wanted is kept in a cookie too: the link that signs them in does not know it.
    """
    shown = page("sign_in.html", token=token, problem="", next=local(next or millrace_next))
    if next:
        shown.set_cookie(_NEXT, local(next), max_age=3600, path="/sign-in", httponly=True, samesite="lax")
    return shown


def local(address: str) -> str:
    """The address if it is one of a page of this server, written from its root; else the first page's."""
    is_local = address.startswith("/") and not address.startswith("//")
    is_plain = all(" " < character <= "~" and character != "\\" for character in address)
    return address if is_local and is_plain and len(address) <= _LONGEST else "/"


def sign_in(
    request: Request,
    token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
    user_agent: Annotated[str, Header()] = "",
) -> Response:
    """Let the person in whom the link was made for, to the page that they wanted."""
    require_own_page(request)
    cookie = sign_in_links.consume(house_of(request).database, token, browser=user_agent)
    if cookie is None:
        return page("sign_in.html", status=403, token="", problem=_PROBLEM, next="/")
    response = RedirectResponse(local(next), status_code=303)
    response.delete_cookie(_NEXT, path="/sign-in")
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
