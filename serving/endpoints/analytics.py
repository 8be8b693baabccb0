"""GET /v1/analytics/…: metrics with their intervals, what changed and where it comes from, and the views as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import TextIOWrapper
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from resources.analytics import choices, exports, overviews, views
from resources.analytics.defining import METRICS
from resources.analytics.records import (
    Choice,
    Definition,
    Dimension,
    Each,
    Filter,
    Group,
    Overview,
    Table,
    ViewColumn,
)
from resources.foundation.errors import Refused
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.failures import refusals
from serving.house import house_of
from serving.wire_managing import Words

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
Format = Annotated[Literal["json", "csv"], Query(description="csv for spreadsheets.")]
Named = Annotated[Words | None, Field(max_length=200)]
_USUAL_DAYS = 7
_LONGEST_DAYS = 400
_ROWS = 1_000
_MOST_WRITTEN = 5_000_000
_IN_MEMORY = 2**20
_SENT = 2**16


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    about: dict[str, Any] = {"tags": ["analytics"], "responses": refusals(400, 401, 403, 404, 429, 500, 503)}
    tables: dict[str, Any] = {**about, "responses": {**about["responses"], 200: {"content": {"text/csv": {}}}}}
    app.get("/v1/analytics/overview", summary="What changed, and where to look", **about)(overview)
    app.get("/v1/analytics/series", summary="Metrics over time", response_model=list[Group], **tables)(series)
    app.get("/v1/analytics/breakdown", summary="Metrics of parts", response_model=list[Group], **tables)(breakdown)
    app.get("/v1/analytics/definitions", summary="What the metrics mean", **about)(definitions)
    app.get("/v1/analytics/choices", summary="What filters may name", **about)(list_choices)
    app.get("/v1/analytics/views", summary="What the views hold", **about)(describe)
    app.get("/v1/analytics/views/{name}", summary="Rows of a view", response_model=Table, **tables)(rows)


def wanted(
    since: Annotated[
        date | None, Query(description="The first day, of UTC; seven days before the end unless said.")
    ] = None,
    until: Annotated[date | None, Query(description="The day after the last; today unless said.")] = None,
    chatbot: Named = None,
    agent: Named = None,
    configuration: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Its number.")] = None,
    model: Named = None,
    source: Named = None,
    tag: Named = None,
    language: Named = None,
) -> Filter:
    """Which questions are counted: those of these days, and of what is named."""
    end = until or datetime.now(UTC).date()
    # so far back that the days before it are days as well
    if end < date(1971, 1, 1):
        raise Refused("until is too early: the days before it are counted too; name a day since 1971")
    first = since or end - timedelta(days=_USUAL_DAYS)
    if not timedelta(days=1) <= end - first <= timedelta(days=_LONGEST_DAYS):
        raise Refused(f"since must be 1 to {_LONGEST_DAYS} days before until")
    return Filter(first, end, chatbot, agent, configuration, model, source, tag, language)


Wanted = Annotated[Filter, Depends(wanted)]


def overview(request: Request, caller: MayAnalyze, filter: Wanted) -> Overview:
    """The days against as many before them: every metric with n and a 95 % interval, what changed beyond chance and the
    parts that the change comes from; and which sources are out of date."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        return overviews.get(connection, caller.organization_id, filter)


def series(
    request: Request,
    caller: MayAnalyze,
    filter: Wanted,
    each: Each = "day",
    by: Dimension | None = None,
    format: Format = "json",
) -> Any:
    """Every metric of each day, week (from Monday) or month, as a whole or of each part."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        groups = overviews.series(connection, caller.organization_id, filter, each=each, by=by)
    return groups if format == "json" else _as_csv(exports.table_of("series", groups))


def breakdown(request: Request, caller: MayAnalyze, filter: Wanted, by: Dimension, format: Format = "json") -> Any:
    """Every metric of each part, side by side."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        groups = overviews.breakdown(connection, caller.organization_id, filter, by=by)
    return groups if format == "json" else _as_csv(exports.table_of(f"by_{by}", groups))


def definitions(caller: MayAnalyze) -> list[Definition]:
    """What each metric means, which way is better, and where to look when it changes."""
    return list(METRICS.values())


def list_choices(request: Request, caller: MayAnalyze) -> list[Choice]:
    """The chatbots, agents, configurations, models, sources, tags and languages that there are."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        return choices.select_all(connection, caller.organization_id)


def describe(request: Request, caller: MayAnalyze) -> list[ViewColumn]:
    """The views of the schema analytics, with an example of SQL each, and what their columns mean."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        return views.describe(connection)


def rows(
    name: str,
    request: Request,
    caller: MayAnalyze,
    filter: Wanted,
    limit: Annotated[
        int, Query(ge=1, le=_MOST_WRITTEN, description=f"At most {views.MOST_ROWS:,} as json; a year fits into csv.")
    ] = _ROWS,
    format: Format = "json",
) -> Any:
    """Rows of a view, of the filter's days, chatbot or source where the view tells them apart."""
    if format == "json" and limit > views.MOST_ROWS:
        raise Refused(f"at most {views.MOST_ROWS:,} rows are told as json; ask for format=csv")
    with house_of(request).database.transaction(caller.organization_id) as connection:
        choices.require(connection, caller.organization_id, filter)
        if format == "json":
            return views.select_rows(connection, caller.organization_id, name, filter, at_most=limit)
        with views.read(connection, caller.organization_id, name, filter) as (columns, found):
            return _sent(name, columns, islice(found, limit))


def _as_csv(table: Table) -> Response:
    return _sent(table.name, table.columns, table.rows)


def _sent(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A file to take away: written first, so that no connection waits for whoever fetches it."""
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    exports.write_csv(columns, rows, text)
    text.flush()
    text.detach()
    file.seek(0)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(
        iter(partial(file.read, _SENT), b""), media_type="text/csv; charset=utf-8", headers=headers,
        background=BackgroundTask(file.close),
    )  # fmt: skip
