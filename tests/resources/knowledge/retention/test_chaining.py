"""A chain of receipts shows every receipt that is missing, moved or edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from resources.knowledge.records import Receipt
from resources.knowledge.retention.chaining import BEGINNING, breaks, sealed


def chain(length: int) -> list[Receipt]:
    receipts: list[Receipt] = []
    for number in range(1, length + 1):
        receipt = Receipt(
            number=number, erasure_id=uuid4(), kind="document", target_id=uuid4(), target_hash="ab",
            row_counts={"knowledge.chunks": number, "knowledge.documents": 1}, object_count=1, object_bytes=number,
            requested_by="mia", reason="Löschung", created_at=datetime(2026, 11, 1, tzinfo=UTC),
            previous_hash=receipts[-1].hash if receipts else BEGINNING, hash="",
        )  # fmt: skip
        receipts.append(replace(receipt, hash=sealed(receipt)))
    return receipts


@given(st.integers(0, 6))
def test_a_whole_chain_has_no_break(length: int) -> None:
    assert list(breaks(chain(length))) == []


@given(st.integers(2, 6), st.data())
def test_a_missing_receipt_shows_unless_it_is_the_last(length: int, data: st.DataObject) -> None:
    receipts = chain(length)
    missing = data.draw(st.integers(0, length - 2))
    assert list(breaks(receipts[:missing] + receipts[missing + 1 :])) == [f"receipt {missing + 1} is missing"]


@given(st.integers(1, 6), st.data())
def test_an_edited_receipt_shows_whatever_was_edited(length: int, data: st.DataObject) -> None:
    receipts = chain(length)
    at = data.draw(st.integers(0, length - 1))
    edit: dict[str, object] = data.draw(
        st.sampled_from([
            {"reason": "none"}, {"requested_by": "zoe"}, {"target_id": uuid4()}, {"object_bytes": 99}, {"kind": "user"},
            {"row_counts": {"knowledge.documents": 2}}, {"created_at": datetime(2026, 11, 2, tzinfo=UTC)},
        ])
    )  # fmt: skip
    edited = replace(receipts[at], **edit)  # type: ignore[arg-type]
    assert f"receipt {at + 1} was changed after it was written" in breaks([*receipts[:at], edited, *receipts[at + 1 :]])
    resealed = replace(edited, hash=sealed(edited))
    rest = receipts[at + 1 :]
    assert bool(list(breaks([*receipts[:at], resealed, *rest]))) == bool(rest)


def test_the_same_instant_has_the_same_hash_in_every_zone() -> None:
    [receipt] = chain(1)
    elsewhere = receipt.created_at.astimezone(timezone(timedelta(hours=5)))
    assert sealed(replace(receipt, created_at=elsewhere)) == receipt.hash
