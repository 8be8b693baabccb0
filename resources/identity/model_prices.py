"""Prices of models: what an organization pays for a million tokens; a model that has none costs nobody knows what."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from psycopg.errors import CheckViolation, NumericValueOutOfRange

from resources.foundation.errors import Missing, Refused
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, find, many, run, statements_for
from resources.identity.records import Price

SQL = statements_for(__name__)
_FREE = Decimal(0)


def find_for(connection: Connection, organization_id: UUID, model: str) -> Price | None:
    """The price of a model; None where nobody set one. The embedded model is free."""
    if model == EMBEDDED_MODEL:
        return Price(model, _FREE, _FREE)
    return find(connection, Price, SQL["find"], organization_id=organization_id, model=model)


def select_all(connection: Connection, organization_id: UUID) -> list[Price]:
    """All prices that were set, by model."""
    return many(connection, Price, SQL["select_all"], organization_id=organization_id)


def replace(connection: Connection, organization_id: UUID, price: Price) -> None:
    """Set a price, in place of any there was; what was spent already is not reckoned anew. Raises Refused."""
    try:
        with connection.transaction():
            run(
                connection, SQL["replace"], organization_id=organization_id, model=price.model, input=price.input,
                output=price.output,
            )  # fmt: skip
    except (CheckViolation, NumericValueOutOfRange):
        raise Refused(
            f"the price of {price.model!r} cannot be kept: a million tokens cost 0 or more, less than 100 million"
        ) from None


def remove(connection: Connection, organization_id: UUID, model: str) -> None:
    """Forget a price. Raises Missing."""
    if not run(connection, SQL["remove"], organization_id=organization_id, model=model):
        raise Missing(f"model {model!r} has no price: 'millrace price list' shows which have one")
