"""A budget counts the month, what was approved in it, and what was spent in it, of its own organization."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, MillraceError, Missing, Refused
from resources.foundation.inference import Usage
from resources.foundation.statements import Connection
from resources.identity import budgets, expenses, model_prices, notifications
from resources.identity.expenses import BudgetReached, MonthlySpending, Spending
from resources.identity.records import BudgetAction, Price
from tests.conftest import make_organization


def set_budget(database: Database, organization_id: UUID, amount: str, action: BudgetAction = "ask") -> None:
    with database.transaction(organization_id) as connection:
        budgets.replace(connection, organization_id, amount=Decimal(amount), currency="EUR", action=action)


def reserve(database: Database, organization_id: UUID, cost: str) -> UUID:
    with database.transaction(organization_id) as connection:
        return expenses.reserve(connection, organization_id, model="small", tokens=1, cost=Decimal(cost))


def left(database: Database, organization_id: UUID) -> Decimal | None:
    with database.transaction(organization_id) as connection:
        budget = budgets.find_of_month(connection, organization_id)
    return None if budget is None else budget.left


def test_all_of_a_budget_can_be_spent_and_nothing_beyond(database: Database, organization_id: UUID) -> None:
    set_budget(database, organization_id, "1")
    reserve(database, organization_id, "0.999999")
    reserve(database, organization_id, "0.000001")
    with pytest.raises(BudgetReached):
        reserve(database, organization_id, "0.000001")
    reserve(database, organization_id, "0")
    assert left(database, organization_id) == 0


def test_the_next_month_begins_with_all_of_it_and_without_what_was_approved(
    database: Database, organization_id: UUID
) -> None:
    set_budget(database, organization_id, "1")
    with database.transaction(organization_id) as connection:
        assert budgets.approve(connection, organization_id, amount=Decimal(2), approved_by="mia").left == 3
    reserve(database, organization_id, "2.5")
    assert left(database, organization_id) == Decimal("0.5")
    with database.transaction(organization_id) as connection:
        for table in (b"identity.expenses", b"identity.budget_approvals"):
            # the last moment of the month before, whatever the day is on which this runs
            connection.execute(
                b"update " + table + b" set created_at = date_trunc('month', now(), 'UTC') - interval '1 microsecond'"
            )
        assert expenses.select_of_month(connection, organization_id) == []
        assert budgets.select_approvals(connection, organization_id, month=datetime.now(UTC).date()) == []
        assert len(budgets.select_approvals(connection, organization_id)) == 1
    assert left(database, organization_id) == 1


def test_people_are_told_once_that_a_budget_comes_to_its_end_and_that_it_has_and_anew_when_that_was_over(
    database: Database, organization_id: UUID
) -> None:
    set_budget(database, organization_id, "1")
    told = []
    for cost in ("0.79", "0.01", "0.1", "0.1"):
        reserve(database, organization_id, cost)
        told.append(trouble(database, organization_id))
    assert told == [[], ["budget_warning"], ["budget_warning"], ["budget_reached", "budget_warning"]]
    with database.transaction(organization_id) as connection:
        budgets.approve(connection, organization_id, amount=Decimal(9), approved_by="mia")
        expenses.reserve(connection, organization_id, model="small", tokens=1, cost=Decimal("0.1"))
    assert trouble(database, organization_id) == []


def trouble(database: Database, organization_id: UUID) -> list[str]:
    """What people were told of a budget that is not over."""
    with database.transaction(organization_id) as connection:
        return sorted(
            each.event
            for event in ("budget_warning", "budget_reached")
            for each in notifications.select_open(connection, organization_id, event=event)
        )


def test_models_that_cost_money_are_held_where_all_is_spent_and_no_others(
    database: Database, organization_id: UUID
) -> None:
    other_id = make_organization(database, "other")
    for each in (organization_id, other_id):
        with database.transaction(each) as connection:
            model_prices.replace(connection, each, Price("gpt", Decimal(1), Decimal(1)))
            model_prices.replace(connection, each, Price("at-home", Decimal(0), Decimal(0)))
        set_budget(database, each, "1")
    reserve(database, organization_id, "1")
    reserve(database, other_id, "0.999999")
    assert held(database, organization_id) == {"gpt"}
    assert held(database, other_id) == set()
    with database.transaction(organization_id) as connection:
        budgets.approve(connection, organization_id, amount=Decimal("0.01"), approved_by="mia")
    assert held(database, organization_id) == set()


def held(database: Database, organization_id: UUID) -> frozenset[str]:
    with database.transaction(organization_id) as connection:
        return budgets.select_held_models(connection, organization_id)


def test_answers_count_and_are_never_held_up(database: Database, organization_id: UUID) -> None:
    set_budget(database, organization_id, "1")
    with database.transaction(organization_id) as connection:
        model_prices.replace(connection, organization_id, Price("gpt", Decimal(300_000), Decimal(0)))
        expenses.pay(connection, organization_id, "gpt", Usage(10, 0, is_estimated=False))
    assert left(database, organization_id) == -2
    with pytest.raises(BudgetReached):
        reserve(database, organization_id, "0.1")


def test_what_is_taken_back_can_be_spent_again_and_what_is_settled_cannot_be_taken_back(
    database: Database, organization_id: UUID
) -> None:
    set_budget(database, organization_id, "1")
    taken, settled = reserve(database, organization_id, "0.4"), reserve(database, organization_id, "0.4")
    with database.transaction(organization_id) as connection:
        expenses.settle(connection, organization_id, [settled])
        expenses.release(connection, organization_id, taken)
        expenses.release(connection, organization_id, settled)
        (spent,) = expenses.select_of_month(connection, organization_id)
    assert (spent.cost, spent.reserved) == (Decimal("0.4"), Decimal(0))
    assert left(database, organization_id) == Decimal("0.6")


def test_what_cannot_be_is_refused_with_the_remedy(database: Database, organization_id: UUID) -> None:
    def refused(kind: type[MillraceError], says: str, action: BudgetAction | None, amount: str = "1") -> None:
        if action is not None:
            set_budget(database, organization_id, "1", action)
        with database.transaction(organization_id) as connection, pytest.raises(kind, match=says):
            budgets.approve(connection, organization_id, amount=Decimal(amount), approved_by="mia")

    refused(Missing, "there is no budget", None)
    refused(Conflict, "--when-reached ask", "block")
    refused(Refused, "above 0", "ask", "0")
    refused(Refused, "above 0", "ask", "1e20")
    for amount, currency in (("-1", "EUR"), ("1", "euros"), ("1e12", "EUR")):
        with database.transaction(organization_id) as connection, pytest.raises(Refused, match="cannot be kept"):
            budgets.replace(connection, organization_id, amount=Decimal(amount), currency=currency, action="ask")
    with database.transaction(organization_id) as connection:
        budgets.remove(connection, organization_id)
        with pytest.raises(Missing):
            budgets.remove(connection, organization_id)


def test_of_days_that_are_over_their_sums_remain_and_of_long_ago_those_of_months(
    database: Database, organization_id: UUID
) -> None:
    # days ago, moved to the first of their month, and days after it
    spent = [(0, 0, "1"), (0, 0, "2"), (100, 0, "4"), (100, 0, "8"), (100, 0, None), (100, 1, "16"), (100, 1, "0.5"),
             (800, 0, "32"), (800, 1, "64")]  # fmt: skip
    with database.transaction(organization_id) as connection:
        for ago, after, cost in spent:
            price = None if cost is None else Decimal(cost)
            id = expenses.reserve(connection, organization_id, model="gpt", tokens=10, cost=price)
            if cost != "0.5":
                expenses.settle(connection, organization_id, [id])
            connection.execute(
                "update identity.expenses set created_at = make_interval(days => %s) "
                "  + date_trunc('month', now() - make_interval(days => %s), 'UTC') where id = %s",
                [after, ago, id],
            )
        before = told(connection, organization_id)
        assert expenses.sum_up(connection, organization_id, single_days=31) == 4
        assert expenses.sum_up(connection, organization_id, single_days=31) == 0
        assert len(connection.execute("select from identity.expenses").fetchall()) == len(spent) - 2
        assert told(connection, organization_id) == before
    assert [(one.tokens, one.cost) for one in before[0]] == [(50, Decimal("28.5")), (20, Decimal(96))]


def told(connection: Connection, organization_id: UUID) -> tuple[list[MonthlySpending], list[Spending], list[object]]:
    """What was spent by month, in this one, and by day of the last year."""
    days = connection.execute(
        "select day, tokens, cost, reserved from analytics.daily_expenses where day > now() - interval '1 year'"
    )
    return (
        expenses.select_by_month(connection, organization_id), expenses.select_of_month(connection, organization_id),
        sorted(days.fetchall()),
    )  # fmt: skip
