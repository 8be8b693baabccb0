"""Tags: labels that group sources, and say which sources an agent reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.knowledge.records import Tag

SQL = statements_for(__name__)


def create(connection: Connection, organization_id: UUID, *, name: str, description: str = "") -> Tag:
    """A tag. Raises Conflict for a name that is taken, Refused for a bad one."""
    with _keeping(connection, name):
        return one(
            connection, Tag, SQL["create"], missing=f"tag {name!r} was not created",
            organization_id=organization_id, name=name, description=description,
        )  # fmt: skip


def replace(connection: Connection, organization_id: UUID, tag: Tag) -> Tag:
    """Give a tag the name and description of this record. Raises Missing, Conflict for a taken name, Refused."""
    with _keeping(connection, tag.name):
        return one(
            connection, Tag, SQL["set"], missing=f"there is no tag {tag.id} in this organization",
            organization_id=organization_id, id=tag.id, name=tag.name, description=tag.description,
        )  # fmt: skip


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


def set_of_source(connection: Connection, organization_id: UUID, source_id: UUID, names: Sequence[str]) -> None:
    """The source bears these tags and no others. Raises Missing for one that there is not."""
    known = {tag.name: tag.id for tag in select_all(connection, organization_id)}
    if unknown := next((name for name in names if name not in known), None):
        raise Missing(f"there is no tag {unknown!r}: make it first")
    run(connection, SQL["detach_all"], organization_id=organization_id, data_source_id=source_id)
    for name in dict.fromkeys(names):
        attach(connection, organization_id, source_id=source_id, tag_id=known[name])


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Nobody sees the tag any more. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, id=id) == 0:
        raise Missing(f"there is no tag {id} in this organization")


@contextmanager
def _keeping(connection: Connection, name: str) -> Iterator[None]:
    try:
        with connection.transaction():
            yield
    except UniqueViolation:
        raise Conflict(f"a tag {name!r} exists already: use that one, or choose another name") from None
    except CheckViolation:
        raise Refused(f"tag {name!r} cannot be kept: a name has 1 to 100 characters") from None
