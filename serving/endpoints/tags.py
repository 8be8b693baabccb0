"""Tags: labels of sources, by which agents choose what they read. /v1/tags"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.knowledge.records import Tag
from resources.knowledge.sources import tags
from serving import collections
from serving.collections import Collection, Made, Named, Work, by_id_or_name, given, left_out
from serving.wire_managing import Description, Name, Strict


class TagBody(BaseModel):
    """A label that sources bear, and that agents may be bound to."""

    object: Literal["tag"] = "tag"
    id: UUID
    name: str
    description: str
    created_at: datetime
    updated_at: datetime


class TagFields(BaseModel):
    """What may be said of a tag."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"description": "What customers may read."}]})
    name: Name = Field(default_factory=left_out)
    description: Description = Field(default_factory=left_out)


class NewTag(TagFields):
    """A label to be made. Sources bear it by their field `tags`."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"name": "public"}]})
    name: Name


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, TAGS)


def _select(work: Work, page: Named) -> list[Tag]:
    return tags.select_all(work.connection, work.organization_id)


def _create(work: Work, body: NewTag) -> Made[Tag]:
    return Made(tags.create(work.connection, work.organization_id, **given(body)))


def _change(work: Work, tag: Tag, body: TagFields) -> Tag:
    return tags.replace(work.connection, work.organization_id, replace(tag, **given(body)))


def _remove(work: Work, tag: Tag) -> None:
    """Sources bear it no more, and agents that were bound to it read nothing by it."""
    tags.remove(work.connection, work.organization_id, tag.id)


def _told(work: Work, tag: Tag) -> TagBody:
    return TagBody.model_validate(asdict(tag))


TAGS = Collection(
    name="tags", noun="tag", scope="manage", body=TagBody, told=_told, select=_select,
    get=by_id_or_name(tags.select_all, "tag", "/v1/tags"), new=NewTag, create=_create, changes=TagFields,
    change=_change, remove=_remove, passing=frozenset({"updated_at"}),
)  # fmt: skip
