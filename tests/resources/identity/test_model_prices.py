"""On each day a model costs what its latest price says that does not begin after it, and what was paid stays paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.inference import Usage
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection
from resources.identity import budgets, expenses, model_prices
from resources.identity.records import Price

FAR = date(2999, 1, 1)
DAYS = st.dates(min_value=FAR - timedelta(days=3), max_value=FAR + timedelta(days=12))


def small(amount: str | int) -> Price:
    return Price("small", Decimal(amount), Decimal(0))


def plant(connection: Connection, organization_id: UUID, since: str, price: Price) -> None:
    """A price as it stands when its days have come; `since` as SQL reads it."""
    connection.execute(
        "insert into identity.model_prices (organization_id, model, since, input, output) "
        "select %s, %s, case %s when '-infinity' then '-infinity'::date "
        "  else (now() at time zone 'UTC')::date + %s::int end, %s, %s",
        [organization_id, price.model, since, 0 if since == "-infinity" else since, price.input, price.output],
    )


@settings(max_examples=40)
@given(since=st.lists(DAYS, unique=True, max_size=6), from_the_beginning=st.booleans(), days=st.lists(DAYS, min_size=1))
def test_the_price_of_a_day_is_the_latest_that_does_not_begin_after_it(
    database: Database, organization_id: UUID, since: Sequence[date], from_the_beginning: bool, days: Sequence[date]
) -> None:
    prices = {day: small(n) for n, day in enumerate(since, 1)}
    with database.transaction(organization_id) as connection:
        connection.execute("delete from identity.model_prices")
        if from_the_beginning:
            plant(connection, organization_id, "-infinity", small(0))
        for day, price in prices.items():
            model_prices.create(connection, organization_id, price, since=day)
        model_prices.create(connection, organization_id, Price("other", Decimal(9), Decimal(9)), since=FAR)
        found = {day: model_prices.find_for(connection, organization_id, "small", day=day) for day in days}
    first = {date.min: small(0)} if from_the_beginning else {}
    held = {**first, **prices}
    assert found == {day: held[max(begun)] if (begun := [one for one in held if one <= day]) else None for day in days}


def test_a_price_follows_another_and_each_is_told_with_how_it_stands(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        for since, amount in (("-infinity", 1), ("-9", 2), ("0", 3), ("9", 4)):
            plant(connection, organization_id, since, small(amount))
        plant(connection, organization_id, "9", Price("next", Decimal(1), Decimal(2)))
        found = model_prices.select_page(connection, organization_id)
        assert [(one.model, int(one.input), one.state) for one in found] == [
            ("next", 1, "coming"), ("small", 1, "past"), ("small", 2, "past"), ("small", 3, "current"),
            ("small", 4, "coming"),
        ]  # fmt: skip
        assert found[1].since is None
        assert model_prices.find_for(connection, organization_id, "small") == small(3)
        assert model_prices.find_for(connection, organization_id, "next") is None
        for backwards in (False, True):
            seen, after = [], None
            while page := model_prices.select_page(
                connection, organization_id, after=after, backwards=backwards, at_most=2
            ):
                seen += page
                after = page[-1]
            assert seen == (found[::-1] if backwards else found)
        current = model_prices.select_page(connection, organization_id, model="small", state="current")
        assert current == [found[3]]


def test_what_began_before_today_stays_as_it_was_and_what_is_to_come_may_change(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        plant(connection, organization_id, "-1", small(1))
        [begun] = model_prices.select_page(connection, organization_id)
        with pytest.raises(Conflict, match="set another price from today on"):
            model_prices.correct(connection, organization_id, replace(begun, input=Decimal(2)))
        with pytest.raises(Refused, match="that day is over"):
            model_prices.create(connection, organization_id, small(2), since=begun.since)
        coming = model_prices.create(connection, organization_id, small(2), since=FAR)
        with pytest.raises(Conflict, match="2999-01-01 on already"):
            model_prices.create(connection, organization_id, small(3), since=FAR)
        later = replace(coming, since=FAR + timedelta(days=1), input=Decimal(4))
        assert model_prices.correct(connection, organization_id, later) == later
        with pytest.raises(Refused, match="that day is over"):
            model_prices.correct(connection, organization_id, replace(later, since=begun.since))
        other = model_prices.create(connection, organization_id, small(2), since=FAR)
        with pytest.raises(Conflict, match="2999-01-02 on already"):
            model_prices.correct(connection, organization_id, replace(other, since=later.since))
        assert model_prices.replace(connection, organization_id, small(7), since=FAR).id == other.id
        model_prices.remove(connection, organization_id, begun.id)
        with pytest.raises(Missing):
            model_prices.remove(connection, organization_id, begun.id)
        assert model_prices.find_for(connection, organization_id, "small") is None


def test_a_price_is_kept_as_it_is_given_or_refused(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert model_prices.find_for(connection, organization_id, "small") is None
        free = model_prices.find_for(connection, organization_id, EMBEDDED_MODEL)
        assert free == Price(EMBEDDED_MODEL, Decimal(0), Decimal(0))
        for amount in ("0.02", "0.03"):
            model_prices.replace(connection, organization_id, small(amount))
        assert model_prices.find_for(connection, organization_id, "small") == small("0.03")
        for wrong in ("-1", "1e9"):
            with pytest.raises(Refused, match="cannot be kept"):
                model_prices.replace(connection, organization_id, small(wrong))


def test_what_is_asked_today_is_paid_by_the_price_of_today_and_stays_paid(
    database: Database, organization_id: UUID
) -> None:
    used = Usage(1_000_000, 0, is_estimated=False)
    with database.transaction(organization_id) as connection:
        for since, amount in (("-1", 1), ("0", 2), ("1", 3)):
            plant(connection, organization_id, since, small(amount))
        assert expenses.pay(connection, organization_id, "small", used) == 2
        model_prices.replace(connection, organization_id, small(5))
        assert [one.cost for one in expenses.select_of_month(connection, organization_id)] == [2]
        assert expenses.pay(connection, organization_id, "small", used) == 5


def test_where_the_budget_is_spent_a_model_is_held_by_what_it_costs_today(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        budgets.replace(connection, organization_id, amount=Decimal(0), currency="EUR", action="block")
        for model, amounts in {"was dear": (1, 0), "is dear": (0, 1), "will be dear": (0, 0)}.items():
            for since, amount in zip(("-1", "0"), amounts, strict=True):
                plant(connection, organization_id, since, Price(model, Decimal(0), Decimal(amount)))
            plant(connection, organization_id, "1", Price(model, Decimal(0), Decimal(1)))
        assert budgets.select_held_models(connection, organization_id) == {"is dear"}
