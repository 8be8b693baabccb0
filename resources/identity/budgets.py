"""Budgets: what an organization allows itself to spend on models in a month (of UTC), and approvals beyond that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from psycopg.errors import CheckViolation, NumericValueOutOfRange

from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, find, many, one, run, statements_for, value
from resources.identity import notifications, pricing
from resources.identity.records import Budget, BudgetAction

SQL = statements_for(__name__)

WARNED_FROM = Decimal("0.8")
"""The share of a budget from which on people are warned."""
_LOW: Final = "budget_warning"
_SPENT: Final = "budget_reached"


@dataclass(frozen=True)
class Approval:
    """What somebody allowed beyond the budget of the month in which they did."""

    id: UUID
    amount: Decimal
    approved_by: str
    created_at: datetime


def find_of_month(connection: Connection, organization_id: UUID) -> Budget | None:
    """The budget as it stands in this month; None where nothing bounds what is spent."""
    return find(connection, Budget, SQL["find"], organization_id=organization_id)


def lock(connection: Connection, organization_id: UUID) -> bool:
    """Nobody else counts against the budget until the transaction ends; whether there is one."""
    return value(connection, SQL["lock"], organization_id=organization_id) is not None


def replace(
    connection: Connection, organization_id: UUID, *, amount: Decimal, currency: str, action: BudgetAction
) -> None:
    """What may be spent in a month from now on; what was spent in this one counts. Raises Refused."""
    try:
        with connection.transaction():
            run(
                connection, SQL["replace"],
                organization_id=organization_id, amount=amount, currency=currency, action=action,
            )  # fmt: skip
    except (CheckViolation, NumericValueOutOfRange):
        raise Refused(
            "this budget cannot be kept: give an amount of 0 or more, a currency of three capital letters such as "
            "EUR, and 'block' or 'ask' for when it is reached"
        ) from None


def remove(connection: Connection, organization_id: UUID) -> None:
    """Nothing bounds what is spent from now on. Raises Missing."""
    if not run(connection, SQL["remove"], organization_id=organization_id):
        raise Missing("there is no budget: 'millrace budget set' makes one")


def approve(connection: Connection, organization_id: UUID, *, amount: Decimal, approved_by: str) -> Budget:
    """Allow so much more in this month; the budget as it stands then.

    Raises Missing without a budget, Conflict for one that nobody is asked about, Refused for no sensible amount.
    """
    lock(connection, organization_id)
    budget = find_of_month(connection, organization_id)
    if budget is None:
        raise Missing("there is no budget, so nothing needs approval: 'millrace budget set' makes one")
    if budget.action != "ask":
        raise Conflict(
            "this budget asks nobody when it is reached: raise it with 'millrace budget set AMOUNT', or let it ask "
            "with 'millrace budget set AMOUNT --when-reached ask'"
        )
    try:
        with connection.transaction():
            run(
                connection, SQL["approve"], organization_id=organization_id, amount=amount, approved_by=approved_by
            )  # fmt: skip
    except (CheckViolation, NumericValueOutOfRange):
        raise Refused(f"{amount} cannot be approved: give an amount above 0") from None
    return find_of_month(connection, organization_id) or budget


def get_approval(connection: Connection, organization_id: UUID, id: UUID) -> Approval:
    """One approval; raises Missing."""
    return one(
        connection, Approval, SQL["get_approval"], missing=f"there is no approval {id}",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_approvals(
    connection: Connection,
    organization_id: UUID,
    *,
    month: date | None = None,
    approved_by: str | None = None,
    after: Approval | None = None,
    oldest_first: bool = False,
    at_most: int = 1_000,
) -> list[Approval]:
    """What was approved, the latest first unless `oldest_first`: in the month (of UTC) of a day only, by one only."""
    return many(
        connection, Approval, SQL["select_approvals"], organization_id=organization_id, month=month,
        approved_by=approved_by, after_at=after.created_at if after else None, after_id=after.id if after else None,
        oldest_first=oldest_first, at_most=at_most,
    )  # fmt: skip


def select_held_models(connection: Connection, organization_id: UUID) -> frozenset[str]:
    """The models that are not to be asked now: those that cost something, where all of the month's budget is spent."""
    held = connection.execute(SQL["select_held_models"], {"organization_id": organization_id})
    return frozenset(model for (model,) in held)


def tell(connection: Connection, organization_id: UUID) -> None:
    """Tell people, once, that the month's budget comes to its end, and that it has; again when that was over."""
    budget = find_of_month(connection, organization_id)
    if budget is None:
        return
    is_spent, is_low = budget.left <= 0, budget.spent >= budget.limit * WARNED_FROM
    whole = f"{pricing.shown(budget.limit)} {budget.currency}"
    body = {"currency": budget.currency, "limit": str(budget.limit), "spent": str(budget.spent)}
    if is_spent:
        notifications.raise_event(
            connection, organization_id, event=_SPENT, dedup_key=_SPENT, body=body,
            subject=f"The budget of this month, {whole}, is spent: models that cost money are asked no more",
        )  # fmt: skip
    elif is_low:
        notifications.raise_event(
            connection, organization_id, event=_LOW, dedup_key=_LOW, body=body,
            subject=f"{pricing.shown(budget.spent)} of the budget of this month, {whole}, are spent",
        )  # fmt: skip
    if not is_spent:
        notifications.close_event(connection, organization_id, dedup_key=_SPENT)
    if not is_low:
        notifications.close_event(connection, organization_id, dedup_key=_LOW)
