"""Kinds of file: how each is known, and by which parser it is read. /v1/file-types"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from resources.bots.agents import agent_file_types
from resources.identity.records import Caller
from resources.knowledge.intake import rereadings
from resources.knowledge.sources import file_types
from resources.knowledge.sources.file_types import ListedFileType
from serving import collections
from serving.authentication import Holder
from serving.collections import Collection, Made, Named, Work, by_id_or_name, given, left_out, record
from serving.failures import refusals
from serving.house import desk_of
from serving.wire_managing import Labels, Name, Strict
from serving.wire_sources import Decided

MayManage = Annotated[Caller, Depends(Holder("manage"))]
Ends = Annotated[list[Annotated[str, Field(pattern=r"^\.?[A-Za-z0-9_+-]{1,20}$")]], Field(max_length=50)]


class FileTypeBody(BaseModel):
    """A kind of file: the first of its parsers reads it. One that is not active is not read."""

    object: Literal["file_type"] = "file_type"
    id: UUID
    name: str
    category: str
    mime_types: list[str]
    extensions: list[str]
    parsers: list[str]
    embedding_models: list[str] = Field(description="The models that are meant for it, as a note for people.")
    is_active: bool
    documents: int
    created_at: datetime
    updated_at: datetime


class FileTypeFields(BaseModel):
    """What may be said of a kind of file; what was read already is read anew by POST /v1/file-types/{id}/reread."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"parser": "article"}]})
    category: Name = Field(default_factory=left_out)
    mime_types: Labels = Field(default_factory=left_out)
    extensions: Ends = Field(default_factory=left_out)
    parser: Name = Field(default_factory=left_out, description="Which of its parsers reads it.")
    embedding_models: Labels = Field(default_factory=left_out)
    is_active: bool = Field(default_factory=left_out)


class NewFileType(FileTypeFields):
    """A kind of file to be known from now on."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"name": "recipe", "extensions": ["recipe"], "parser": "markdown"}]}
    )
    name: Name
    extensions: Annotated[Ends, Field(min_length=1)]
    parser: Name


class FileTypePage(Named):
    """A page of kinds of file."""

    is_active: bool | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, FILE_TYPES)
    app.post(
        "/v1/file-types/{id}/reread", tags=["file-types"], summary="Read its documents anew",
        responses=refusals(401, 403, 404, 503),
    )(read_anew)  # fmt: skip


def read_anew(
    id: Annotated[str, Path(max_length=300, description="Its id, or its name.")], request: Request, caller: MayManage
) -> Decided:
    """Let the next syncs read those of its documents anew that another parser read, from the bytes that are kept.

    What failed is tried again. Readers see what they saw until the new version is whole.
    """
    desk = desk_of(request)
    with desk.database.transaction(caller.organization_id) as connection:
        work = Work(connection, caller, desk)
        kind = _get(work, id)
        record(work, "reread", "file type", kind.id)
    asked = rereadings.ask_for(desk.database, caller.organization_id, kind)
    return Decided(documents=asked)


def _select(work: Work, page: FileTypePage) -> list[ListedFileType]:
    file_types.seed(work.connection, work.organization_id)
    every = file_types.select_all(work.connection, work.organization_id)
    return [each for each in every if page.is_active in (None, each.is_active)]


def _create(work: Work, body: NewFileType) -> Made[ListedFileType]:
    file_types.require_new(work.connection, work.organization_id, body.name)
    file_types.replace(
        work.connection, work.organization_id, body.name, parser=body.parser, extensions=body.extensions
    )  # fmt: skip
    made = _get(work, body.name)
    return Made(_change(work, made, body))


def _change(work: Work, kind: ListedFileType, body: FileTypeFields) -> ListedFileType:
    values = given(body)
    if "parser" in values or "extensions" in values:
        file_types.replace(
            work.connection, work.organization_id, kind.name, parser=values.get("parser"),
            extensions=values.get("extensions"),
        )  # fmt: skip
    file_types.describe(
        work.connection, work.organization_id, kind.id,
        **{name: values.get(name) for name in ("category", "mime_types", "embedding_models", "is_active")},
    )  # fmt: skip
    return _get(work, str(kind.id))


def _remove(work: Work, kind: ListedFileType) -> None:
    """Files that end so are not known any more.

    Refused with 409 where the product brings the kind, where documents are of it, and where an agent names it: one that
    is made inactive is not read either.
    """
    agent_file_types.remove_kind(work.connection, work.organization_id, kind)


def _told(work: Work, kind: ListedFileType) -> FileTypeBody:
    return FileTypeBody.model_validate(asdict(kind))


_get = by_id_or_name(file_types.select_all, "kind of file", "/v1/file-types")
FILE_TYPES = Collection(
    name="file-types", noun="file type", scope="manage", body=FileTypeBody, told=_told, select=_select,
    get=_get, page=FileTypePage, new=NewFileType, create=_create, changes=FileTypeFields, change=_change,
    remove=_remove, passing=frozenset({"updated_at", "documents"}),
)  # fmt: skip
