"""Documents in parts: /v1/sources/{source}/uploads speaks tus 1.0.0, so that who is cut off goes on where they were.

https://tus.io/protocols/resumable-upload, with its extensions creation, checksum, expiration and termination. Any of
its clients works here with an Authorization header; its Upload-Metadata names the `path` (or `filename`) and, as one
likes, `filetype`, `title`, `address` and `sha256` of the whole. What is kept is in resources/knowledge.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from email.utils import format_datetime
from functools import partial
from hmac import compare_digest
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

import anyio
from fastapi import Depends, FastAPI, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from resources.foundation.errors import Refused
from resources.identity.records import Caller
from resources.knowledge.records import DataSource, PartialUpload
from resources.knowledge.sources import partial_uploads
from resources.knowledge.sources.partial_uploads import Torn
from serving.authentication import Holder
from serving.endpoints.documents import source_named
from serving.failures import Forbidden, refusals
from serving.house import Desk, desk_of
from serving.identifying import identified
from serving.wire import Failure

MayManage = Annotated[Caller, Depends(Holder("manage"))]
Resumable = Annotated[str | None, Header(description="1.0.0")]
VERSION = "1.0.0"
PART = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256")
_COLLECTION = "/v1/sources/{source}/uploads"
_ONE = _COLLECTION + "/{id}"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OPTIONS = {
    "Tus-Version": VERSION, "Tus-Extension": "creation,checksum,expiration,termination",
    "Tus-Max-Size": str(partial_uploads.LARGEST), "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}  # fmt: skip


class UnfinishedUpload(BaseModel):
    """A document of which a part has come. A sender who lost its address finds it by path, size and checksum."""

    object: Literal["upload"] = "upload"
    id: UUID
    path: str
    file_size: int
    received: int
    sha256: str | None
    address: str = Field(description="Where the rest is sent to, on this server.")
    expires_at: str


class UnfinishedUploads(BaseModel):
    object: Literal["list"] = "list"
    data: list[UnfinishedUpload]


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    told = refusals(400, 401, 403, 404, 409, 412, 413, 415, 429, 503)
    told[460] = {"model": Failure, "description": "Checksum Mismatch"}
    bytes_sent = {"requestBody": {"required": True, "content": {PART: {"schema": {"format": "binary"}}}}}
    none: dict[str, object] = {"response_class": Response}
    tags: list[str] = ["documents"]
    app.options(_COLLECTION, tags=list(tags), summary="What of tus is spoken", status_code=204, responses=told, **none)(  # type: ignore[arg-type]
        tell_options
    )
    app.get(_COLLECTION, tags=list(tags), summary="Uploads that are not whole", responses=told)(list_uploads)
    app.post(_COLLECTION, tags=list(tags), summary="Begin an upload in parts", status_code=201, responses=told, **none)(  # type: ignore[arg-type]
        begin_upload
    )
    app.head(_ONE, tags=list(tags), summary="How much has come", responses=told, **none)(tell_offset)  # type: ignore[arg-type]
    app.patch(
        _ONE, tags=list(tags), summary="Send a part", status_code=204, openapi_extra=bytes_sent, responses=told,
        **none,  # type: ignore[arg-type]
    )(send_part)  # fmt: skip
    app.delete(_ONE, tags=list(tags), summary="Send no more", status_code=204, responses=told, **none)(end_upload)  # type: ignore[arg-type]


def tell_options(source: str, request: Request, caller: MayManage) -> Response:
    """The version and the extensions of tus, the largest document, and the kinds of checksums."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        source_named(connection, caller, source)
    return _told(204, **_OPTIONS)


def list_uploads(source: str, request: Request, caller: MayManage) -> UnfinishedUploads:
    """What is being pushed into a source in parts and is not whole, the oldest first."""
    with desk_of(request).database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        found = partial_uploads.select_unfinished(connection, caller.organization_id, source_id=known.id)
    return UnfinishedUploads(
        data=[
            UnfinishedUpload(
                id=one.id, path=one.path, file_size=one.file_size, received=one.received, sha256=one.checksum,
                address=_address(known, one), expires_at=one.expires_at.isoformat(),
            )
            for one in found
        ]
    )  # fmt: skip


def begin_upload(
    source: str,
    request: Request,
    caller: MayManage,
    tus_resumable: Resumable = None,
    upload_length: Annotated[str, Header(description="The bytes of the whole.")] = "",
    upload_metadata: Annotated[str, Header(max_length=8000, description="path YS5wZGY=,sha256 …")] = "",
) -> Response:
    """Announce a document; its parts go to the address in Location, for a day after the last one came."""
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
    _require_version(tus_resumable)
    size, about = _number(upload_length, "Upload-Length"), _metadata(upload_metadata)
    partial_uploads.retire(desk.database, caller.organization_id, desk.store)
    with desk.database.transaction(caller.organization_id) as connection:
        begun = partial_uploads.begin(
            connection, caller.organization_id, known, path=about.get("path") or about.get("filename", ""),
            file_size=size, checksum=_whole(about.get("sha256")), media_type=about.get("filetype", "")[:200],
            title=about.get("title"), address=about.get("address"),
        )  # fmt: skip
    return _told(201, Location=_address(known, begun), **_expires(begun))


def tell_offset(
    source: str, id: str, request: Request, caller: MayManage, tus_resumable: Resumable = None
) -> Response:  # fmt: skip
    """How many bytes have come and are on disk, in Upload-Offset; as many as it has once it is accepted."""
    _, upload = _known(desk_of(request), caller, source, id)
    _require_version(tus_resumable)
    offset, length = str(upload.received), str(upload.file_size)
    return _told(200, **{"Upload-Offset": offset, "Upload-Length": length}, **_expires(upload))


async def send_part(
    source: str,
    id: str,
    request: Request,
    caller: MayManage,
    tus_resumable: Resumable = None,
    upload_offset: Annotated[str, Header(description="Where the part begins: what HEAD told.")] = "",
    upload_checksum: Annotated[
        str, Header(max_length=200, description="sha256 or sha1, and the digest in base64.")
    ] = "",
    content_type: Annotated[str, Header(description=PART)] = "",
) -> Response:
    """Send the bytes from Upload-Offset on. When it is answered they are on disk; the last part makes the document.

    What came of a part that broke off is kept, unless it has a checksum.
    """
    desk = desk_of(request)
    known, upload = await run_in_threadpool(_known, desk, caller, source, id)
    _require_version(tus_resumable)
    if content_type.partition(";")[0].strip().lower() != PART:
        raise Forbidden(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send a part as {PART}.", code="unsupported_media_type"
        )  # fmt: skip
    start, expected = _number(upload_offset, "Upload-Offset"), _checksum(upload_checksum)
    keep = partial(
        partial_uploads.append, desk.database, caller.organization_id, known, upload, store=desk.store, by=caller.actor
    )
    async with desk.uploading:
        data = bytearray()
        try:
            async for piece in request.stream():
                data += piece
        except ClientDisconnect:
            if data and expected is None:
                with anyio.CancelScope(shield=True):
                    await run_in_threadpool(keep, start=start, data=bytes(data))
            raise
        if expected is not None and not compare_digest(hashlib.new(expected[0], data).digest(), expected[1]):
            raise Torn(f"the part has another {expected[0]} than Upload-Checksum says: send it again")
        received = await run_in_threadpool(keep, start=start, data=bytes(data))
    return _told(204, **{"Upload-Offset": str(received)}, **_expires(upload))


def end_upload(
    source: str, id: str, request: Request, caller: MayManage, tus_resumable: Resumable = VERSION
) -> Response:  # fmt: skip
    """Take away what has come of a document that is not whole. What was accepted stays."""
    desk = desk_of(request)
    _, upload = _known(desk, caller, source, id)
    _require_version(tus_resumable)
    partial_uploads.remove(desk.database, caller.organization_id, upload, desk.store)
    return _told(204)


def _known(desk: Desk, caller: Caller, source: str, id: str) -> tuple[DataSource, PartialUpload]:
    upload_id = identified(id, partial_uploads.missing)
    with desk.database.transaction(caller.organization_id) as connection:
        known = source_named(connection, caller, source)
        return known, partial_uploads.get(connection, caller.organization_id, source_id=known.id, id=upload_id)


def _told(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers={"Tus-Resumable": VERSION, **headers})


def _address(source: DataSource, upload: PartialUpload) -> str:
    return _ONE.format(source=source.id, id=upload.id)


def _expires(upload: PartialUpload) -> Mapping[str, str]:
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)} if upload.outcome is None else {}


def _require_version(told: str | None) -> None:
    if told != VERSION:
        raise Forbidden(
            HTTPStatus.PRECONDITION_FAILED, f"Uploads in parts speak tus {VERSION}: send Tus-Resumable: {VERSION}.",
            code="unknown_version",
        )  # fmt: skip


def _number(text: str, header: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(f"the header {header} must be a number of bytes")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Names, and values in base64: `path YS5wZGY=,title …`. Raises Refused."""
    told: dict[str, str] = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            told[name] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(f"in Upload-Metadata, what follows {name[:50]!r} is no text in base64") from None
        if "\0" in told[name]:
            raise Refused(f"in Upload-Metadata, what follows {name[:50]!r} has a NUL in it")
    return told


def _whole(checksum: str | None) -> str | None:
    if checksum is not None and not _SHA256.fullmatch(checksum.lower()):
        raise Refused("the sha256 of the whole has 64 hexadecimal digits")
    return checksum and checksum.lower()


def _checksum(header: str) -> tuple[str, bytes] | None:
    """The algorithm and the digest; None where none was sent. Raises Refused."""
    if not header:
        return None
    algorithm, _, digest = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Refused(f"Upload-Checksum is one of {', '.join(ALGORITHMS)}, a space, and the digest in base64")
    try:
        return algorithm, base64.b64decode(digest.strip(), validate=True)
    except binascii.Error:
        raise Refused("the digest in Upload-Checksum is not in base64") from None
