"""Keys of the API: made once, shown once, known afterwards by their digest only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.errors import CheckViolation, UniqueViolation

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for
from resources.identity import tokens
from resources.identity.records import ApiKey, Caller

SQL = statements_for(__name__)

PREFIX = "mr_"  # by which scanners for secrets know one


@dataclass(frozen=True)
class _Holder:
    organization_id: UUID
    id: UUID
    user_id: UUID | None
    name: str
    digest: bytes
    scopes: Sequence[str]
    rate_limit_per_hour: int | None
    rate_limit_per_day: int | None


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str,
    scopes: Iterable[str],
    user_id: UUID | None = None,
    expires_at: datetime | None = None,
    rate_limit_per_hour: int | None = None,
    rate_limit_per_day: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, `mr_<id>_<secret>`, which cannot be shown again.

    The scopes: records.Scope. Raises Conflict where the name is taken, Refused for an unknown scope.
    """
    token = tokens.new()
    wanted = sorted(set(scopes))
    try:
        with connection.transaction():
            key = one(
                connection, ApiKey, SQL["create"], missing=f"key {name!r} was not created",
                organization_id=organization_id, id=token.id, user_id=user_id, name=name, digest=token.digest,
                scopes=wanted, expires_at=expires_at, rate_limit_per_hour=rate_limit_per_hour,
                rate_limit_per_day=rate_limit_per_day,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"a key {name!r} exists already in this organization: choose another name") from None
    except CheckViolation:
        raise Refused(
            f"key {name!r} with the scopes {', '.join(wanted)} cannot be made: a name has 1 to 200 characters, "
            "the scopes are chat, search, manage, analyze and administer, and a limit is between 1 and 1,000,000"
        ) from None
    return key, PREFIX + token.text


def holder(connection: Connection, key_text: str) -> Caller | None:
    """Who holds this key, in a directory transaction; None where it is unknown, wrong, revoked or expired."""
    token = tokens.parsed(key_text, prefix=PREFIX)
    if token is None:
        return None
    found = find(connection, _Holder, SQL["holder"], id=token.id)
    if found is None or not token.proves(found.digest):
        return None
    return Caller(
        found.organization_id, found.id, found.user_id, found.name, frozenset(found.scopes),
        rate_limit_per_hour=found.rate_limit_per_hour, rate_limit_per_day=found.rate_limit_per_day,
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> ApiKey:
    """A key by id; raises Missing."""
    return one(connection, ApiKey, SQL["get"], missing=_missing(id), organization_id=organization_id, id=id)


def select_all(connection: Connection, organization_id: UUID) -> list[ApiKey]:
    """The keys of the organization, revoked ones too, the oldest first."""
    return many(connection, ApiKey, SQL["select_all"], organization_id=organization_id)


def touch(connection: Connection, organization_id: UUID, id: UUID) -> bool:
    """Remember that the key was used, at most once a minute; whether that was written."""
    return run(connection, SQL["touch"], organization_id=organization_id, id=id) == 1


def revoke(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Make the key invalid from now on; raises Missing. Revoking it again changes nothing."""
    if run(connection, SQL["revoke"], organization_id=organization_id, id=id) == 0:
        raise Missing(_missing(id))


def replace(connection: Connection, organization_id: UUID, key: ApiKey) -> ApiKey:
    """Give a key the name and end of this record. Raises Missing, Conflict for a taken name, Refused for a bad one."""
    try:
        with connection.transaction():
            return one(
                connection, ApiKey, SQL["set"], missing=_missing(key.id),
                organization_id=organization_id, id=key.id, name=key.name, expires_at=key.expires_at,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"a key {key.name!r} exists already in this organization: choose another name") from None
    except CheckViolation:
        raise Refused("a key's name has 1 to 200 characters") from None


def revoke_beyond(connection: Connection, organization_id: UUID, user_id: UUID, scopes: Iterable[str]) -> int:
    """Make those keys of a user invalid that may do more than these scopes; how many they are."""
    return run(
        connection, SQL["revoke_beyond"], organization_id=organization_id, user_id=user_id, scopes=sorted(scopes)
    )


def set_rate_limits(
    connection: Connection, organization_id: UUID, id: UUID, *, per_hour: int | None, per_day: int | None
) -> None:
    """Let the key ask so often in an hour and a day from now on, None for as often as it likes; raises Missing."""
    if run(
        connection, SQL["set_rate_limits"], organization_id=organization_id, id=id, per_hour=per_hour, per_day=per_day
    ) == 0:  # fmt: skip
        raise Missing(_missing(id))


def _missing(id: UUID) -> str:
    return f"there is no key {id} in this organization"
