"""GET /healthz and /readyz: whether the server lives, and whether it can answer."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request

from serving.authentication import anyone
from serving.failures import refusals
from serving.house import house_of
from serving.wire import Health


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/healthz", tags=["health"], summary="Does it live?", dependencies=[Depends(anyone)])(is_alive)
    app.get(
        "/readyz", tags=["health"], summary="Can it answer?", dependencies=[Depends(anyone)], responses=refusals(503)
    )(is_ready)


async def is_alive() -> Health:
    """The process answers, even while all threads wait for models."""
    return Health(status="ok")


def is_ready(request: Request) -> Health:
    """The database answers too; 503 where it does not."""
    with house_of(request).database.directory():
        return Health(status="ready")
