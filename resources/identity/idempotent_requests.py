"""Requests that may be sent twice and make one thing: known by a key of the client's choice, for a day."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.statements import Connection, find, run, statements_for, value

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Earlier:
    """A request that bore the key before: the SHA-256 of what it asked, and the id of what it made."""

    digest: bytes
    entity_id: str | None


def begin(
    connection: Connection, organization_id: UUID, *, asked_by: UUID, key: str, digest: bytes
) -> Earlier | None:  # fmt: skip
    """None where this is the first to bear the key, else the one before.

    A twin that is under way in another transaction is waited for: it has made its thing then, or failed and is not
    known any more.
    """
    run(connection, SQL["forget_over"], organization_id=organization_id)
    whose = {"organization_id": organization_id, "asked_by": asked_by, "key": key}
    if value(connection, SQL["begin"], **whose, digest=digest) is not None:
        return None
    return find(connection, Earlier, SQL["find"], **whose)


def set_made(connection: Connection, organization_id: UUID, *, asked_by: UUID, key: str, entity_id: object) -> None:
    """Keep what the request made."""
    run(
        connection, SQL["set_made"],
        organization_id=organization_id, asked_by=asked_by, key=key, entity_id=str(entity_id),
    )  # fmt: skip
