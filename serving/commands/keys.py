"""Commands about the keys of the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from resources.foundation.errors import Refused
from resources.identity import api_keys
from serving.commands.limits import PerDay, PerHour, told_limits
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import workplace


def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="chat (unless given), search, manage, analyze, administer; repeatable."),
    ] = None,
    per_hour: PerHour = None,
    per_day: PerDay = None,
    as_json: AsJson = False,
) -> None:
    """Create a key; its text is shown this once and kept nowhere.

    \b
    Examples:
        export OPENAI_API_KEY=$(millrace key create --json | jq -r .key)
        millrace key create --name kiosk --per-hour 60 --per-day 500
    """
    called = name or f"key of {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        key, text = api_keys.create(
            connection, place.organization_id, name=called, scopes=scope or ["chat"],
            rate_limit_per_hour=per_hour, rate_limit_per_day=per_day,
        )  # fmt: skip
        place.record(connection, "create", "key", key.id, "name", "scopes")
    if as_json:
        print_json({"id": key.id, "name": key.name, "scopes": key.scopes, "key": text})
    else:
        console.print(f"Key [bold]{key.name}[/bold] ({', '.join(key.scopes)}). It is shown this once:")
        console.print(text, soft_wrap=True)


def list_keys(as_json: AsJson = False) -> None:
    """List the keys: what for, since when, when last used."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = api_keys.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
    else:
        rows = [
            (k.id, k.name, ", ".join(k.scopes), told_limits(k.rate_limit_per_hour, k.rate_limit_per_day), k.created_at,
             k.last_used_at, k.revoked_at)
            for k in found
        ]  # fmt: skip
        print_table("API keys", ["Id", "Name", "Scopes", "May ask", "Created", "Last used", "Revoked"], rows)


def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As 'key list' shows it.")]) -> None:
    """Revoke a key: it is refused from that moment."""
    try:
        id = UUID(key_id)
    except ValueError:
        raise Refused(f"{key_id!r} is no key's id: 'millrace key list' shows them") from None
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        api_keys.revoke(connection, place.organization_id, id=id)
        place.record(connection, "remove", "key", id)
    console.print("The key is revoked.")
