"""What a source lists no more, at the end of a whole listing: the same at another path, deleted, or too much to delete.

A move is found by the database alone, so that it is found whenever the sync was killed: a document that readers see is
missing, and one that they never saw has its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.statements import Connection
from resources.knowledge.documents import documents, sync_failures
from resources.knowledge.documents.withdrawals import withdraw, withdraw_unready
from resources.knowledge.intake import deletions, leases, members
from resources.knowledge.intake.leases import Lease
from resources.knowledge.records import DataSource, Move

_AT_ONCE = 200
Each = TypeVar("Each")


@dataclass(frozen=True)
class Departed:
    """What became of what is missing. `moved_now`: how many of the moved came in this sync, as new ones at first."""

    moved: int
    moved_now: int
    deleted: int
    held: int


def depart(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    missing: Sequence[UUID],
    *,
    since: datetime,
    lease: Lease,
) -> Departed:
    """Follow what is missing in a listing that is whole, also when nothing is. `since`: when this sync began."""
    moves = _follow_moves(database, organization_id, source, missing, since=since, lease=lease)
    moved = {move.id for move in moves}
    gone = [id for id in missing if id not in moved]
    with leases.writing(database, organization_id, lease) as connection:
        verdict = deletions.settle(connection, organization_id, source, gone)
    deleted = 0
    for some in _batches(verdict.go):
        with leases.writing(database, organization_id, lease) as connection:
            deleted += withdraw(connection, organization_id, some)
    return Departed(len(moves), sum(move.is_new for move in moves), deleted, len(verdict.ask))


def _follow_moves(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    missing: Sequence[UUID],
    *,
    since: datetime,
    lease: Lease,
) -> list[Move]:
    if not missing:
        return []
    with database.transaction(organization_id) as connection:
        found = documents.select_moves(connection, organization_id, source_id=source.id, ids=missing, since=since)
    moved: list[Move] = []
    for some in _batches(found):
        with leases.writing(database, organization_id, lease) as connection:
            ids = [id for move in some for id in (move.id, move.arrived_id)]
            present = documents.lock(connection, organization_id, ids)
            moved += [
                move
                for move in some
                if {move.id, move.arrived_id} <= present and _move(connection, organization_id, source.id, move)
            ]
    return moved


def _move(connection: Connection, organization_id: UUID, source_id: UUID, move: Move) -> bool:
    """The document keeps all that it is and was; the new one, which readers never saw, gives it its place."""
    sync_failures.remove_of_documents(connection, organization_id, [move.arrived_id])
    withdraw_unready(connection, organization_id, move.arrived_id)
    if not documents.move(connection, organization_id, move):
        return False
    sync_failures.move(connection, organization_id, document_id=move.id, path=move.path)
    members.follow(
        connection, organization_id, source_id=source_id, former_path=move.former_path, path=move.path
    )  # fmt: skip
    return True


def _batches(all_of_them: Sequence[Each]) -> Iterator[list[Each]]:
    remaining = iter(all_of_them)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some
