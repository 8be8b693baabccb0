"""Tags: labels that group sources, and say which sources an agent reads."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.knowledge.records import Tag

SQL = statements_for(__name__)


def create(connection: Connection, organization_id: UUID, *, name: str, description: str = "") -> Tag:
    """A tag. Raises Conflict for a name that is taken, Refused for a bad one; an error aborts the transaction."""
    try:
        return one(
            connection, Tag, SQL["create"], missing=f"tag {name!r} was not created",
            organization_id=organization_id, name=name, description=description,
        )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"a tag {name!r} exists already: use that one") from None
    except CheckViolation:
        raise Refused(f"tag {name!r} cannot be made: a name has 1 to 100 characters") from None


def find_by_name(connection: Connection, organization_id: UUID, name: str) -> Tag | None:
    """The tag of a name."""
    return find(connection, Tag, SQL["find_by_name"], organization_id=organization_id, name=name)


def select_all(connection: Connection, organization_id: UUID) -> list[Tag]:
    """The tags of the organization by name."""
    return many(connection, Tag, SQL["select_all"], organization_id=organization_id)


def select_of_source(connection: Connection, organization_id: UUID, source_id: UUID) -> list[Tag]:
    """The tags that a source bears, by name."""
    return many(connection, Tag, SQL["select_of_source"], organization_id=organization_id, data_source_id=source_id)


def attach(connection: Connection, organization_id: UUID, *, source_id: UUID, tag_id: UUID) -> None:
    """The source bears the tag from now on."""
    run(connection, SQL["attach"], organization_id=organization_id, data_source_id=source_id, tag_id=tag_id)


def detach(connection: Connection, organization_id: UUID, *, source_id: UUID, tag_id: UUID) -> None:
    """The source bears the tag no more."""
    run(connection, SQL["detach"], organization_id=organization_id, data_source_id=source_id, tag_id=tag_id)


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Nobody sees the tag any more. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, id=id) == 0:
        raise Missing(f"there is no tag {id} in this organization")
