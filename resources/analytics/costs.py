"""Costs as analysts ask for them: by day, model, chatbot and key, beside answers, and what a month will cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from resources.analytics.forecasting import WEEKS, Forecast, forecast
from resources.analytics.records import Each, Filter
from resources.foundation.statements import Connection, many, statements_for, value
from resources.identity.records import Budget

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Period:
    """What a model took in a period. `cost`: of requests that have a price; None where none has."""

    period: date
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    unpriced_requests: int


@dataclass(frozen=True)
class Part:
    """What a model took for an agent of a chatbot."""

    chatbot: str | None
    agent: str | None
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None
    unpriced_requests: int


@dataclass(frozen=True)
class Key:
    """What was asked with a key, or by a door such as the browser."""

    key: str | None
    requests: int
    tokens: int
    cost: Decimal | None
    unpriced_requests: int
    last_day: date


@dataclass(frozen=True)
class Beside:
    """What was spent beside answers. `reserved`: of `cost`, set aside for work that is under way or was lost."""

    period: date
    kind: str
    model: str
    tokens: int
    cost: Decimal | None
    reserved: Decimal


@dataclass(frozen=True)
class DatedPrice:
    """What a million tokens cost from `since` on (None: the beginning) until before `until` (None: none follows)."""

    model: str
    since: date | None
    until: date | None
    input: Decimal
    output: Decimal


def select_periods(connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each) -> list[Period]:
    """What each model took over time; a filter counts by its chatbot, agent and model."""
    return many(
        connection, Period, SQL["select_periods"], organization_id=organization_id, each=each, **wanted.parameters()
    )


def select_parts(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Part]:
    """What each model took for each agent of a chatbot, the dearest first."""
    return many(connection, Part, SQL["select_parts"], organization_id=organization_id, **wanted.parameters())


def select_keys(connection: Connection, organization_id: UUID, wanted: Filter) -> list[Key]:
    """What each key took, the dearest first."""
    return many(connection, Key, SQL["select_keys"], organization_id=organization_id, **wanted.parameters())


def select_beside(connection: Connection, organization_id: UUID, wanted: Filter, *, each: Each) -> list[Beside]:
    """What was spent beside answers over time; a filter counts by its model."""
    return many(
        connection, Beside, SQL["select_beside"], organization_id=organization_id, each=each, **wanted.parameters()
    )


def select_prices(connection: Connection, organization_id: UUID, wanted: Filter) -> list[DatedPrice]:
    """The prices that hold on any of the days, and those to come, by model and day; a filter counts by its model."""
    return many(connection, DatedPrice, SQL["select_prices"], organization_id=organization_id, **wanted.parameters())


def foresee(connection: Connection, organization_id: UUID, *, today: date, budget: Budget | None) -> Forecast:
    """What this month will have cost, of everything that the budget counts."""
    since = min(today.replace(day=1), today - timedelta(weeks=WEEKS))
    rows = connection.execute(SQL["select_days"], {"organization_id": organization_id, "since": since}).fetchall()
    first: date | None = value(connection, SQL["select_first_day"], organization_id=organization_id)
    return forecast(
        {day: float(cost) for day, cost in rows if cost is not None}, today=today, first=first,
        budget=None if budget is None else float(budget.amount + budget.approved),
    )  # fmt: skip
