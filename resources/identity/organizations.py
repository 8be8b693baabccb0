"""Organizations: the tenants of the installation."""

from __future__ import annotations

from uuid import UUID, uuid4

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity.records import Organization

SQL = statements_for(__name__)


def create(database: Database, slug: str, name: str) -> Organization:
    """A new organization, in a transaction of its own. Raises Refused for a bad slug, Conflict for a taken one."""
    organization_id = uuid4()
    try:
        with database.transaction(organization_id) as connection:
            return one(
                connection, Organization, SQL["create"], missing=f"organization {slug!r} was not created",
                organization_id=organization_id, slug=slug, name=name,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"an organization {slug!r} exists already: choose another slug, or use that one") from None
    except CheckViolation:
        raise Refused(
            f"organization {slug!r} cannot be made: a slug is 1 to 63 small letters, digits and hyphens and does not "
            "begin with a hyphen; a name has 1 to 200 characters"
        ) from None


def get(connection: Connection, organization_id: UUID) -> Organization:
    """The organization of this transaction; raises Missing."""
    return one(
        connection, Organization, SQL["get"], missing=f"there is no organization {organization_id}",
        organization_id=organization_id,
    )  # fmt: skip


def set_name(connection: Connection, organization_id: UUID, name: str) -> Organization:
    """Call the organization so from now on; its slug stays. Raises Missing, Refused."""
    try:
        with connection.transaction():
            return one(
                connection, Organization, SQL["set_name"], missing=f"there is no organization {organization_id}",
                organization_id=organization_id, name=name,
            )  # fmt: skip
    except CheckViolation:
        raise Refused("an organization's name has 1 to 200 characters") from None


def find_by_slug(connection: Connection, slug: str) -> Organization | None:
    """The organization that bears the slug, in a directory transaction of the pipeline's role."""
    return find(connection, Organization, SQL["find_by_slug"], slug=slug)


def select_all(connection: Connection) -> list[Organization]:
    """All organizations by slug, in a directory transaction of the pipeline's role."""
    return many(connection, Organization, SQL["select_all"])


def remove(connection: Connection, organization_id: UUID) -> None:
    """Take the organization and everything that is its own out of the database; raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id) == 0:
        raise Missing(f"there is no organization {organization_id}")
