"""Logins for tools that ask with SQL: each reads the views of analytics, of one organization, and writes nothing."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.database import Server
from resources.foundation.errors import Conflict, Misconfigured, Refused
from resources.foundation.statements import Connection, many, one, run, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class AnalystLogin:
    """A login, and the name that it bears in PostgreSQL."""

    id: UUID
    name: str
    created_at: datetime

    @property
    def user(self) -> str:
        """Whom the tool logs in as."""
        return f"millrace_analyst_{self.id.hex}"


def create(connection: Connection, organization_id: UUID, *, name: str) -> AnalystLogin:
    """Bind a login to the organization, before it can be used: see admit. Raises Conflict for a name that is taken."""
    try:
        with connection.transaction():
            return one(
                connection, AnalystLogin, SQL["create"], missing=f"login {name!r} was not made",
                organization_id=organization_id, name=name,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"there is a login {name!r} already: choose another name, or remove that one") from None
    except CheckViolation:
        raise Refused("a login's name has 1 to 100 characters") from None


def select_all(connection: Connection, organization_id: UUID) -> list[AnalystLogin]:
    """The logins by name."""
    return many(connection, AnalystLogin, SQL["select_all"], organization_id=organization_id)


def get(connection: Connection, organization_id: UUID, name: str) -> AnalystLogin:
    """One by its name; raises Missing."""
    return one(
        connection, AnalystLogin, SQL["get"], missing=f"there is no login {name!r} in this organization",
        organization_id=organization_id, name=name,
    )  # fmt: skip


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Bind it to nothing: from then on it sees no rows."""
    run(connection, SQL["remove"], organization_id=organization_id, id=id)


def admit(server: Server, organization_id: UUID, login: AnalystLogin) -> str:
    """Make the role that may log in, with a new password; the password, which nobody can read again.

    Raises Misconfigured where the operator's user may not create roles.
    """
    password = secrets.token_urlsafe(24)
    user = sql.Identifier(login.user)
    try:
        with psycopg.connect(server.admin_conninfo()) as admin:
            # the server is told the verifier only, so that no log of statements has the password
            sealed = admin.pgconn.encrypt_password(password.encode(), login.user.encode(), b"scram-sha-256").decode()
            admin.execute(
                sql.SQL("create role {} login nosuperuser nobypassrls connection limit 20 password {}").format(
                    user, sql.Literal(sealed)
                )
            )
            admin.execute(sql.SQL("grant millrace_analyst to {}").format(user))
            for setting, wanted in (
                ("millrace.organization_id", str(organization_id)),
                ("default_transaction_read_only", "on"),
                ("statement_timeout", "60s"),
                ("search_path", "analytics"),
                ("timezone", "UTC"),
            ):
                name = sql.SQL(".").join(map(sql.Identifier, setting.split(".")))
                admin.execute(sql.SQL("alter role {} set {} = {}").format(user, name, sql.Literal(wanted)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misconfigured(
            f"the user of DATABASE_URL may not make logins ({str(error).strip()}): give it createrole, and "
            "millrace_analyst with admin option"
        ) from error
    return password


def dismiss(server: Server, login: AnalystLogin) -> None:
    """Take the role away; whoever is logged in stays so until they leave, and sees nothing."""
    with psycopg.connect(server.admin_conninfo()) as admin:
        admin.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(login.user)))
