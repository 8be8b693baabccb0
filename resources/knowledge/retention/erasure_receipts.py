"""Receipts of erasures: written in the transaction that erases, chained by hash, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.foundation.statements import Connection, many, run, statements_for
from resources.knowledge.records import Receipt
from resources.knowledge.retention import chaining

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    erasure_id: UUID,
    kind: str,
    target_id: UUID,
    target_hash: str | None,
    row_counts: Mapping[str, int],
    object_count: int = 0,
    object_bytes: int = 0,
    requested_by: str,
    reason: str,
) -> Receipt:
    """The next receipt of the organization. Others that write one wait until this transaction has ended."""
    run(connection, SQL["lock"], organization_id=organization_id)
    number, before, now = _head(connection, organization_id)
    receipt = Receipt(
        number=number + 1, erasure_id=erasure_id, kind=kind, target_id=target_id, target_hash=target_hash,
        row_counts={table: count for table, count in sorted(row_counts.items()) if count},
        object_count=object_count, object_bytes=object_bytes, requested_by=requested_by, reason=reason,
        created_at=now, previous_hash=before, hash="",
    )  # fmt: skip
    receipt = replace(receipt, hash=chaining.sealed(receipt))
    values = asdict(receipt) | {"row_counts": Jsonb(dict(receipt.row_counts))}
    run(connection, SQL["create"], organization_id=organization_id, **values)
    return receipt


def select_all(connection: Connection, organization_id: UUID) -> list[Receipt]:
    """All receipts of the organization, the first one first."""
    return many(connection, Receipt, SQL["select_all"], organization_id=organization_id)


def _head(connection: Connection, organization_id: UUID) -> tuple[int, str, datetime]:
    """The last receipt's number and hash, and the database's time, which the next one bears."""
    row = connection.execute(
        SQL["get_head"], {"organization_id": organization_id, "beginning": chaining.BEGINNING}
    ).fetchone()
    assert row is not None
    return int(row[0]), str(row[1]), row[2]
