"""Prices of models: what an organization pays for a million tokens from a day (of UTC) on, until the next price holds.

The price of a day is the latest that does not begin after it; without one, nobody knows what a model costs. What was
paid is not reckoned anew, so a price that began before today stays as it is: another one follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from psycopg.errors import CheckViolation, NumericValueOutOfRange, UniqueViolation

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.identity.records import Price

SQL = statements_for(__name__)
PriceState = Literal["past", "current", "coming"]
_FREE = Decimal(0)


@dataclass(frozen=True)
class ListedPrice:
    """A price and the day from which on it holds; `since` None: from the beginning."""

    id: UUID
    model: str
    since: date | None
    input: Decimal
    output: Decimal
    state: PriceState


def find_for(connection: Connection, organization_id: UUID, model: str, *, day: date | None = None) -> Price | None:
    """The price of a model on a day of UTC, today without one; None where none holds. The embedded model is free."""
    if model == EMBEDDED_MODEL:
        return Price(model, _FREE, _FREE)
    return find(connection, Price, SQL["find"], organization_id=organization_id, model=model, day=day)


def get(connection: Connection, organization_id: UUID, id: UUID) -> ListedPrice:
    """One price; raises Missing."""
    return one(
        connection, ListedPrice, SQL["select_page"], missing=f"there is no price {id} in this organization",
        organization_id=organization_id, id=id, model=None, state=None, after_model=None, after_since=None,
        backwards=False, at_most=1,
    )  # fmt: skip


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    model: str | None = None,
    state: PriceState | None = None,
    after: ListedPrice | None = None,
    backwards: bool = False,
    at_most: int = 1_000,
) -> list[ListedPrice]:
    """Prices by model and day: of a model only, of a state only, after one."""
    return many(
        connection, ListedPrice, SQL["select_page"], organization_id=organization_id, id=None, model=model, state=state,
        after_model=after.model if after else None, after_since=after.since if after else None, backwards=backwards,
        at_most=at_most,
    )  # fmt: skip


def create(connection: Connection, organization_id: UUID, price: Price, *, since: date | None = None) -> ListedPrice:
    """Set a price from a day on, today without one. Raises Conflict where there is one from that very day, Refused."""
    return _put(connection, organization_id, SQL["create"], price, since)


def replace(connection: Connection, organization_id: UUID, price: Price, *, since: date | None = None) -> ListedPrice:
    """Set a price from a day on, today without one, in place of any from that very day. Raises Refused."""
    return _put(connection, organization_id, SQL["replace"], price, since)


def correct(connection: Connection, organization_id: UUID, price: ListedPrice) -> ListedPrice:
    """Give a price the day and the amounts of this record.

    Raises Missing, Conflict for a price that began before today and for the day of another one, Refused.
    """
    known = get(connection, organization_id, price.id)
    if known.since is None or known.since < _today():
        raise Conflict(
            f"what the model {known.model!r} cost until now stays, since it was paid: set another price from today on"
        )
    day = _open(price.since)
    with _keeping(connection, price.model, day):
        run(
            connection, SQL["correct"], organization_id=organization_id, id=price.id, since=day, input=price.input,
            output=price.output,
        )  # fmt: skip
    return get(connection, organization_id, price.id)


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Forget a price, on past days too; the one before it holds instead, if there is one. Raises Missing."""
    if not run(connection, SQL["remove"], organization_id=organization_id, id=id):
        raise Missing(f"there is no price {id} in this organization")


def _put(
    connection: Connection, organization_id: UUID, statement: bytes, price: Price, since: date | None
) -> ListedPrice:  # fmt: skip
    day = _open(since)
    with _keeping(connection, price.model, day):
        id = value(
            connection, statement, organization_id=organization_id, model=price.model, since=day, input=price.input,
            output=price.output,
        )  # fmt: skip
    return get(connection, organization_id, id)


def _open(since: date | None) -> date:
    """The day from which on a price is to hold. Raises Refused for one that is over."""
    today = _today()
    if since is not None and since < today:
        raise Refused(
            f"a price cannot hold from {since} on: that day is over, and what was paid is not reckoned anew; today is "
            f"{today} in UTC"
        )
    return since or today


def _today() -> date:
    return datetime.now(UTC).date()


@contextmanager
def _keeping(connection: Connection, model: str, day: date) -> Iterator[None]:
    try:
        with connection.transaction():
            yield
    except UniqueViolation:
        raise Conflict(f"the model {model!r} has a price from {day} on already: change that one") from None
    except (CheckViolation, NumericValueOutOfRange):
        raise Refused(
            f"the price of {model!r} cannot be kept: a million tokens cost 0 or more, less than 100 million"
        ) from None
