"""People of an organization with what they may do: made, changed and taken away with what follows from it.

An organization keeps an owner who may come in. Whoever may do less, or nothing, from now on is signed out, and keys of
theirs that may do more are valid no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.errors import Conflict
from resources.foundation.statements import Connection
from resources.identity import api_keys, browser_sessions, memberships, users
from resources.identity.records import SCOPES_OF_ROLE, MemberRole, Membership, User


@dataclass(frozen=True)
class Person:
    """A user with their role; None: they may do nothing here."""

    user: User
    role: MemberRole | None

    @property
    def id(self) -> UUID:
        """The user's id."""
        return self.user.id

    @property
    def scopes(self) -> frozenset[str]:
        """What they may do now."""
        return frozenset(SCOPES_OF_ROLE[self.role]) if self.role and self.user.is_active else frozenset()


def select_all(connection: Connection, organization_id: UUID) -> list[Person]:
    """Everybody, by name."""
    roles = {each.user_id: each.role for each in memberships.select_all(connection, organization_id)}
    return [Person(user, roles.get(user.id)) for user in users.select_all(connection, organization_id)]


def get(connection: Connection, organization_id: UUID, id: UUID) -> Person:
    """One of them; raises Missing."""
    user = users.get(connection, organization_id, id)
    return Person(user, _role(memberships.find_role(connection, organization_id, id)))


def replace(connection: Connection, organization_id: UUID, person: Person) -> Person:
    """Give somebody the values and role of this record, and end what they may do no more.

    Raises Missing, Refused, Conflict: also where nobody would own the organization.
    """
    before = get(connection, organization_id, person.id)
    if before.role == "owner" and (person.role != "owner" or not person.user.is_active):
        _require_another_owner(connection, organization_id, person.id)
    user = users.replace(connection, organization_id, person.user)
    if person.role is None:
        memberships.remove(connection, organization_id, user.id)
    elif person.role != before.role:
        memberships.set_role(connection, organization_id, user.id, person.role)
    after = Person(user, person.role)
    if not before.scopes <= after.scopes:
        browser_sessions.end_of_user(connection, organization_id, user.id)
        api_keys.revoke_beyond(connection, organization_id, user.id, after.scopes)
    return after


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Take somebody away with their keys, sessions and settings; what they owned otherwise has no owner then.

    Raises Missing; Conflict where nobody else owns the organization.
    """
    if get(connection, organization_id, id).role == "owner":
        _require_another_owner(connection, organization_id, id)
    users.remove(connection, organization_id, id)


def _require_another_owner(connection: Connection, organization_id: UUID, user_id: UUID) -> None:
    owners = memberships.select_owners(connection, organization_id)
    if set(owners) <= {user_id}:
        raise Conflict("the organization has no other owner who may come in: make somebody else an owner first")


def _role(membership: Membership | None) -> MemberRole | None:
    return membership.role if membership else None
