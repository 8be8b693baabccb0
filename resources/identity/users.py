"""Users: the people and agent personas of an organization."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.errors import Conflict, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity.records import User

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    username: str,
    email: str,
    first_name: str = "",
    last_name: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
    created_by: UUID | None = None,
) -> User:
    """A new user. Raises Conflict where the name or address is taken, Refused where one of them is not sensible."""
    with _keeping(connection, username, email):
        return one(
            connection, User, SQL["create"], missing=f"user {username!r} was not created",
            organization_id=organization_id, username=username, email=email, first_name=first_name,
            last_name=last_name, is_staff=is_staff, is_superuser=is_superuser, created_by=created_by,
        )  # fmt: skip


def replace(connection: Connection, organization_id: UUID, user: User) -> User:
    """Give a user the values of this record. Raises Missing, Conflict for a taken name or address, Refused.

    Who may come in and who may not is decided in people.py, which ends what they are signed in with.
    """
    with _keeping(connection, user.username, user.email):
        return one(
            connection, User, SQL["set"], missing=f"there is no user {user.id} in this organization",
            organization_id=organization_id, id=user.id, username=user.username, email=user.email,
            first_name=user.first_name, last_name=user.last_name, is_active=user.is_active, is_staff=user.is_staff,
            is_superuser=user.is_superuser,
        )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> User:
    """A user by id; raises Missing."""
    return one(
        connection, User, SQL["get"], missing=f"there is no user {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def find_by_username(connection: Connection, organization_id: UUID, username: str) -> User | None:
    """A user by the name they go by."""
    return find(connection, User, SQL["find_by_username"], organization_id=organization_id, username=username)


def select_all(connection: Connection, organization_id: UUID) -> list[User]:
    """The users of the organization, by name."""
    return many(connection, User, SQL["select_all"], organization_id=organization_id)


def set_signed_in(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """The user came in just now."""
    run(connection, SQL["set_signed_in"], organization_id=organization_id, id=id)


def remove(connection: Connection, organization_id: UUID, id: UUID) -> int:
    """Take a user away, with keys, settings and memberships; what they owned otherwise has no owner then."""
    return run(connection, SQL["remove"], organization_id=organization_id, id=id)


@contextmanager
def _keeping(connection: Connection, username: str, email: str) -> Iterator[None]:
    try:
        with connection.transaction():
            yield
    except UniqueViolation:
        raise Conflict(
            f"a user {username!r} or a user with the address {email!r} exists already in this organization: "
            "choose another name and address"
        ) from None
    except CheckViolation:
        raise Refused(
            f"user {username!r} with the address {email!r} cannot be kept: a name has 1 to 150 characters, "
            "and an address has an @ between two parts"
        ) from None
