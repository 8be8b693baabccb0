"""Expenses: what models are asked for money, reserved before they are asked, so that no budget is ever overspent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from resources.foundation.errors import Refused
from resources.foundation.inference import Usage
from resources.foundation.statements import Connection, many, run, send, statements_for, value
from resources.identity import budgets, model_prices, pricing
from resources.identity.records import Budget

SQL = statements_for(__name__)
Kind = Literal["embedding", "answer", "questions"]
"""What for: vectors of documents, answers, or questions with known answers: to make them, and to measure by them."""

SINGLE_DAYS = 2
"""How long each expense is kept; of days that ended before, sums by what for and by model remain: a month is summed up
before each answer that costs something, so it must not have a row for each. What an answer cost stands in its usage."""
DAILY_DAYS = 400
"""How long the sums of days are kept; of months that ended before, those of the month remain."""


@dataclass(frozen=True)
class Spending:
    """What was spent in this month on a model. `unpriced_tokens`: of those that no cost is known of.

    `reserved`: the part of `cost` whose work is not stored: it is under way, or was paid and lost in a crash.
    """

    kind: str
    model: str
    tokens: int
    cost: Decimal | None
    unpriced_tokens: int
    reserved: Decimal


@dataclass(frozen=True)
class MonthlySpending:
    """What was spent in a month that is over. `cost` None: nothing of it had a price."""

    month: datetime
    kind: str
    model: str
    tokens: int
    cost: Decimal | None


class BudgetReached(Refused):
    """What is to be bought costs more than is left of the month's budget."""

    def __init__(self, says: str, *, budget: Budget, cost: Decimal) -> None:
        super().__init__(says)
        self.budget = budget
        self.cost = cost


def reserve(
    connection: Connection,
    organization_id: UUID,
    *,
    model: str,
    tokens: int,
    cost: Decimal | None,
    kind: Kind = "embedding",
) -> UUID:
    """Set a cost aside before the model is asked; the id of the expense. Raises BudgetReached.

    The caller's transaction must end at once: until then nobody else can reserve. The budget is locked by a statement
    of its own, so that the next one sees what all others have reserved.
    """
    if cost and budgets.lock(connection, organization_id):
        budget = budgets.find_of_month(connection, organization_id)
        if budget is not None and cost > budget.left:
            raise BudgetReached("the budget of this month is reached", budget=budget, cost=cost)
    reserved: UUID = value(
        connection, SQL["create"], organization_id=organization_id, kind=kind, model=model, tokens=tokens,
        cost=cost, is_settled=False,
    )  # fmt: skip
    if cost:
        budgets.tell(connection, organization_id)
    return reserved


def settle(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> None:
    """What these were reserved for is stored, in this transaction."""
    run(connection, SQL["settle"], organization_id=organization_id, ids=list(ids))


def correct(connection: Connection, organization_id: UUID, id: UUID, *, tokens: int, cost: Decimal | None) -> None:
    """What was reserved took this in the end, and its work is stored in this transaction."""
    run(connection, SQL["correct"], organization_id=organization_id, id=id, tokens=tokens, cost=cost)


def release(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Take back what was reserved: the model gave nothing for it."""
    run(connection, SQL["release"], organization_id=organization_id, id=id)


def pay(
    connection: Connection, organization_id: UUID, model: str, used: Usage, *, kind: Kind = "answer"
) -> Decimal | None:
    """Book what a model took at the price of today, which counts against the budget; None: it has none.

    It was asked already, so nothing holds this up: whoever asks looks at `budgets.select_held_models` before.
    """
    price = model_prices.find_for(connection, organization_id, model)
    cost = pricing.cost(price, read=used.prompt_tokens, spoken=used.completion_tokens)
    tokens = used.prompt_tokens + used.completion_tokens
    send(connection, SQL["record"], organization_id=organization_id, kind=kind, model=model, tokens=tokens, cost=cost)
    if cost:
        budgets.tell(connection, organization_id)
    return cost


def select_of_month(connection: Connection, organization_id: UUID) -> list[Spending]:
    """What was spent in this month, by what for and by model."""
    return many(connection, Spending, SQL["select_of_month"], organization_id=organization_id)


def select_by_month(connection: Connection, organization_id: UUID, *, at_most: int = 100) -> list[MonthlySpending]:
    """What was spent in the months before this one, by what for and by model; the latest first."""
    return many(connection, MonthlySpending, SQL["select_by_month"], organization_id=organization_id, at_most=at_most)


def sum_up(
    connection: Connection, organization_id: UUID, *, single_days: int = SINGLE_DAYS, daily_days: int = DAILY_DAYS
) -> int:
    """Bring the expenses of days that ended so many days ago together, and of months; how many were."""
    ended = (("day", single_days), ("month", daily_days))
    return sum(
        int(value(connection, SQL["sum_up"], organization_id=organization_id, period=period, days=days))
        for period, days in ended
    )
