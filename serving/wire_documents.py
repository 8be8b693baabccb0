"""What goes over the wire about the documents of a source. Nothing here reaches a database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from resources.knowledge.records import DocumentState
from serving.remedies import remedy


class DocumentBody(BaseModel):
    """How a document stands."""

    object: Literal["document"] = "document"
    id: UUID
    path: str
    title: str
    state: Literal["pending", "ready", "outdated", "failed", "deleted"] = Field(
        description=(
            "pending: nothing of it can be found yet. ready: what was last brought can be found. outdated: an older "
            "version can be found, the newest failed. failed: nothing can be found. deleted: it could be found once."
        )
    )
    mime_type: str | None
    language: str | None
    file_size: int
    address: str | None
    version: int | None = Field(description="The number of the version that can be found.")
    as_of: datetime | None = Field(description="Since when that version can be found.")
    run_id: str | None = Field(description="The Dagster run that brought that version in.")
    chunks: int
    stage: str | None = Field(description="Where it failed, if it did.")
    outcome: str | None
    reason: str | None
    remedy: str | None = Field(description="What a person can do about it.")
    attempts: int | None
    next_attempt_at: datetime | None
    expires_at: datetime | None
    deleted_at: datetime | None


class DocumentFields(BaseModel):
    """What may be said of a document beside its content."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"expires_at": "2027-01-31T00:00:00Z"}]})
    expires_at: AwareDatetime | None = None


class UploadBody(BaseModel):
    """A document that was accepted: it is on disk, and is found after the next sync, which was asked for."""

    object: Literal["upload"] = "upload"
    source: str
    path: str
    outcome: Literal["created", "replaced", "unchanged"]
    checksum: str = Field(description="The SHA-256 of the bytes that were accepted.")
    file_size: int


def document_body(state: DocumentState) -> DocumentBody:
    """A document as the API tells it."""
    return DocumentBody.model_validate({**asdict(state), "remedy": remedy(state.outcome) if state.outcome else None})
