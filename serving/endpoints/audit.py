"""The audit log: who changed what, when, and by which door. GET /v1/audit"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.identity import audit_log
from resources.identity.records import AuditEntry, Door
from serving import collections
from serving.collections import Collection, Timed, Work, by_id
from serving.wire_managing import Words


class AuditEntryBody(BaseModel):
    """What somebody did. The names of fields that were given are kept, never what they held.

    `username` and `key_name` are looked up when it is read: who was erased has none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "object": "audit_entry", "id": "0f6e8a52-7c1f-4f0e-9a53-6b2f7b0c7d11", "at": "2026-11-22T21:40:00Z",
                    "user_id": None, "username": None, "key_id": "3f0c1c9e-55d0-4b8e-8f53-9d3f7a1f0c44",
                    "key_name": "deploy", "door": "key", "action": "change", "entity": "source",
                    "entity_id": "b9a4c7a2-0d5e-4a7e-8a0c-2f6d3f1c5e77", "changed": ["cron", "time_zone"],
                }
            ]
        }
    )  # fmt: skip
    object: Literal["audit_entry"] = "audit_entry"
    id: UUID
    at: datetime
    user_id: UUID | None
    username: str | None
    key_id: UUID | None
    key_name: str | None
    door: Door
    action: str
    entity: str
    entity_id: str
    changed: list[str]


class AuditPage(Timed):
    """A page of the log."""

    sort: Annotated[Literal["-at", "at"], Field(description="A hyphen: the latest first; without: the oldest.")] = "-at"
    entity: Annotated[Words | None, Field(max_length=40, description="A kind of thing, such as source.")] = None
    entity_id: Annotated[Words | None, Field(max_length=300)] = None
    action: Annotated[Words | None, Field(max_length=40, description="Such as create, change, remove.")] = None
    user_id: UUID | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, AUDIT)


_get = by_id(audit_log.get, "entry", "/v1/audit")


def _select(work: Work, page: AuditPage) -> list[AuditEntry]:
    return audit_log.select_page(
        work.connection, work.organization_id, at_most=page.limit + 1, oldest_first=page.oldest_first,
        after=_get(work, page.after) if page.after else None, entity=page.entity, entity_id=page.entity_id,
        action=page.action, user_id=page.user_id,
    )  # fmt: skip


def _told(work: Work, entry: AuditEntry) -> AuditEntryBody:
    return AuditEntryBody.model_validate(asdict(entry))


AUDIT = Collection(
    name="audit", noun="audit entry", scope="administer", body=AuditEntryBody, told=_told, select=_select, get=_get,
    page=AuditPage, is_paged=True, plural="what was done",
)  # fmt: skip
