"""Requests to build or measure configurations: asked for by the API, done by Dagster, which takes what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.foundation.statements import Connection, many, one, run, statements_for

SQL = statements_for(__name__)

Job = Literal["build", "evaluate"]


@dataclass(frozen=True)
class ConfigurationRequest:
    """What somebody asked for; `begun_at` None: it waits for a run."""

    id: UUID
    version_id: UUID
    job: Job
    created_at: datetime
    begun_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A request that waits, for so many minutes, in whichever organization."""

    id: UUID
    organization_slug: str
    version_id: UUID
    job: Job
    minutes: int


def ask(connection: Connection, organization_id: UUID, version_id: UUID, job: Job) -> ConfigurationRequest:
    """Ask for it; where it was asked for and waits, that is the request."""
    return one(
        connection, ConfigurationRequest, SQL["ask"], missing="the request was not kept",
        organization_id=organization_id, version_id=version_id, job=job,
    )  # fmt: skip


def select_of_version(connection: Connection, organization_id: UUID, version_id: UUID) -> list[ConfigurationRequest]:
    """What was asked for of a configuration, the latest first."""
    return many(
        connection, ConfigurationRequest, SQL["select_of_version"],
        organization_id=organization_id, version_id=version_id,
    )  # fmt: skip


def set_begun(connection: Connection, organization_id: UUID, version_id: UUID, job: Job) -> None:
    """A run does it now; nothing happens where nobody asked for it."""
    run(connection, SQL["set_begun"], organization_id=organization_id, version_id=version_id, job=job)


def select_waiting(connection: Connection) -> list[Waiting]:
    """What waits in all organizations, the oldest first, in a directory transaction of the pipeline's role."""
    return many(connection, Waiting, SQL["select_waiting"])
