"""Show what a sync would do, take and cost (`millrace sync --plan`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from resources.foundation.counting import counted
from resources.identity import pricing
from serving.commands.reporting import complain, console, print_table

_COUNTS = ("listed", "new", "changed", "unchanged", "moved", "vanished", "failed", "chunks", "embedded", "reused")

Plan = Mapping[str, Any]


def show(plans: Sequence[Plan]) -> None:
    """A table of the plans, and a few sentences about each: what it takes and costs, and what a person should know."""
    listed = [plan for plan in plans if "reason" not in plan]
    headings = ["Source", *(f"{count.capitalize()} " for count in _COUNTS)]
    rows = [(plan["source"], *(_count(plan, count) for count in _COUNTS)) for plan in listed]
    print_table("A sync would do this; nothing was written", headings, rows)
    for plan in listed:
        console.print(f"[bold]{plan['source']}[/bold]: {_price(plan)}, {_time(plan)}.")
        for sentence in _remarks(plan):
            console.print(f"  {sentence}")
    for plan in plans:
        if "reason" in plan:
            complain(f"source {plan['source']}: {plan['reason']}")


def _count(plan: Plan, name: str) -> str:
    return f"~{plan[name]:,}" if name in plan["intervals"] else f"{plan[name]:,}"


def _price(plan: Plan) -> str:
    tokens = f"{_about(plan, 'tokens')}{counted(plan['tokens'], 'token')}"
    if plan["cost"] is None:
        unpriced = ", ".join(one["model"] for one in plan["models"] if one["cost"] is None)
        return f"{tokens} for a cost that is not known: set the price of {unpriced} with 'millrace price set'"
    if not plan["cost"]:
        return f"{tokens}, free"
    left = plan["left_of_budget"]
    told = f"{tokens} for {_about(plan, 'cost')}{_money(plan['cost'])} {plan['currency'] or ''}".rstrip()
    return told if left is None else f"{told}, of {_money(left)} that are left in this month"


def _time(plan: Plan) -> str:
    if plan["seconds"] is None:
        return "in a time that no former sync tells"
    seconds = plan["seconds"]
    took = f"{seconds / 60:.0f} min" if seconds >= 120 else f"{max(seconds, 1):.0f} s"
    return f"in about {took}, as former syncs took"


def _remarks(plan: Plan) -> list[str]:
    remarks = []
    if plan["is_estimate"]:
        bounds = ", ".join(
            f"{name} {_bound(low)} to {_bound(high)}"
            for name, (low, high) in plan["intervals"].items()
            if name != "seconds"
        )
        remarks.append(f"Estimated from {plan['read']:,} of {counted(plan['of'], 'document')}; 95 %: {bounds}.")
    if plan["cost"] and plan["left_of_budget"] is not None:
        most = plan["intervals"].get("cost", [0, plan["cost"]])[1]
        if most > plan["left_of_budget"]:
            remarks.append("That may be more than is left of the budget: the sync would stop there and lose nothing.")
    if plan["held"]:
        remarks.append(f"{counted(plan['held'], 'deletion')} would wait for somebody's word, since they are so many.")
    if plan["deleted"]:
        remarks.append(f"{counted(plan['deleted'], 'document')} would be deleted.")
    if plan["cut_short"]:
        remarks.append(f"The listing is not whole, so nothing would be deleted: {plan['cut_short']}.")
    return remarks


def _about(plan: Plan, name: str) -> str:
    return "about " if name in plan["intervals"] else ""


def _bound(bound: float) -> str:
    return f"{bound:,}" if isinstance(bound, int) else _money(bound)


def _money(amount: float) -> str:
    return pricing.shown(Decimal(str(amount)))
