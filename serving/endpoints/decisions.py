"""What waits for somebody's word: deletions that were too many, and documents that fail. /v1/deletions, /v1/failures"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request

from resources.foundation.errors import Missing
from resources.identity.records import Caller
from resources.knowledge import data_sources, deletions, sync_failures
from serving.authentication import Holder
from serving.collections import Work, record
from serving.endpoints.documents import source_named
from serving.failures import refusals
from serving.house import desk_of
from serving.wire_sources import (
    Decided,
    DeletionBatchBody,
    DeletionBatchList,
    SyncFailureList,
    batch_body,
    failure_body,
)

MayManage = Annotated[Caller, Depends(Holder("manage"))]
Status = Literal["waiting", "approved", "rejected", "outdated"]
State = Literal["retrying", "parked", "ignored"]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    told = refusals(400, 401, 403, 404, 409, 503)
    waiting: dict[str, Any] = {"tags": ["deletions"], "responses": told}
    failing: dict[str, Any] = {"tags": ["failures"], "responses": told}
    app.get("/v1/deletions", summary="Deletions that were too many", **waiting)(list_deletions)
    app.get("/v1/deletions/{id}", summary="One batch of them, with its documents", **waiting)(get_deletions)
    app.post("/v1/deletions/{id}/approve", summary="Delete these documents", **waiting)(approve_deletions)
    app.post("/v1/deletions/{id}/reject", summary="Keep these documents", **waiting)(reject_deletions)
    app.get("/v1/failures", summary="Documents that fail", **failing)(list_failures)
    app.post("/v1/failures/{id}/retry", summary="Try it again", **failing)(retry_failure)
    app.post("/v1/failures/{id}/ignore", summary="Mind it no longer", **failing)(ignore_failure)


def list_deletions(
    request: Request, caller: MayManage, source: str | None = None, status: Status = "waiting"
) -> DeletionBatchList:
    """Deletions that a sync did not follow because they were too many, the latest first."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        source_id = source_named(connection, caller, source).id if source is not None else None
        found = deletions.select_all(connection, caller.organization_id, source_id=source_id, statuses=[status])
    return DeletionBatchList(data=[batch_body(batch) for batch in found])


def get_deletions(id: UUID, request: Request, caller: MayManage) -> DeletionBatchBody:
    """One batch, with the paths of the first 500 documents that would go."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        batch = deletions.get(connection, caller.organization_id, id)
        return batch_body(batch, deletions.select_documents(connection, caller.organization_id, id))


def approve_deletions(id: UUID, request: Request, caller: MayManage) -> Decided:
    """Delete the documents of a batch that their source still lists no more."""
    desk = desk_of(request)
    documents = deletions.approve(desk.database, caller.organization_id, id, decided_by=caller.name)
    with desk.database.transaction(caller.organization_id) as connection:
        record(Work(connection, caller, desk), "approve", "deletions", id)
    return Decided(documents=documents)


def reject_deletions(id: UUID, request: Request, caller: MayManage) -> DeletionBatchBody:
    """Keep the documents of a batch, and do not ask again until they were back once."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        rejected = deletions.reject(connection, caller.organization_id, id, decided_by=caller.name)
        record(Work(connection, caller, desk_of(request)), "reject", "deletions", id)
        return batch_body(rejected)


def list_failures(
    request: Request,
    caller: MayManage,
    source: str | None = None,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> SyncFailureList:
    """Documents that cannot be carried through at present: where each stopped, why, and when it is tried again."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        names = {known.id: known.name for known in data_sources.select_all(connection, caller.organization_id)}
        source_id = source_named(connection, caller, source).id if source is not None else None
        found = sync_failures.select_all(
            connection, caller.organization_id, source_id=source_id, states=[state] if state else None, at_most=limit
        )
    return SyncFailureList(data=[failure_body(failure, names[failure.data_source_id]) for failure in found])


def retry_failure(id: UUID, request: Request, caller: MayManage) -> Decided:
    """Let it be tried again at the next sync, also when it was parked or ignored."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        decided = _decided(sync_failures.retry(connection, caller.organization_id, ids=[id]))
        record(Work(connection, caller, desk_of(request)), "retry", "failure", id)
        return decided


def ignore_failure(id: UUID, request: Request, caller: MayManage) -> Decided:
    """Mind it no longer; it goes when the document is well."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        decided = _decided(sync_failures.ignore(connection, caller.organization_id, [id]))
        record(Work(connection, caller, desk_of(request)), "ignore", "failure", id)
        return decided


def _decided(count: int) -> Decided:
    if not count:
        raise Missing("there is no such failure, or it is well by now: GET /v1/failures lists those there are")
    return Decided(documents=count)
