"""Commands about prices: what models cost from a day on, what they did, and what they will."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from resources.foundation.errors import Missing, Refused
from resources.identity import model_prices, pricing
from resources.identity.model_prices import ListedPrice
from resources.identity.records import Price
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import workplace

Model = Annotated[str, typer.Argument(help="The model, as chatbots name it.")]
_STANDS = {"past": "over", "current": "holds", "coming": "is to come"}


def set_price(
    model: Model,
    input: Annotated[str, typer.Option(help="What a million tokens cost that it reads or embeds.")],
    output: Annotated[str, typer.Option(help="What a million tokens cost that it speaks.")] = "0",
    since: Annotated[
        str | None, typer.Option("--from", help="The first day (of UTC) on which that holds; today unless said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a model costs from a day on, until its next price; what was spent already is not reckoned anew.

    Embedded models are free.

    \b
    Examples:
        millrace price set text-embedding-3-small --input 0.02
        millrace price set gpt-4o-mini --input 0.15 --output 0.60 --from 2027-01-01
    """
    price, day = Price(model, money(input), money(output)), _day(since)
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        made = model_prices.replace(connection, place.organization_id, price, since=day)
        place.record(connection, "change", "price", made.id, "input", "output", "since")
    if as_json:
        print_json(made)
    else:
        console.print(
            f"From {made.since} on (UTC), a million tokens of [bold]{model}[/bold] cost {made.input} read and "
            f"{made.output} spoken."
        )


def list_prices(
    history: Annotated[bool, typer.Option("--history", help="Those that are over, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what models cost, for a million tokens: what holds today, and what is to come."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        every = model_prices.select_page(connection, place.organization_id)
    found = [price for price in every if history or price.state != "past"]
    if as_json:
        print_json(found)
        return
    print_table(
        "Prices of a million tokens",
        ["Model", "From", "Read ", "Spoken ", ""],
        [(price.model, price.since or "the beginning", pricing.shown(price.input), pricing.shown(price.output),
          _STANDS[price.state]) for price in found],
    )  # fmt: skip


def remove_price(
    model: Model,
    since: Annotated[
        str | None, typer.Option("--from", help="Only the price from this day on: the one before it holds instead.")
    ] = None,
) -> None:
    """Forget what a model costs: it counts against no budget from then on. What was spent stays as it was spent."""
    day = _day(since)
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        known = model_prices.select_page(connection, place.organization_id, model=model)
        gone = [price for price in known if day in (None, price.since)]
        if not gone:
            raise Missing(_no_price(model, day))
        for price in gone:
            model_prices.remove(connection, place.organization_id, price.id)
            place.record(connection, "remove", "price", price.id)
    console.print(_forgotten(model, day, [price for price in known if price not in gone]))


def money(text: str) -> Decimal:
    """An amount as somebody types it. Raises Refused."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Refused(f"{text!r} is no amount: write a number such as 25 or 0.02")
    return amount


def _no_price(model: str, day: date | None) -> str:
    which = "" if day is None else f" that begins on {day}"
    return f"model {model!r} has no price{which}: 'millrace price list --history' shows which there are"


def _forgotten(model: str, day: date | None, left: list[ListedPrice]) -> str:
    if not left:
        return f"Nobody knows any more what [bold]{model}[/bold] costs."
    return f"The price of [bold]{model}[/bold] from {day} on is forgotten."


def _day(text: str | None) -> date | None:
    """Raises Refused."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no day: write one such as 2027-01-31") from None
