"""Documents of a source: push them, take them back, and see how each stands. /v1/sources/{source}/documents"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from pydantic import Field, computed_field
from starlette.concurrency import run_in_threadpool

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection
from resources.identity import audit_log
from resources.identity.records import Caller
from resources.knowledge.documents import document_states, documents
from resources.knowledge.records import DataSource, DocumentState
from resources.knowledge.sources import data_sources, uploads
from serving.authentication import Holder
from serving.collections import IfMatch, Listed, Page, Work, etag, listed, record, require_match, text_of
from serving.failures import refusals
from serving.house import Desk, desk_of
from serving.wire_documents import (
    DocumentBody,
    DocumentFields,
    UploadBody,
    document_body,
)

MayManage = Annotated[Caller, Depends(Holder("manage"))]
State = Literal["pending", "ready", "outdated", "failed", "deleted"]
_COLLECTION = "/v1/sources/{source}/documents"
_ONE = _COLLECTION + "/{path:path}"
# What a sync finds of a document changes by itself.
_PASSING = frozenset(DocumentBody.model_fields) - {"id", "expires_at"}


class DocumentPage(Page):
    """A page of documents: `after` takes a path, by which they are addressed and ordered."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    after: Annotated[str | None, Field(max_length=10_000, description="The last_id of the page before: a path.")] = None
    state: State | None = None


class DocumentList(Listed[DocumentBody]):
    """A page of documents by path."""

    @computed_field(deprecated=True, description="The same as last_id.")
    def last_path(self) -> str | None:
        """The path of the last one."""
        return self.last_id


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    told = refusals(400, 401, 403, 404, 409, 412, 413, 503)
    bytes_sent = {"requestBody": {"required": True, "content": {"*/*": {"schema": {"format": "binary"}}}}}
    app.get(_COLLECTION, tags=["documents"], summary="List documents", responses=told)(list_documents)
    app.get(_ONE, tags=["documents"], summary="How a document stands", responses=told)(get_document)
    app.put(
        _ONE, tags=["documents"], summary="Push a document", openapi_extra=bytes_sent,
        responses={**told, 201: {"model": UploadBody, "description": "It is new."}},
    )(push_document)  # fmt: skip
    app.patch(_ONE, tags=["documents"], summary="Give a document its last day", responses=told)(change_document)
    app.delete(_ONE, tags=["documents"], summary="Take a pushed document back", status_code=204, responses=told)(
        take_document_back
    )


def list_documents(
    source: str, request: Request, caller: MayManage, page: Annotated[DocumentPage, Query()]
) -> DocumentList:
    """The documents of a source by path: which can be found, which cannot, and why not."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        found = document_states.select_page(
            connection, caller.organization_id, source_id=source_named(connection, caller, source).id,
            state=page.state, after=text_of(page.after or ""), at_most=page.limit + 1,
        )  # fmt: skip
    return listed(DocumentList, found, page.limit, tell=document_body, key=lambda state: state.path)


def get_document(source: str, path: str, request: Request, response: Response, caller: MayManage) -> DocumentBody:
    """How one document stands: what can be found of it, since when, and what failed last."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        shown = document_body(
            document_states.get(connection, caller.organization_id, source_id=known.id, path=text_of(path))
        )
    response.headers["ETag"] = etag(shown, _PASSING)
    return shown


async def push_document(
    source: str,
    path: str,
    request: Request,
    response: Response,
    caller: MayManage,
    title: Annotated[str | None, Query(max_length=500)] = None,
    address: Annotated[str | None, Query(max_length=2000, description="Where a person finds it.")] = None,
    content_type: Annotated[str, Header()] = "",
    content_sha256: Annotated[str | None, Header(description="Refused unless the bytes have this SHA-256.")] = None,
    if_none_match: Annotated[Literal["*"] | None, Header(description="Refused where the path is taken.")] = None,
) -> UploadBody:
    """Push the body as a document of an upload source, in place of what had its path.

    When the answer comes, the document is on disk, whatever happens next; the next sync, which is asked for, makes it
    findable. To push the same bytes again does nothing.
    """
    desk = desk_of(request)
    known = await run_in_threadpool(_upload_source, desk, caller, source, path, if_none_match == "*")
    async with desk.uploading:
        data = await request.body()
        checksum = sha256(data).hexdigest()
        if content_sha256 is not None and not compare_digest(checksum, content_sha256.strip().lower()):
            raise Refused(
                f"the {len(data):,} bytes that came have the SHA-256 {checksum}, not the one in Content-Sha256: "
                "send them again"
            )
        outcome = await run_in_threadpool(
            uploads.accept, desk.database, caller.organization_id, known, path=path, data=data, store=desk.store,
            by=caller.actor, media_type=_media_type(content_type), title=title, address=address,
        )  # fmt: skip
    response.status_code = HTTPStatus.CREATED if outcome == "created" else HTTPStatus.OK
    return UploadBody(source=source, path=path, outcome=outcome, checksum=checksum, file_size=len(data))


def take_document_back(source: str, path: str, request: Request, caller: MayManage) -> None:
    """Take a pushed document back: from then on nothing finds it."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        uploads.require_upload_source(known)
        uploads.remove(connection, caller.organization_id, source_id=known.id, path=text_of(path))
        record(Work(connection, caller, desk_of(request)), "take_back", "source", known.id)


def source_named(connection: Connection, caller: Caller, name: str) -> DataSource:
    """The source of the caller's organization that bears the name, or the id; raises Missing."""
    found = data_sources.find_by_name(connection, caller.organization_id, text_of(name))
    with suppress(Missing, ValueError):
        return found or data_sources.get(connection, caller.organization_id, UUID(name))
    raise Missing("there is no such source, or not for you: GET /v1/sources lists those there are")


def document_id_at(work: Work, source: DataSource, path: str) -> UUID:
    """The id of the document at a path of a source; raises Missing."""
    return document_states.get(work.connection, work.organization_id, source_id=source.id, path=path).id


def change_document(
    source: str,
    path: str,
    body: DocumentFields,
    request: Request,
    response: Response,
    caller: MayManage,
    if_match: IfMatch = None,
) -> DocumentBody:
    """Give a document its own last day, which no rule moves; null: it goes as the rules say."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)

        def state() -> DocumentState:
            return document_states.get(connection, caller.organization_id, source_id=known.id, path=text_of(path))

        audit_log.hold(connection, caller.organization_id, entity="document", entity_id=state().id)
        found = state()
        require_match(if_match, etag(document_body(found), _PASSING))
        if body.model_fields_set:
            documents.set_expires_at(connection, caller.organization_id, found.id, body.expires_at)
            record(Work(connection, caller, desk), "change", "document", found.id, frozenset(body.model_fields_set))
        shown = document_body(state())
    response.headers["ETag"] = etag(shown, _PASSING)
    return shown


def _upload_source(desk: Desk, caller: Caller, name: str, path: str, must_be_new: bool) -> DataSource:
    """What can be refused before the body is read."""
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, name)
        uploads.require_upload_source(known)
        uploads.require_path(path)
        taken = uploads.find_by_path(connection, caller.organization_id, source_id=known.id, path=path)
    if must_be_new and taken is not None:
        raise Conflict(f"there is an upload {path!r} already: leave If-None-Match out to replace it")
    return known


def _media_type(header: str) -> str:
    """The type alone; what a client sends that does not know better says nothing."""
    kind = header.partition(";")[0].strip().lower()
    return "" if kind in {"application/octet-stream", "application/x-www-form-urlencoded"} else kind
