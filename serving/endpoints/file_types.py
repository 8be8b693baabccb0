"""Kinds of file: how each is known, and by which parser it is read. /v1/file-types"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.knowledge import file_types
from resources.knowledge.file_types import ListedFileType
from serving import collections
from serving.collections import Collection, Made, Named, Work, by_id_or_name, given, left_out
from serving.wire_managing import Labels, Name, Strict

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
    """What may be said of a kind of file; what was read already is read anew by `millrace file-type set`."""

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


def _told(work: Work, kind: ListedFileType) -> FileTypeBody:
    return FileTypeBody.model_validate(asdict(kind))


_get = by_id_or_name(file_types.select_all, "kind of file", "/v1/file-types")
FILE_TYPES = Collection(
    name="file-types", noun="file type", scope="manage", body=FileTypeBody, told=_told, select=_select,
    get=_get, page=FileTypePage, new=NewFileType, create=_create, changes=FileTypeFields, change=_change,
    passing=frozenset({"updated_at", "documents"}),
)  # fmt: skip
