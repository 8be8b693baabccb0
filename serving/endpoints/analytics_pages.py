"""/analytics: how well it answers, why, and what to do about it, in pages whose filter is part of their address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response

from resources.analytics import choices, exports
from resources.analytics.addressing import page_address, query_of
from resources.analytics.pages import PAGES
from resources.analytics.panels import Page, look_at
from resources.analytics.records import Choice, Filter, Panel
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.identity.records import Caller
from serving import plotting
from serving.authentication import Holder
from serving.endpoints.analytics import wanted as spanning
from serving.endpoints.pages import frame_of
from serving.house import house_of
from serving.rendering import page

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
Field = Annotated[str, Query(max_length=200)]
PERIODS = {"1": "today so far", "7": "last 7 days", "30": "last 30 days", "90": "last 90 days", "365": "last year"}
USUAL = "7"


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    for key, found in PAGES.items():
        path = "/analytics" if key == "overview" else f"/analytics/{key}"
        app.get(path, include_in_schema=False, name=f"show_analytics_{key}")(_shows(found))
    app.get("/analytics/{page}/{panel}.csv", include_in_schema=False)(download_csv)
    app.get("/analytics/{page}/{panel}.parquet", include_in_schema=False)(download_parquet)


def wanted(
    period: Field = "", since: Field = "", until: Field = "", chatbot: Field = "", agent: Field = "",
    configuration: Field = "", model: Field = "", source: Field = "", tag: Field = "", language: Field = "",
) -> Filter:  # fmt: skip
    """Which questions are counted, as a form says it: a field that is left empty asks for nothing."""
    if period not in ("", *PERIODS):
        raise Refused(f"there is no period {period!r}; there are: {', '.join(PERIODS)} days, or since and until")
    number = int(configuration) if configuration.isdecimal() and len(configuration) < 10 else None
    if configuration and not number:
        raise Refused(f"a configuration is named by its number, not {configuration!r}")
    today = datetime.now(UTC).date()
    named = [_text(one) or None for one in (chatbot, agent, model, source, tag, language)]
    if period or not (since or until):
        first = today if period == "1" else today - timedelta(days=int(period or USUAL))
        days: tuple[date | None, date | None] = (first, today + timedelta(days=1) if period == "1" else today)
    else:
        days = (_day(since), _day(until))
    return spanning(days[0], days[1], named[0], named[1], number, *named[2:])


Wanted = Annotated[Filter, Depends(wanted)]


def show(request: Request, caller: Caller, filter: Filter, found: Page) -> Response:
    """A page with its panels."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        look = look_at(connection, caller.organization_id, filter)
        panels = [make(look) for make in found.panels.values()]
        known = around(connection, caller, filter, found.key, request)
    return rendered("analytics.html", known | {"page": found, "panels": panels})


def around(connection: Connection, caller: Caller, filter: Filter, key: str, request: Request) -> dict[str, object]:
    """What stands around the panels of every page: the frame, the pages beside it, and the bar of filters."""
    there = choices.select_all(connection, caller.organization_id)
    return {
        "frame": frame_of(connection, caller, "/analytics"), "here": key, "filter": filter, "query": query_of(filter),
        "pages": [(one.key, one.title, page_address(one.key, filter)) for one in PAGES.values()],
        "periods": PERIODS, "period": _period(request, filter), "choices": _by_kind(there), "plotly": plotting,
    }  # fmt: skip


def rendered(template: str, values: dict[str, object]) -> Response:
    """The page that a template makes of what stands around it and what is its own."""
    return page(template, status=200, **values)


def download_csv(page: str, panel: str, request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
    """The table of a panel for spreadsheets."""
    found = _panel(page, panel, request, caller, filter)
    return Response(
        exports.csv_of(found.table), media_type="text/csv; charset=utf-8", headers=_named(page, panel, "csv")
    )


def download_parquet(page: str, panel: str, request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
    """The table of a panel for programs."""
    found = _panel(page, panel, request, caller, filter)
    return Response(
        exports.parquet_of(found.table), media_type="application/vnd.apache.parquet",
        headers=_named(page, panel, "parquet"),
    )  # fmt: skip


def _shows(found: Page) -> Callable[..., Response]:
    def show_page(request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
        return show(request, caller, filter, found)

    return show_page


def _panel(page: str, panel: str, request: Request, caller: Caller, filter: Filter) -> Panel:
    make = PAGES[page].panels.get(panel) if page in PAGES else None
    if make is None:
        raise Missing(f"there is no table {panel!r} on a page {page!r} of analytics")
    with house_of(request).database.transaction(caller.organization_id) as connection:
        return make(look_at(connection, caller.organization_id, filter))


def _named(page: str, panel: str, kind: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{page}-{panel}.{kind}"'}


def _by_kind(there: list[Choice]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        kind: [] for kind in ("chatbot", "agent", "configuration", "model", "source", "tag", "language")
    }
    for choice in there:
        found[choice.kind].append(choice.name)
    found["configuration"].sort(key=int)
    return found


def _period(request: Request, filter: Filter) -> str:
    """Which of the periods is shown; none where days were named."""
    asked = request.query_params
    return asked.get("period") or ("" if asked.get("since") or asked.get("until") else USUAL)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"{text!r} is no day; write it as 2026-11-22") from None


def _text(words: str) -> str:
    """PostgreSQL takes no NUL in a text, and no name has one."""
    return words.replace("\0", "\ufffd")
