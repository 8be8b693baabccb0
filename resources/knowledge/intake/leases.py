"""Leases: who may write for a source now. A sync that was overtaken, because it slept or was cut off, writes nothing.

Whoever takes a lease over raises its fence. Every writing transaction of a sync begins with `hold`, which compares the
fence and keeps the lease from being taken until that transaction ends: there is no moment between the look and the
write. Only the database's clock counts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Error as DatabaseError
from psycopg.errors import LockNotAvailable

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, MillraceError
from resources.foundation.statements import Connection, one, run, statements_for, value

SQL = statements_for(__name__)
SECONDS = 60.0
_RENEWALS = 4  # in the time that a lease holds: three may fail
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Lease:
    """The right to write for a source, as it was given to a holder."""

    data_source_id: UUID
    fence: int
    holder: str


@dataclass(frozen=True)
class _Present:
    source: str
    fence: int
    holder: str | None
    expires_at: datetime
    is_expired: bool


def take(
    connection: Connection, organization_id: UUID, source_id: UUID, *, holder: str, seconds: float = SECONDS
) -> Lease:
    """The lease of a source; the same holder may take it again. Raises Conflict while it is another's.

    A lease is another's until it has expired, and as long as a transaction that holds it is under way.
    """
    whose = {"organization_id": organization_id, "data_source_id": source_id, "holder": holder, "seconds": seconds}
    try:
        run(connection, SQL["create"], organization_id=organization_id, data_source_id=source_id)
    except LockNotAvailable:  # somebody sleeps in the middle of taking it for the first time
        raise Conflict(
            f"source {source_id} is in the hands of another sync, which hangs: the database ends that in minutes"
        ) from None
    fence = value(connection, SQL["take_again"], **whose) or value(connection, SQL["take_over"], **whose)
    if fence is None:
        raise Conflict(_says_whose(_present(connection, organization_id, source_id)))
    return Lease(source_id, int(fence), holder)


def hold(connection: Connection, organization_id: UUID, lease: Lease) -> None:
    """Keep the lease from being taken over until the transaction ends; raises Conflict when it was already."""
    if not is_held(connection, organization_id, lease):
        raise Conflict("this sync was overtaken by another sync of the same source; nothing was written")


def is_held(connection: Connection, organization_id: UUID, lease: Lease) -> bool:
    """Whether the lease still is its holder's. If so, it stays that until the transaction ends."""
    found = value(
        connection, SQL["hold"],
        organization_id=organization_id, data_source_id=lease.data_source_id, fence=lease.fence, holder=lease.holder,
    )  # fmt: skip
    return found is not None


def renew(connection: Connection, organization_id: UUID, lease: Lease, *, seconds: float = SECONDS) -> bool:
    """Let the lease hold for so many seconds from now; False when it is another's by now."""
    renewed = run(
        connection, SQL["renew"], organization_id=organization_id, data_source_id=lease.data_source_id,
        fence=lease.fence, holder=lease.holder, seconds=seconds,
    )  # fmt: skip
    return renewed == 1


def release(connection: Connection, organization_id: UUID, lease: Lease) -> None:
    """Let go of the lease. Nothing happens when it is another's by now."""
    run(
        connection, SQL["release"], organization_id=organization_id, data_source_id=lease.data_source_id,
        fence=lease.fence, holder=lease.holder,
    )  # fmt: skip


def free(connection: Connection, organization_id: UUID, source_id: UUID, *, holder: str) -> bool:
    """Let go of the lease of a holder that is known to be gone; whether it had it. If it lives, it writes nothing."""
    freed = run(
        connection, SQL["free"], organization_id=organization_id, data_source_id=source_id, holder=holder
    )  # fmt: skip
    return freed == 1


@contextmanager
def writing(database: Database, organization_id: UUID, lease: Lease) -> Iterator[Connection]:
    """A transaction that writes for the source, and only while it is leased to this holder. Raises Conflict."""
    with database.transaction(organization_id) as connection:
        hold(connection, organization_id, lease)
        yield connection


@contextmanager
def kept(database: Database, organization_id: UUID, lease: Lease, *, seconds: float = SECONDS) -> Iterator[None]:
    """Renew the lease, in a thread of its own, as long as this lasts. It does not expire because work takes long.

    A renewal that finds no connection is tried again; one that finds the lease another's is the last.
    """
    ended = threading.Event()

    def renew_it() -> None:
        while not ended.wait(seconds / _RENEWALS):
            with suppress(MillraceError, DatabaseError), database.transaction(organization_id) as connection:
                if not renew(connection, organization_id, lease, seconds=seconds):
                    return

    keeper = threading.Thread(target=renew_it, name=f"lease of {lease.data_source_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join(_PATIENCE_S)  # where it waits for a database that is away, nobody needs to wait for it


def _present(connection: Connection, organization_id: UUID, source_id: UUID) -> _Present:
    return one(
        connection, _Present, SQL["find"], missing=f"there is no source {source_id} in this organization",
        organization_id=organization_id, data_source_id=source_id,
    )  # fmt: skip


def _says_whose(present: _Present) -> str:
    if present.holder is None or present.is_expired:
        return f"source {present.source!r} is in the hands of another sync at this moment: wait until that has ended"
    return (
        f"source {present.source!r} is being synced already, by {present.holder}: wait until that has ended; should "
        f"its process be gone, the source is free at {present.expires_at:%H:%M:%S %Z}"
    )
