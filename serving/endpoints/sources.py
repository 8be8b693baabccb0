"""Sources: make, change and remove them, ask for a sync, and see what became of it. /v1/sources"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from pydantic import Field

from resources.bots import chatbots
from resources.foundation.errors import Misconfigured, Missing, Refused
from resources.identity.records import Caller
from resources.knowledge.connectors import configuring, credentials
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources, reconciliation, tags, training_jobs
from serving import collections
from serving.authentication import Holder
from serving.collections import Collection, Listed, Made, Named, Page, Work, by_id, by_id_or_name, given, listed, record
from serving.endpoints.documents import source_named
from serving.failures import refusals
from serving.house import Desk, desk_of
from serving.wire_managing import Words
from serving.wire_sources import (
    CredentialsBody,
    Kind,
    NewSource,
    SourceBody,
    SourceFields,
    SyncBody,
    source_body,
    sync_body,
)

MayManage = Annotated[Caller, Depends(Holder("manage"))]
_ONE = "/v1/sources/{source}"


class SourcePage(Named):
    """A page of sources."""

    type: Kind | None = None
    tag: Annotated[Words | None, Field(max_length=100, description="Those that bear this tag.")] = None


class SyncPage(Page):
    """A page of syncs."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50


class SyncList(Listed[SyncBody]):
    """A page of syncs, the latest first."""


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, SOURCES)
    about: dict[str, Any] = {"tags": ["sources"], "responses": refusals(400, 401, 403, 404, 409, 503)}
    app.put(_ONE + "/credentials", summary="Set its credentials", status_code=204, **about)(set_credentials)
    app.post(_ONE + "/sync", summary="Ask for a sync", status_code=202, **about)(ask_for_sync)
    app.get(_ONE + "/syncs", summary="Its latest syncs", **about)(list_syncs)


def set_credentials(source: str, body: CredentialsBody, request: Request, caller: MayManage) -> None:
    """Seal these credentials for the source, in place of any there were; an empty object removes them."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        _require_reachable(desk, known.source_type)
        credentials.replace(connection, caller.organization_id, known.id, body.values, keyring=desk.keyring)
        record(Work(connection, caller, desk), "set_credentials", "source", known.id, sorted(body.values))


def ask_for_sync(source: str, request: Request, caller: MayManage) -> SyncBody:
    """Ask for a sync as soon as there is time, whatever the schedule says. One that waits already is that one."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        job_id = training_jobs.queue(connection, caller.organization_id, known.id)
        record(Work(connection, caller, desk_of(request)), "sync", "source", known.id)
        return sync_body(training_jobs.get(connection, caller.organization_id, job_id))


def list_syncs(source: str, request: Request, caller: MayManage, page: Annotated[SyncPage, Query()]) -> SyncList:
    """The latest syncs of a source, newest first."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        last = _get_sync(Work(connection, caller, desk_of(request)), page.after) if page.after else None
        found = training_jobs.select_latest(
            connection, caller.organization_id, source_id=known.id, after=last.id if last else None,
            at_most=page.limit + 1,
        )  # fmt: skip
    return listed(SyncList, found, page.limit, tell=sync_body)


_get_sync = by_id(training_jobs.get, "sync", "/v1/sources/{source}/syncs")


def _select(work: Work, page: SourcePage) -> list[DataSource]:
    return [
        source
        for source in data_sources.select_all(work.connection, work.organization_id)
        if page.type in (None, source.source_type) and (page.tag is None or page.tag in _tags(work, source))
    ]


def _create(work: Work, body: NewSource) -> Made[DataSource]:
    """It is synced by itself, unless `auto_sync` is false; chatbots answer from it that are named."""
    _require_reachable(work.desk, body.type)
    with _refusing():
        source = data_sources.create(
            work.connection, work.organization_id, name=body.name, source_type=body.type, user_id=work.caller.user_id,
            config=configuring.checked(body.type, body.config or {}),
        )  # fmt: skip
        source = _kept(work, source, body)
    for name in body.chatbots:
        bot = chatbots.find_by_name(work.connection, work.organization_id, name)
        if bot is None:
            raise Missing(f"there is no chatbot {name!r}: GET /v1/chatbots lists those there are")
        chatbots.attach_source(work.connection, work.organization_id, bot.id, source.id)
    return Made(source)


def _change(work: Work, source: DataSource, body: SourceFields) -> DataSource:
    with _refusing():
        if body.config is not None:
            _require_reachable(work.desk, source.source_type)
            source = replace(source, config=configuring.checked(source.source_type, body.config))
        return _kept(work, source, body)


def _remove(work: Work, source: DataSource) -> None:
    """Nothing finds its documents from then on."""
    data_sources.remove(work.connection, work.organization_id, source.id)


def _briefly(work: Work, source: DataSource) -> SourceBody:
    return source_body(source, _tags(work, source))


def _told(work: Work, source: DataSource) -> SourceBody:
    whose = work.organization_id
    latest = training_jobs.select_latest(work.connection, whose, source_id=source.id, at_most=1)
    held = reconciliation.get_held(work.connection, whose, source.id)
    return source_body(source, _tags(work, source), held, latest[0] if latest else None)


def _tags(work: Work, source: DataSource) -> list[str]:
    return [tag.name for tag in tags.select_of_source(work.connection, work.organization_id, source.id)]


def _kept(work: Work, source: DataSource, body: SourceFields) -> DataSource:
    """The source with what the body says."""
    values = given(body)
    if "retention_days" in values:
        data_sources.set_retention_days(work.connection, work.organization_id, source.id, values["retention_days"])
    if values.get("tags") is not None:
        tags.set_of_source(work.connection, work.organization_id, source.id, values["tags"])
    elsewhere = {"name", "type", "config", "chatbots", "is_paused", "retention_days", "tags"}
    said = {name: value for name, value in values.items() if name not in elsewhere and value is not None}
    changed = replace(source, **said)
    if body.cron == "":
        changed = replace(changed, cron=None)
    if body.is_paused is not None and body.is_paused != (source.status == "inactive"):
        changed = replace(changed, status="inactive" if body.is_paused else "active")
    return data_sources.replace(work.connection, work.organization_id, changed)


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


SOURCES = Collection(
    name="sources", noun="source", scope="manage", body=SourceBody, told=_told, briefly=_briefly, select=_select,
    get=by_id_or_name(data_sources.select_all, "source", "/v1/sources"), page=SourcePage, new=NewSource,
    create=_create, changes=SourceFields, change=_change, remove=_remove, param="source",
    passing=frozenset({"last_sync", "holds", "latest_sync"}),
)  # fmt: skip
