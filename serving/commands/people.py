"""Commands about people: who may come in, and what each may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import typer

from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.identity import memberships, people, users
from resources.identity.people import Person
from resources.identity.records import SCOPES_OF_ROLE, MemberRole
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import Workplace, workplace

Username = Annotated[str, typer.Argument(help="The name they go by.")]
Role = Annotated[str | None, typer.Option(help="owner, admin, engineer, analyst or member; 'none' for nothing.")]
_NOBODY = "none"


def list_users(as_json: AsJson = False) -> None:
    """List the people of the organization, and what each may do."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = people.select_all(connection, place.organization_id)
    if as_json:
        print_json([{**vars(one.user), "role": one.role} for one in found])
        return
    print_table(
        "People", ["Name", "Address", "Role", "May come in", "Last here"],
        [(one.user.username, one.user.email, one.role, one.user.is_active, one.user.last_login_at) for one in found],
    )  # fmt: skip


def create(
    username: Username,
    email: Annotated[str, typer.Option(help="Their address.")],
    role: Role = "member",
    first_name: Annotated[str, typer.Option()] = "",
    last_name: Annotated[str, typer.Option()] = "",
    as_json: AsJson = False,
) -> None:
    """Let somebody in. `millrace sign-in NAME` makes a link for them.

    \b
    Examples:
        millrace user create mia --email mia@mill.example --role engineer
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        user = users.create(
            connection, place.organization_id, username=username, email=email, first_name=first_name,
            last_name=last_name,
        )  # fmt: skip
        wanted = _role(role)
        if wanted is not None:
            memberships.set_role(connection, place.organization_id, user.id, wanted)
        place.record(connection, "create", "user", user.id)
    _report(Person(user, wanted), as_json=as_json)


def change(
    username: Username,
    role: Role = None,
    email: Annotated[str | None, typer.Option(help="Their address.")] = None,
    first_name: Annotated[str | None, typer.Option()] = None,
    last_name: Annotated[str | None, typer.Option()] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Whether they may come in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change somebody. Who may do less from now on is signed out, and their keys that may do more end.

    \b
    Examples:
        millrace user set mia --role analyst
        millrace user set mia --inactive
    """
    given = {"email": email, "first_name": first_name, "last_name": last_name, "is_active": active}
    said = {name: value for name, value in given.items() if value is not None}
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        person = _named(connection, place, username)
        changed = people.replace(
            connection, place.organization_id,
            Person(replace(person.user, **said), person.role if role is None else _role(role)),  # type: ignore[arg-type]
        )  # fmt: skip
        place.record(connection, "change", "user", person.id, *said, *(["role"] if role is not None else []))
    _report(changed, as_json=as_json)


def remove(username: Username) -> None:
    """Take somebody away with their keys and settings; `millrace erase user` takes what they said too."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        person = _named(connection, place, username)
        people.remove(connection, place.organization_id, person.id)
        place.record(connection, "remove", "user", person.id)
    console.print(f"[bold]{username}[/bold] is removed.")


def _named(connection: Connection, place: Workplace, username: str) -> Person:
    user = users.find_by_username(connection, place.organization_id, username)
    if user is None:
        raise Missing(f"there is no user {username!r}: 'millrace user list' shows them")
    return people.get(connection, place.organization_id, user.id)


def _role(said: str | None) -> MemberRole | None:
    for role in SCOPES_OF_ROLE:
        if said == role:
            return role
    if said == _NOBODY:
        return None
    raise Refused(f"there is no role {said!r}: there are {', '.join(SCOPES_OF_ROLE)}, and 'none'")


def _report(person: Person, *, as_json: bool) -> None:
    if as_json:
        print_json({**vars(person.user), "role": person.role})
    else:
        scopes = ", ".join(sorted(person.scopes)) or "nothing"
        console.print(f"[bold]{person.user.username}[/bold] is {person.role or 'without a role'} and may: {scopes}.")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_users, "create": create, "set": change, "remove": remove,
}  # fmt: skip
