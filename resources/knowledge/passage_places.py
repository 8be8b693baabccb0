"""Where the passages of a version stand in its text, for people who ask why something is found, or is not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, many, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class PassagePlace:
    """The characters `start` to before `end`; `number` counts the passages of a version and recipe from 1."""

    recipe: str
    number: int
    start: int
    end: int
    section_title: str | None
    tokens: int


def select_within(
    connection: Connection, organization_id: UUID, version_id: UUID, *, start: int, end: int
) -> list[PassagePlace]:
    """The passages that readers find of a version and that touch a part of its text, by recipe and place."""
    return many(
        connection, PassagePlace, SQL["select_within"],
        organization_id=organization_id, document_version_id=version_id, start=start, end=end,
    )  # fmt: skip
