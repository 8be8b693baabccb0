"""/analytics/gaps/topics/{id}: a topic that gets no good answers, with its questions and what lies nearest to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from resources.analytics import exports, question_clusters
from resources.analytics.pages import gaps
from resources.analytics.panels import look_at
from resources.analytics.records import Panel
from resources.foundation.errors import Missing
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.endpoints.analytics_pages import Wanted, around, rendered
from serving.house import house_of
from serving.identifying import identified

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/analytics/gaps/topics/{topic}", include_in_schema=False)(show_topic)
    app.get("/analytics/gaps/topics/{topic}/{panel}.csv", include_in_schema=False)(download_topic_csv)
    app.get("/analytics/gaps/topics/{topic}/{panel}.parquet", include_in_schema=False)(download_topic_parquet)


def show_topic(topic: str, request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
    """A topic in full."""
    id = identified(topic, question_clusters.missing)
    with house_of(request).database.transaction(caller.organization_id) as connection:
        cluster, panels = gaps.topic(look_at(connection, caller.organization_id, filter), id)
        known = around(connection, caller, filter, "gaps", request)
    said = gaps.SAID[cluster.standing]
    return rendered("topic.html", known | {"cluster": cluster, "said": said, "panels": panels})


def download_topic_csv(topic: str, panel: str, request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
    """A table of a topic for spreadsheets."""
    found = _panel(topic, panel, request, caller, filter)
    return Response(exports.csv_of(found.table), media_type="text/csv; charset=utf-8", headers=_named(panel, "csv"))


def download_topic_parquet(topic: str, panel: str, request: Request, caller: MayAnalyze, filter: Wanted) -> Response:
    """A table of a topic for programs."""
    found = _panel(topic, panel, request, caller, filter)
    return Response(
        exports.parquet_of(found.table), media_type="application/vnd.apache.parquet", headers=_named(panel, "parquet")
    )


def _panel(topic: str, panel: str, request: Request, caller: Caller, filter: Wanted) -> Panel:
    id = identified(topic, question_clusters.missing)
    with house_of(request).database.transaction(caller.organization_id) as connection:
        _, panels = gaps.topic(look_at(connection, caller.organization_id, filter), id)
    for one in panels:
        if one.key == panel:
            return one
    raise Missing(f"a topic has no table {panel!r}; it has: {', '.join(one.key for one in panels)}")


def _named(panel: str, kind: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="topic-{panel}.{kind}"'}
