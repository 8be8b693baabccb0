"""Links by which a person signs in with a browser: each works once, for some minutes, in place of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.statements import Connection, find, run, statements_for
from resources.identity import allowances, browser_sessions, memberships, tokens, users
from resources.identity.records import User

SQL = statements_for(__name__)

LASTS = timedelta(minutes=15)
# Who signs in where nobody was made yet: whoever may start the product may be its owner.
OWNER, OWNER_ADDRESS = "owner", "owner@localhost"


@dataclass(frozen=True)
class _Holder:
    organization_id: UUID
    id: UUID
    user_id: UUID
    digest: bytes


def create(connection: Connection, organization_id: UUID, user_id: UUID) -> str:
    """The text of a new link's token, which cannot be shown again; the person's earlier links work no more."""
    token = tokens.new()
    run(connection, SQL["remove_over"], organization_id=organization_id)
    browser_sessions.remove_over(connection, organization_id)
    allowances.remove_idle(connection, organization_id)
    run(
        connection, SQL["create"],
        organization_id=organization_id, user_id=user_id, id=token.id, digest=token.digest, lasts=LASTS,
    )  # fmt: skip
    return token.text


def consume(database: Database, text: str, *, browser: str = "") -> str | None:
    """Use a link: the text of the cookie of a new session; None where it works no more, or never did."""
    token = tokens.parsed(text)
    if token is None:
        return None
    with database.directory() as connection:
        holder = find(connection, _Holder, SQL["holder"], id=token.id)
    if holder is None or not token.proves(holder.digest):
        return None
    with database.transaction(holder.organization_id) as connection:
        if run(connection, SQL["consume"], organization_id=holder.organization_id, id=holder.id) == 0:
            return None
        users.set_signed_in(connection, holder.organization_id, holder.user_id)
        return browser_sessions.create(connection, holder.organization_id, holder.user_id, browser=browser)


def ensure_owner(connection: Connection, organization_id: UUID) -> User:
    """The first owner of the organization; one is made where it has none."""
    owners = [m.user_id for m in memberships.select_all(connection, organization_id) if m.role == "owner"]
    active = [user for id in owners if (user := users.get(connection, organization_id, id)).is_active]
    if active:
        return active[0]
    owner = users.find_by_username(connection, organization_id, OWNER) or users.create(
        connection, organization_id, username=OWNER, email=OWNER_ADDRESS
    )
    memberships.set_role(connection, organization_id, owner.id, "owner")
    return owner
