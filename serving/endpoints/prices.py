"""Prices of models, from a day on: what they cost, what they did, and what they will. /v1/prices"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.identity import model_prices
from resources.identity.model_prices import ListedPrice, PriceState
from resources.identity.records import Price
from serving import collections
from serving.collections import Collection, Made, Page, Work, by_id, given, left_out
from serving.wire_managing import Amount, Money, Strict, Words


class PriceBody(BaseModel):
    """What a million tokens of a model cost, read (`input`) and spoken (`output`), in the budget's currency.

    On each day of UTC the latest price holds that does not begin after it.
    """

    object: Literal["price"] = "price"
    id: UUID
    model: str
    since: date | None = Field(description="The first day (of UTC) on which it holds. Null: from the beginning.")
    state: PriceState = Field(description="Current: it holds today. Past: another one has followed it.")
    input: Amount
    output: Amount


class PriceFields(BaseModel):
    """What may be said of a price that did not hold before today.

    What was paid is never reckoned anew: to change what a model costs, make another price, from today or later on.
    """

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"input": "0.02"}]})
    since: date = Field(default_factory=left_out, description="From which day on it is to hold, such as 2027-01-01.")
    input: Money = Field(default_factory=left_out)
    output: Money = Field(default_factory=left_out)


class NewPrice(PriceFields):
    """What a model costs from a day (of UTC) on, until its next price holds; from today on, unless `since` says later.

    Each call is paid by the price of its day, and what was paid is never reckoned anew.
    """

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"model": "gpt-4o-mini", "input": "0.15"}]})
    model: Annotated[Words, Field(min_length=1, max_length=200)]
    input: Money
    output: Money = Decimal(0)


class PricePage(Page):
    """A page of prices by model and day."""

    model: Annotated[Words | None, Field(max_length=200, description="Those of this model.")] = None
    state: Annotated[PriceState | None, Field(description="Current: what holds today.")] = None
    sort: Annotated[Literal["model", "-model"], Field(description="A hyphen: the other way round.")] = "model"


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, PRICES)


def _select(work: Work, page: PricePage) -> list[ListedPrice]:
    return model_prices.select_page(
        work.connection, work.organization_id, model=page.model, state=page.state,
        after=_get(work, page.after) if page.after else None, backwards=page.sort == "-model", at_most=page.limit + 1,
    )  # fmt: skip


def _create(work: Work, body: NewPrice) -> Made[ListedPrice]:
    price = Price(body.model, body.input, body.output)
    return Made(model_prices.create(work.connection, work.organization_id, price, since=body.since))


def _change(work: Work, price: ListedPrice, body: PriceFields) -> ListedPrice:
    return model_prices.correct(work.connection, work.organization_id, replace(price, **given(body)))


def _remove(work: Work, price: ListedPrice) -> None:
    """Forget it, on past days too: the price before it holds instead; without one nobody knows what the model costs.

    What was paid stays as it was paid.
    """
    model_prices.remove(work.connection, work.organization_id, price.id)


def _told(work: Work, price: ListedPrice) -> PriceBody:
    return PriceBody.model_validate(asdict(price))


_get = by_id(model_prices.get, "price", "/v1/prices")
PRICES = Collection(
    name="prices", noun="price", scope="administer", body=PriceBody, told=_told, select=_select, get=_get,
    page=PricePage, is_paged=True, new=NewPrice, create=_create, changes=PriceFields, change=_change, remove=_remove,
    passing=frozenset({"state"}),
)  # fmt: skip
