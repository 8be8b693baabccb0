"""The directory of sources: those of all organizations, and how their syncs stand. Only pipelines may read it."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection, find, many, statements_for
from resources.knowledge.records import SourceListing

SQL = statements_for(__name__)


def select_all(connection: Connection) -> list[SourceListing]:
    """The sources of all organizations, by the organization's slug and name, in a directory transaction."""
    return many(connection, SourceListing, SQL["select_all"])


def select_of_organization(connection: Connection, organization_id: UUID) -> list[SourceListing]:
    """The sources of one organization by name."""
    return many(connection, SourceListing, SQL["select_of_organization"], organization_id=organization_id)


def find_by_name(connection: Connection, organization_slug: str, name: str) -> SourceListing | None:
    """One source of one organization, in a directory transaction."""
    return find(connection, SourceListing, SQL["find"], organization_slug=organization_slug, name=name)
