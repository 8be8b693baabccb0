"""Chain receipts by hash, and find where a chain is broken. Pure: each hash covers its receipt and the hash before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from resources.knowledge.records import Receipt

BEGINNING = "0" * 64
"""What stands before the first receipt."""


def sealed(receipt: Receipt) -> str:
    """The hash of a receipt: SHA-256 of the hash before it and of all its fields as canonical JSON.

    Canonical: keys in order, no blanks, instants in UTC with microseconds; anybody can compute it again.
    """
    fields = {name: _plain(value) for name, value in asdict(receipt).items() if name not in ("hash", "previous_hash")}
    told = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(receipt.previous_hash.encode() + told.encode()).hexdigest()


def breaks(receipts: Iterable[Receipt]) -> Iterator[str]:
    """What is wrong with the receipts of an organization, given from the first on, in order; nothing where all is well.

    A chain alone cannot show that its end was cut off: hold its last number and hash against those noted elsewhere.
    """
    number, before = 0, BEGINNING
    for receipt in receipts:
        if receipt.number != number + 1:
            missing = f"{number + 1} to {receipt.number - 1}" if receipt.number > number + 2 else f"{number + 1}"
            yield f"receipt {missing} is missing"
        elif receipt.previous_hash != before:
            yield f"receipt {receipt.number} does not follow the one before it"
        if sealed(receipt) != receipt.hash:
            yield f"receipt {receipt.number} was changed after it was written"
        number, before = receipt.number, receipt.hash


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    return value
