"""Browser sessions: somebody is signed in, as what their role says, until they sign out or a week is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from resources.foundation.statements import Connection, find, many, run, statements_for
from resources.identity import tokens
from resources.identity.records import SCOPES_OF_ROLE, BrowserSession, Caller, MemberRole

SQL = statements_for(__name__)

LASTS = timedelta(days=7)
_MOST_BROWSER_CHARACTERS = 300


@dataclass(frozen=True)
class _Holder:
    organization_id: UUID
    id: UUID
    user_id: UUID
    name: str
    digest: bytes
    role: MemberRole
    rate_limit_per_hour: int | None
    rate_limit_per_day: int | None


def create(connection: Connection, organization_id: UUID, user_id: UUID, *, browser: str = "") -> str:
    """The text of a new session's cookie, which is kept nowhere."""
    token = tokens.new()
    run(
        connection, SQL["create"],
        organization_id=organization_id, user_id=user_id, id=token.id, digest=token.digest,
        browser=browser[:_MOST_BROWSER_CHARACTERS], lasts=LASTS,
    )  # fmt: skip
    return token.text


def holder(connection: Connection, text: str) -> Caller | None:
    """Who is signed in with this cookie, in a directory transaction; None where nobody is."""
    token = tokens.parsed(text)
    found = None if token is None else find(connection, _Holder, SQL["holder"], id=token.id)
    if token is None or found is None or not token.proves(found.digest):
        return None
    return Caller(
        found.organization_id, None, found.user_id, found.name, frozenset(SCOPES_OF_ROLE[found.role]), found.id,
        rate_limit_per_hour=found.rate_limit_per_hour, rate_limit_per_day=found.rate_limit_per_day,
    )  # fmt: skip


def touch(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Remember that it was used, at most once a minute; whether that was written."""
    return run(connection, SQL["touch"], organization_id=organization_id, id=id) == 1


def end(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Sign out here; again it changes nothing."""
    run(connection, SQL["end"], organization_id=organization_id, id=id)


def end_of_user(connection: Connection, organization_id: UUID, user_id: UUID) -> int:
    """Sign a person out everywhere; in how many browsers they were signed in."""
    return run(connection, SQL["end_of_user"], organization_id=organization_id, user_id=user_id)


def select_open(connection: Connection, organization_id: UUID, user_id: UUID) -> list[BrowserSession]:
    """The browsers in which a person is signed in, the newest first."""
    return many(connection, BrowserSession, SQL["select_open"], organization_id=organization_id, user_id=user_id)


def remove_over(connection: Connection, organization_id: UUID) -> int:
    """Forget sessions that ended a month ago."""
    return run(connection, SQL["remove_over"], organization_id=organization_id)
