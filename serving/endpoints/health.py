"""GET /healthz, /readyz and /metrics: whether the server lives, whether it can answer, and what it has to do."""

from __future__ import annotations

import psycopg
from fastapi import Depends, FastAPI, Header, Request, Response

from resources.foundation.errors import Misconfigured, Unavailable
from resources.identity import api_keys, tokens
from serving.authentication import Holder, anyone
from serving.failures import refusals
from serving.house import house_of
from serving.metrics import Metrics
from serving.wire import Health


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/healthz", tags=["health"], summary="Does it live?", dependencies=[Depends(anyone)])(is_alive)
    app.get(
        "/readyz", tags=["health"], summary="Can it answer?", dependencies=[Depends(anyone)], responses=refusals(503)
    )(is_ready)
    # what it tells is of all organizations together: the operator may open it to a collector that has no key
    may_watch = anyone if app.state.house.are_metrics_open else Holder("administer")
    app.get("/metrics", include_in_schema=False, dependencies=[Depends(may_watch)])(tell_metrics)


async def is_alive() -> Health:
    """The process answers, even while all threads wait for models."""
    return Health(status="ok")


def is_ready(request: Request) -> Health:
    """The database answers, its schema is this program's, and the models are loaded; 503 where that is not so."""
    house = house_of(request)
    try:
        with house.database.directory() as connection:
            api_keys.holder(connection, api_keys.PREFIX + tokens.new().text)
    except psycopg.ProgrammingError as error:
        raise Misconfigured(
            f"the database has another schema than this program: run 'millrace migrate' ({error})"
        ) from None
    if not house.is_warm.is_set():
        raise Unavailable("the models are being loaded")
    return Health(status="ready")


def tell_metrics(request: Request, accept: str = Header("")) -> Response:
    """All counts, in the format of Prometheus or OpenMetrics."""
    metrics: Metrics = request.app.state.metrics
    content, media_type = metrics.told(accept)
    return Response(content, headers={"Content-Type": media_type})
