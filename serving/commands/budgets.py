"""Commands about money: what may be spent on models in a month, and what was."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from resources.foundation.errors import Missing, Refused
from resources.identity import budgets, expenses, pricing
from resources.identity.records import Budget
from resources.knowledge.sources import data_sources, training_jobs
from serving.commands.prices import money
from serving.commands.reporting import AsJson, complain, console, print_json, print_table
from serving.commands.workplace import workplace

Amount = Annotated[str, typer.Argument(help="How much, in the budget's currency.")]


def set_budget(
    amount: Amount,
    currency: Annotated[str, typer.Option(help="The currency of prices and budget.")] = "USD",
    when_reached: Annotated[
        str, typer.Option(help="block: wait for money; ask: wait for 'millrace budget approve'.")
    ] = "block",
    as_json: AsJson = False,
) -> None:
    """Set what may be spent on models in a month (of UTC); what was spent in this one counts.

    Where it is reached, syncs embed no more, and end as failed with the remedy; what is done stays. Answers count
    too: from then on models that have a price are asked no more, and what is free answers.

    \b
    Examples:
        millrace budget set 25
        millrace budget set 25 --currency EUR --when-reached ask
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        budgets.replace(
            connection, place.organization_id, amount=money(amount), currency=currency, action=_action(when_reached)
        )
        place.record(connection, "change", "budget", "own", "amount", "currency", "action")
        budget = budgets.find_of_month(connection, place.organization_id)
    _report(budget, as_json=as_json)


def show(as_json: AsJson = False) -> None:
    """Show the budget of this month, what was spent and on which models, now and before, and what was approved."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        budget = budgets.find_of_month(connection, place.organization_id)
        spent = expenses.select_of_month(connection, place.organization_id)
        before = expenses.select_by_month(connection, place.organization_id)
        approvals = budgets.select_approvals(connection, place.organization_id, month=datetime.now(UTC).date())
    if as_json:
        print_json({"budget": _told(budget), "spent": spent, "before": before, "approvals": approvals})
        return
    _report(budget, as_json=False)
    print_table(
        "Spent in this month",
        ["For", "Model", "Tokens ", "Cost ", "Of it reserved "],
        [(one.kind, one.model, one.tokens, None if one.cost is None else pricing.shown(one.cost),
          pricing.shown(one.reserved)) for one in spent],
    )  # fmt: skip
    for one in spent:
        if one.unpriced_tokens:
            complain(
                f"{one.unpriced_tokens:,} tokens of {one.model} count against no budget, since it had no price: "
                f"'millrace price set {one.model} --input …' sets one"
            )
    if before:
        print_table(
            "Spent before",
            ["Month", "For", "Model", "Tokens ", "Cost "],
            [(f"{one.month:%Y-%m}", one.kind, one.model, one.tokens,
              None if one.cost is None else pricing.shown(one.cost)) for one in before],
        )  # fmt: skip
    if approvals:
        print_table(
            "Approved in this month",
            ["Amount ", "By", "At"],
            [(pricing.shown(one.amount), one.approved_by, one.created_at) for one in approvals],
        )


def approve(
    source: Annotated[str | None, typer.Argument(help="The source that waits: it is synced at once.")] = None,
    extra: Annotated[str, typer.Option(help="How much more may be spent in this month, by all sources.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let more be spent in this month, where the budget asks.

    \b
    Examples:
        millrace budget approve docs --extra 2.50
    """
    if not extra:
        raise Refused("say how much with --extra: the reason of the failed sync in 'millrace status' names what lacks")
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        if source is not None:
            found = data_sources.find_by_name(connection, place.organization_id, source)
            if found is None:
                raise Missing(f"there is no source {source!r}: 'millrace source list' shows them")
            training_jobs.queue(connection, place.organization_id, found.id)
            place.record(connection, "sync", "source", found.id)
        budget = budgets.approve(connection, place.organization_id, amount=money(extra), approved_by=getpass.getuser())
        place.record(connection, "approve", "budget", "own", "amount")
    _report(budget, as_json=as_json)
    if source is not None and not as_json:
        console.print(f"Source [bold]{source}[/bold] goes on by itself, or with 'millrace sync {source}'.")


def remove_budget() -> None:
    """Remove the budget: nothing bounds what is spent."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        budgets.remove(connection, place.organization_id)
        place.record(connection, "remove", "budget", "own")
    console.print("There is no budget any more.")


def _report(budget: Budget | None, *, as_json: bool) -> None:
    if as_json:
        print_json(_told(budget))
    elif budget is None:
        console.print("There is no budget: nothing bounds what is spent on models. 'millrace budget set' makes one.")
    else:
        extra = f" and {pricing.shown(budget.approved)} approved" if budget.approved else ""
        console.print(
            f"Budget of this month: {pricing.shown(budget.amount)} {budget.currency}{extra}, "
            f"{pricing.shown(budget.spent)} spent, {pricing.shown(budget.left)} left; "
            f"where it is reached, {'somebody is asked' if budget.action == 'ask' else 'syncs wait for money'}."
        )


def _told(budget: Budget | None) -> dict[str, object] | None:
    return None if budget is None else {**asdict(budget), "left": budget.left}


def _action(text: str) -> Literal["block", "ask"]:
    """Raises Refused."""
    if text not in ("block", "ask"):
        raise Refused(f"--when-reached {text!r} is not known: write block or ask")
    return "block" if text == "block" else "ask"
