"""What waits for somebody's word: deletions that were too many, and documents that fail. /v1/deletions, /v1/failures"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from pydantic import Field

from resources.foundation.errors import Missing
from resources.identity.records import Caller
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import deletions
from resources.knowledge.records import DeletionBatch, SyncFailure
from serving import collections
from serving.authentication import Holder
from serving.collections import ByUse, Chronological, Collection, Work, by_id, record
from serving.endpoints.documents import source_named
from serving.failures import refusals
from serving.house import desk_of
from serving.wire_managing import Words
from serving.wire_sources import Decided, DeletionBatchBody, SyncFailureBody, batch_body, failure_body

MayManage = Annotated[Caller, Depends(Holder("manage"))]
Status = Literal["waiting", "approved", "rejected", "outdated"]
State = Literal["retrying", "parked", "ignored"]
OfSource = Annotated[Words | None, Field(max_length=100, description="Of this source alone: its name or id.")]


class DeletionPage(Chronological):
    """A page of deletions that a sync did not follow because they were too many, the latest first."""

    source: OfSource = None
    status: Status = "waiting"


class FailurePage(ByUse):
    """A page of what fails at present, the latest first."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    source: OfSource = None
    state: State | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    told = refusals(400, 401, 403, 404, 409, 503)
    waiting: dict[str, Any] = {"tags": ["deletions"], "responses": told}
    failing: dict[str, Any] = {"tags": ["failures"], "responses": told}
    collections.add_to(app, DELETIONS)
    collections.add_to(app, FAILURES)
    app.post("/v1/deletions/{id}/approve", summary="Delete these documents", **waiting)(approve_deletions)
    app.post("/v1/deletions/{id}/reject", summary="Keep these documents", **waiting)(reject_deletions)
    app.post("/v1/failures/{id}/retry", summary="Try it again", **failing)(retry_failure)
    app.post("/v1/failures/{id}/ignore", summary="Mind it no longer", **failing)(ignore_failure)
    app.post("/v1/sources/{source}/failures/retry", summary="Try all of a source again", **failing)(retry_failures)


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


def retry_failures(source: str, request: Request, caller: MayManage) -> Decided:
    """Let all that fails of a source be tried again at the next sync, also what was parked or ignored."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        documents = sync_failures.retry(connection, caller.organization_id, source_id=known.id)
        record(Work(connection, caller, desk_of(request)), "retry", "failures", known.id)
    return Decided(documents=documents)


def _decided(count: int) -> Decided:
    if not count:
        raise Missing("there is no such failure, or it is well by now: GET /v1/failures lists those there are")
    return Decided(documents=count)


def _source_id(work: Work, name: str | None) -> UUID | None:
    return None if name is None else source_named(work.connection, work.caller, name).id


_get_batch = by_id(deletions.get, "batch of deletions", "/v1/deletions")
_get_failure = by_id(sync_failures.get, "failure", "/v1/failures")


def _select_batches(work: Work, page: DeletionPage) -> list[DeletionBatch]:
    return deletions.select_all(
        work.connection, work.organization_id, source_id=_source_id(work, page.source), statuses=[page.status],
        after=_get_batch(work, page.after).id if page.after else None, at_most=page.limit + 1,
        oldest_first=page.oldest_first,
    )  # fmt: skip


def _told_batch(work: Work, batch: DeletionBatch) -> DeletionBatchBody:
    return batch_body(batch, deletions.select_documents(work.connection, work.organization_id, batch.id))


def _select_failures(work: Work, page: FailurePage) -> list[SyncFailure]:
    return sync_failures.select_all(
        work.connection, work.organization_id, source_id=_source_id(work, page.source),
        states=[page.state] if page.state else None, at_most=page.limit + 1, oldest_first=page.oldest_first,
        after=_get_failure(work, page.after).id if page.after else None,
    )  # fmt: skip


DELETIONS = Collection(
    name="deletions", noun="batch of deletions", scope="manage", body=DeletionBatchBody, told=_told_batch,
    briefly=lambda work, batch: batch_body(batch), select=_select_batches, get=_get_batch, page=DeletionPage,
    is_paged=True, plural="deletions that were too many",
)  # fmt: skip
FAILURES = Collection(
    name="failures", noun="failure", scope="manage", body=SyncFailureBody,
    told=lambda work, failure: failure_body(failure), select=_select_failures, get=_get_failure, page=FailurePage,
    is_paged=True, plural="documents that fail",
)  # fmt: skip
