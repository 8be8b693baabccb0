"""Sources: make, change and remove them, ask for a sync, and see what became of it. /v1/sources"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request

from resources.bots import chatbots
from resources.foundation.errors import Misconfigured, Missing, Refused
from resources.foundation.statements import Connection
from resources.identity.records import Caller
from resources.knowledge import configuring, credentials, data_sources, reconciliation, training_jobs
from resources.knowledge.records import DataSource
from serving.authentication import Holder
from serving.endpoints.documents import source_named
from serving.failures import refusals
from serving.house import Desk, desk_of
from serving.wire_sources import (
    CredentialsBody,
    NewSource,
    SourceBody,
    SourceFields,
    SourceList,
    SyncBody,
    SyncList,
    source_body,
    sync_body,
)

MayManage = Annotated[Caller, Depends(Holder("manage"))]
_ONE = "/v1/sources/{source}"


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    about: dict[str, Any] = {"tags": ["sources"], "responses": refusals(400, 401, 403, 404, 409, 503)}
    app.get("/v1/sources", summary="List sources", **about)(list_sources)
    app.post("/v1/sources", summary="Make a source", status_code=201, **about)(create_source)
    app.get(_ONE, summary="One source, what it holds, and its latest sync", **about)(get_source)
    app.patch(_ONE, summary="Change a source", **about)(change_source)
    app.delete(_ONE, summary="Remove a source and its documents", status_code=204, **about)(remove_source)
    app.put(_ONE + "/credentials", summary="Set its credentials", status_code=204, **about)(set_credentials)
    app.post(_ONE + "/sync", summary="Ask for a sync", status_code=202, **about)(ask_for_sync)
    app.get(_ONE + "/syncs", summary="Its latest syncs", **about)(list_syncs)


def list_sources(request: Request, caller: MayManage) -> SourceList:
    """The sources of the organization by name."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        found = data_sources.select_all(connection, caller.organization_id)
    return SourceList(data=[source_body(source) for source in found])


def create_source(body: NewSource, request: Request, caller: MayManage) -> SourceBody:
    """Make a source, and let chatbots answer from it. It is synced by itself, unless `auto_sync` is false."""
    desk = desk_of(request)
    _require_reachable(desk, body.type)
    with _refusing(), desk.database.transaction(caller.organization_id) as connection:
        source = data_sources.create(
            connection, caller.organization_id, name=body.name, source_type=body.type, user_id=caller.user_id,
            config=configuring.checked(body.type, body.config or {}),
        )  # fmt: skip
        source = data_sources.replace(connection, caller.organization_id, _changed(source, body))
        for name in body.chatbots:
            bot = chatbots.find_by_name(connection, caller.organization_id, name)
            if bot is None:
                raise Missing(f"there is no chatbot {name!r}: GET /v1/models lists those there are")
            chatbots.attach_source(connection, caller.organization_id, bot.id, source.id)
        return _told(connection, source)


def get_source(source: str, request: Request, caller: MayManage) -> SourceBody:
    """One source: how it is synced, what it holds, and how its latest sync stands."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        return _told(connection, source_named(connection, caller, source))


def change_source(source: str, body: SourceFields, request: Request, caller: MayManage) -> SourceBody:
    """Change what is given; the rest stays."""
    desk = desk_of(request)
    with _refusing(), desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        if body.config is not None:
            _require_reachable(desk, known.source_type)
            known = replace(known, config=configuring.checked(known.source_type, body.config))
        return _told(connection, data_sources.replace(connection, caller.organization_id, _changed(known, body)))


def remove_source(source: str, request: Request, caller: MayManage) -> None:
    """Remove a source: nothing finds its documents from then on."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        data_sources.remove(connection, caller.organization_id, known.id)


def set_credentials(source: str, body: CredentialsBody, request: Request, caller: MayManage) -> None:
    """Seal these credentials for the source, in place of any there were; an empty object removes them."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        _require_reachable(desk, known.source_type)
        credentials.replace(connection, caller.organization_id, known.id, body.values, keyring=desk.keyring)


def ask_for_sync(source: str, request: Request, caller: MayManage) -> SyncBody:
    """Ask for a sync as soon as there is time, whatever the schedule says. One that waits already is that one."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        job_id = training_jobs.queue(connection, caller.organization_id, known.id)
        return sync_body(training_jobs.get(connection, caller.organization_id, job_id))


def list_syncs(
    source: str, request: Request, caller: MayManage, limit: Annotated[int, Query(ge=1, le=500)] = 20
) -> SyncList:
    """The latest syncs of a source, newest first."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        found = training_jobs.select_latest(connection, caller.organization_id, source_id=known.id, at_most=limit)
    return SyncList(data=[sync_body(job) for job in found])


def _told(connection: Connection, source: DataSource) -> SourceBody:
    whose = source.organization_id
    latest = training_jobs.select_latest(connection, whose, source_id=source.id, at_most=1)
    return source_body(source, reconciliation.get(connection, whose, source.id), latest[0] if latest else None)


def _changed(source: DataSource, body: SourceFields) -> DataSource:
    """The source with what the body says."""
    given: Mapping[str, object] = body.model_dump(
        exclude_none=True, exclude={"name", "type", "config", "chatbots", "is_paused"}
    )
    changed = replace(source, **given)  # type: ignore[arg-type]
    if body.cron == "":
        changed = replace(changed, cron=None)
    if body.is_paused is not None and body.is_paused != (source.status == "inactive"):
        changed = replace(changed, status="inactive" if body.is_paused else "active")
    return changed


def _require_reachable(desk: Desk, source_type: str) -> None:
    """What lies in this machine or its network is the operator's to open: a key of the API opens no door to it."""
    if source_type not in desk.source_types:
        allowed = ", ".join(sorted(desk.source_types))
        raise Refused(
            f"sources of type {source_type!r} are made and changed by the operator of this installation, with "
            f"'millrace source'; by the API those of type {allowed} (MILLRACE_API_SOURCE_TYPES says which)"
        )


@contextmanager
def _refusing() -> Iterator[None]:
    """A configuration that makes no sense is a fault of the request here, not of the server."""
    try:
        yield
    except Misconfigured as error:
        raise Refused(str(error)) from error
