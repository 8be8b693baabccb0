"""`millrace sign-in`: a link by which a person signs in with a browser."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from resources.foundation.errors import Missing
from resources.foundation.settings import Settings
from resources.foundation.statements import Connection
from resources.identity import audit_log, sign_in_links, users
from resources.identity.records import Actor
from serving.commands.reporting import AsJson, console, print_json
from serving.commands.workplace import workplace


def sign_in(
    username: Annotated[str | None, typer.Argument(help="Who; the organization's owner unless named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link that signs one person in with a browser. It works once, for 15 minutes.

    \b
    Examples:
        millrace sign-in
        millrace sign-in mia
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        address = link(place.settings, connection, place.organization_id, username)
    if as_json:
        print_json({"address": address, "lasts_s": int(sign_in_links.LASTS.total_seconds())})
    else:
        console.print(address, soft_wrap=True)


def link(settings: Settings, connection: Connection, organization_id: UUID, username: str | None = None) -> str:
    """The address of a new link, for the owner or a named user. Raises Missing."""
    if username is None:
        user = sign_in_links.ensure_owner(connection, organization_id)
    else:
        known = users.find_by_username(connection, organization_id, username)
        if known is None:
            names = ", ".join(each.username for each in users.select_all(connection, organization_id)) or "nobody yet"
            raise Missing(f"there is no user {username!r}; there are: {names}")
        user = known
    token = sign_in_links.create(connection, organization_id, user.id)
    audit_log.record(connection, organization_id, Actor(), action="invite", entity="user", entity_id=user.id)
    return f"http://127.0.0.1:{settings.api_port}/sign-in?token={token}"
