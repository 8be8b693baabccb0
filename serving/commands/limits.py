"""Commands about limits: how often keys and people may ask in an hour and a day, and how much of that is left now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.identity import allowances, api_keys, memberships, users
from resources.identity.allowances import DAY_S, HOUR_S, MOST
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import workplace

PerHour = Annotated[int | None, typer.Option(min=1, max=MOST, help="How many questions in an hour; no limit without.")]
PerDay = Annotated[int | None, typer.Option(min=1, max=MOST, help="How many questions in a day; no limit without.")]

_LIMITS = ("rate_limit_per_day", "rate_limit_per_hour")


@dataclass(frozen=True)
class LimitShown:
    """A limit as the table shows it. `left_…`: None where there is no limit."""

    kind: str
    name: str
    per_hour: int | None
    left_this_hour: int | None
    per_day: int | None
    left_today: int | None


def set_limits(
    key: Annotated[str | None, typer.Option(help="A key, by its name or id.")] = None,
    user: Annotated[str | None, typer.Option(help="A person, by the user name.")] = None,
    per_hour: PerHour = None,
    per_day: PerDay = None,
) -> None:
    """Say how often a key or a person may ask from now on; what is left out is without limit.

    \b
    Examples:
        millrace limit set --key kiosk --per-hour 60 --per-day 500
        millrace limit set --user mia --per-day 200
    """
    if (key is None) == (user is None):
        raise Refused("say whose limit it is: --key NAME, or --user NAME")
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        if key is not None:
            id = _key_id(connection, place.organization_id, key)
            api_keys.set_rate_limits(connection, place.organization_id, id, per_hour=per_hour, per_day=per_day)
            place.record(connection, "change", "key", id, *_LIMITS)
        else:
            person = users.find_by_username(connection, place.organization_id, str(user))
            if person is None:
                raise Missing(f"there is no user {user!r} in this organization")
            memberships.set_rate_limits(
                connection, place.organization_id, person.id, per_hour=per_hour, per_day=per_day
            )  # fmt: skip
            place.record(connection, "change", "user", person.id, *_LIMITS)
    console.print(f"{key or user} may ask {told_limits(per_hour, per_day)}.")


def list_limits(as_json: AsJson = False) -> None:
    """List the limits of keys, people and agents, and how much of each is left now."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = _limits(connection, place.organization_id)
    if as_json:
        print_json(found)
    else:
        rows = [
            (one.kind, one.name, one.per_hour, one.left_this_hour, one.per_day, one.left_today) for one in found
        ]  # fmt: skip
        print_table("Limits", ["Of", "Name", "An hour", "Left", "A day", "Left"], rows)


def told_limits(per_hour: int | None, per_day: int | None) -> str:
    """Both limits in words."""
    spans = ((per_hour, "an hour"), (per_day, "a day"))
    told = [f"{counted(most, 'time')} {span}" for most, span in spans if most is not None]
    return " and ".join(told) or "without limit"


def _key_id(connection: Connection, organization_id: UUID, named: str) -> UUID:
    known = api_keys.select_all(connection, organization_id)
    found = next((one.id for one in known if named in (one.name, str(one.id))), None)
    if found is None:
        raise Missing(f"there is no key {named!r} in this organization: 'millrace key list' shows them")
    return found


def _limits(connection: Connection, organization_id: UUID) -> list[LimitShown]:
    names = {user.id: user.username for user in users.select_all(connection, organization_id)}
    bound = [
        ("key", one.id, one.name, one.rate_limit_per_hour, one.rate_limit_per_day)
        for one in api_keys.select_all(connection, organization_id)
        if one.revoked_at is None
    ]
    bound += [
        ("person", one.user_id, names[one.user_id], one.rate_limit_per_hour, one.rate_limit_per_day)
        for one in memberships.select_all(connection, organization_id)
    ]
    for chatbot in chatbots.select_all(connection, organization_id):
        bound += [
            ("agent", one.id, f"{one.name} of {chatbot.name}", one.rate_limit_per_hour, one.rate_limit_per_day)
            for one in agents.select_all(connection, organization_id, chatbot.id)
            if one.type != "spam-defense"
        ]
    limited = [one for one in bound if one[3] is not None or one[4] is not None]
    used = allowances.select_of(connection, organization_id, [id for _, id, *_ in limited])
    left = {(one.subject_id, one.span_s): one.left for one in used}
    return [
        LimitShown(
            kind, name, per_hour, None if per_hour is None else left.get((id, HOUR_S), per_hour),
            per_day, None if per_day is None else left.get((id, DAY_S), per_day),
        )
        for kind, id, name, per_hour, per_day in limited
    ]  # fmt: skip
