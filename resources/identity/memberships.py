"""Memberships: what each user may do in the organization."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import ForeignKeyViolation

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity.records import MemberRole, Membership

SQL = statements_for(__name__)


def set_role(connection: Connection, organization_id: UUID, user_id: UUID, role: MemberRole) -> Membership:
    """Give a user a role, in place of any they had; raises Missing where there is no such user."""
    missing = f"there is no user {user_id} in this organization"
    try:
        with connection.transaction():
            return one(
                connection, Membership, SQL["set_role"], missing=missing,
                organization_id=organization_id, user_id=user_id, role=role,
            )  # fmt: skip
    except ForeignKeyViolation:
        raise Missing(missing) from None


def set_rate_limits(
    connection: Connection, organization_id: UUID, user_id: UUID, *, per_hour: int | None, per_day: int | None
) -> None:
    """Let a user ask so often in an hour and a day from now on, None for as often as they like; raises Missing."""
    if run(
        connection, SQL["set_rate_limits"],
        organization_id=organization_id, user_id=user_id, per_hour=per_hour, per_day=per_day,
    ) == 0:  # fmt: skip
        raise Missing(f"user {user_id} has no role in this organization")


def find_role(connection: Connection, organization_id: UUID, user_id: UUID) -> Membership | None:
    """The membership of a user, or None where they have no role."""
    return find(connection, Membership, SQL["find"], organization_id=organization_id, user_id=user_id)


def select_all(connection: Connection, organization_id: UUID) -> list[Membership]:
    """The memberships of the organization, the oldest first."""
    return many(connection, Membership, SQL["select_all"], organization_id=organization_id)


def select_owners(connection: Connection, organization_id: UUID) -> list[UUID]:
    """The users who own the organization and may come in; none of them changes until the transaction ends."""
    rows = connection.execute(SQL["select_owners"], {"organization_id": organization_id})
    return [row[0] for row in rows]


def remove(connection: Connection, organization_id: UUID, user_id: UUID) -> bool:
    """Take a user's role away; whether they had one."""
    return run(connection, SQL["remove"], organization_id=organization_id, user_id=user_id) == 1
