"""What goes over the wire about sources, their syncs, and what waits for somebody's word. No database here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from resources.knowledge.intake.estimating import time_left
from resources.knowledge.records import (
    DataSource,
    DeletionBatch,
    Held,
    HeldDeletion,
    SyncFailure,
    TrainingJob,
)
from serving.wire_managing import Days, Description, Labels, Name, Words

Strict = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
Kind = Literal["file", "web", "database", "api", "upload"]
Seconds = Annotated[int, Field(ge=10, le=366 * 86400)]
Share = Annotated[float, Field(ge=0, le=1)]
Floor = Annotated[int, Field(ge=0, le=1_000_000_000)]
Config = dict[str, object]


class SourceFields(BaseModel):
    """What may be said of a source. What is left out stays as it is, or is as the product has it."""

    model_config = Strict
    description: Description | None = None
    config: Config | None = None
    auto_sync: bool | None = None
    is_paused: bool | None = None
    sync_frequency: Annotated[Seconds | None, Field(description="In seconds.")] = None
    cron: Annotated[Words | None, Field(max_length=200, description="Instead of sync_frequency; '' for none.")] = None
    time_zone: Annotated[Words | None, Field(max_length=100)] = None
    deletion_share: Share | None = None
    deletion_floor: Floor | None = None
    retention_days: Annotated[
        Days | None, Field(description="How long its documents are kept; null: as its owner or the organization says.")
    ] = None
    tags: Annotated[Labels | None, Field(description="The tags that it bears, by name.")] = None


class NewSource(SourceFields):
    """A source to be made."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {"name": "inbox", "type": "upload"},
                {
                    "name": "site", "type": "web", "config": {"sitemap": "https://example.org/sitemap.xml"},
                    "cron": "0 5 * * *", "time_zone": "Europe/Berlin", "chatbots": ["support"],
                },
            ]
        },
    )  # fmt: skip
    name: Name
    type: Kind
    chatbots: Annotated[Labels, Field(description="Chatbots that answer from it.")] = []


class HeldBody(BaseModel):
    """What a source holds, in documents, chunks and vectors."""

    documents: int
    ready: int
    waiting: int
    failed: int
    chunks: int
    vectors: int


class SyncBody(BaseModel):
    """A sync of a source. While it is processing, `done` of `total` items of its `stage`."""

    object: Literal["sync"] = "sync"
    id: UUID
    status: Literal["queued", "processing", "completed", "failed", "cleanup_completed"]
    run_id: str | None = Field(description="The Dagster run.")
    stage: str | None
    done: int
    total: int
    seconds_left: float | None = Field(description="Until the end of the stage, at its rate until now.")
    listed: int
    changed: int
    unchanged: int
    moved: int
    deleted: int
    held: int = Field(description="Deletions that wait for approval.")
    failed: int
    chunks: int
    embedded: int
    reused: int
    tokens: int
    cost: Decimal | None
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class SourceBody(BaseModel):
    """A source. Its credentials are never shown."""

    object: Literal["source"] = "source"
    id: UUID
    name: str
    type: Kind
    description: str
    status: Literal["active", "inactive", "error"]
    config: Config
    auto_sync: bool
    sync_frequency: int
    cron: str | None
    time_zone: str
    deletion_share: float
    deletion_floor: int
    last_sync: datetime | None
    retention_days: int | None
    tags: list[str]
    user_id: UUID | None = Field(description="Whose it is.")
    created_at: datetime
    holds: HeldBody | None = Field(default=None, description="On the address of one source.")
    latest_sync: SyncBody | None = Field(default=None, description="On the address of one source.")


class CredentialsBody(BaseModel):
    """Credentials by name, in place of any there were. They can be written, never read."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"values": {"token": "…"}}]})
    values: dict[str, Annotated[str, Field(max_length=10_000)]] = Field(repr=False)


class DeletionBatchBody(BaseModel):
    """Deletions that were too many to follow unasked."""

    object: Literal["deletions"] = "deletions"
    id: UUID
    source: str
    status: Literal["waiting", "approved", "rejected", "outdated"]
    documents: int
    known: int = Field(description="How many documents the source had.")
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime
    paths: list[str] | None = Field(default=None, description="The first 500, on the address of one batch.")


class SyncFailureBody(BaseModel):
    """A document that cannot be carried through at present."""

    object: Literal["failure"] = "failure"
    id: UUID
    source: str
    path: str
    stage: str
    outcome: str
    reason: str
    attempts: int
    state: Literal["retrying", "parked", "ignored"]
    next_attempt_at: datetime


class Decided(BaseModel):
    """How many documents a decision concerned."""

    documents: int


def source_body(
    source: DataSource, tags: list[str], held: Held | None = None, latest: TrainingJob | None = None
) -> SourceBody:
    """A source as the API tells it."""
    holds = None if held is None else HeldBody(**asdict(held))
    told = {name: getattr(source, name) for name in SourceBody.model_fields if hasattr(source, name)}
    latest_sync = sync_body(latest) if latest else None
    return SourceBody(**told, type=source.source_type, tags=tags, holds=holds, latest_sync=latest_sync)  # type: ignore[arg-type]


def sync_body(job: TrainingJob) -> SyncBody:
    """A sync as the API tells it."""
    left = time_left(job)
    return SyncBody.model_validate(
        {**asdict(job), "run_id": job.dagster_run_id, "seconds_left": left.total_seconds() if left else None}
    )


def batch_body(batch: DeletionBatch, held: list[HeldDeletion] | None = None) -> DeletionBatchBody:
    """A batch of deletions as the API tells it."""
    return DeletionBatchBody.model_validate(
        {
            **asdict(batch), "source": batch.source_name,
            "paths": None if held is None else [one.file_path for one in held],
        }
    )  # fmt: skip


def failure_body(failure: SyncFailure) -> SyncFailureBody:
    """A failure as the API tells it."""
    return SyncFailureBody.model_validate(
        {**asdict(failure), "source": failure.source_name, "path": failure.file_path}
    )  # fmt: skip
