"""Commands about declarations: make sources and chatbots as a file says, and write such a file."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from resources.bots import chatbots, declarations, declaring
from resources.bots.declarations import Waiting
from resources.bots.declaring import Change, Declaration
from resources.bots.evaluation.readiness import Terms
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.sources import data_sources
from serving.commands.reading import read_credentials
from serving.commands.reporting import AsJson, complain, console, note, print_json, print_table
from serving.commands.workplace import Workplace, workplace

_DIFFERS = 3
_SIGNS = {"create": "+", "change": "~", "remove": "-", "keep": " "}


def apply(
    file: Annotated[Path, typer.Option("--file", "-f", help="The file; '-' for standard input.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and change nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="As --plan; exit status 3 when something differs.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Also remove what the file does not declare.")] = False,
    unmeasured: Annotated[
        bool, typer.Option("--unmeasured", help="Let configurations serve although too few questions measure them.")
    ] = False,
    force: Annotated[
        str | None, typer.Option("--force", help="Let configurations serve that the checks refuse; the reason is kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make sources and chatbots as a file declares them. What would change is shown first.

    A configuration that finds something else than the active one waits as a draft until it was measured.

    \b
    Examples:
        millrace export > millrace.yaml
        millrace apply -f millrace.yaml
        millrace apply -f millrace.yaml --check     in CI: 3 when something differs
    """
    wanted = declaring.read(_text(file), folder=str(file.expanduser().absolute().parent))
    secrets = _secrets(wanted)
    waiting: list[Waiting] = []
    with workplace() as place:
        reach = place.reach
        with place.database.transaction(place.organization_id) as connection:
            changes = declarations.plan(
                connection, place.organization_id, wanted, secrets=secrets, keyring=place.keyring, prune=prune,
                reach=reach,
            )  # fmt: skip
        doing = [change for change in changes if change.action != "keep"]
        if not as_json:
            _print_plan(changes)
        if doing and not (plan or check):
            if not yes and not as_json:
                typer.confirm("Apply this?", abort=True)
            with place.database.transaction(place.organization_id) as connection:
                again = declarations.plan(
                    connection, place.organization_id, wanted, secrets=secrets, keyring=place.keyring, prune=prune,
                    reach=reach,
                )  # fmt: skip
                if again != changes:
                    raise Refused("somebody changed something meanwhile: apply again, and look at the new plan")
                before = _ids(connection, place)
                waiting = declarations.apply(
                    connection, place.organization_id, wanted, changes, secrets=secrets, keyring=place.keyring,
                    defaults=declarations.Defaults(
                        place.settings.embedding_model, place.settings.chat_model,
                        Terms(is_unmeasured=unmeasured, forced_reason=force), getpass.getuser(),
                    ),
                )  # fmt: skip
                known = before | _ids(connection, place)
                for change in doing:
                    fields = [field for field, _, _ in change.fields]
                    place.record(connection, change.action, change.kind, known[change.kind, change.name], *fields)
    if as_json:
        print_json({"changes": [_shown(change) for change in changes], "applied": bool(doing) and not (plan or check),
                    "waiting": waiting})  # fmt: skip
    elif doing and not (plan or check):
        console.print("Applied. New sources are synced by themselves, or now with: millrace sync")
    for one in waiting:
        complain(f"configuration {one.number} of {one.chatbot} does not serve yet: " + "; ".join(one.objections))
    if waiting:
        raise typer.Exit(1)
    if check and doing:
        raise typer.Exit(_DIFFERS)


def export() -> None:
    """Write the sources and chatbots as a file for 'millrace apply', without any credentials."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = declarations.present(connection, place.organization_id)
    sys.stdout.write(declaring.write(found))
    note("Credentials are not exported: name them as 'credentials: {token: env:VARIABLE}' where a source needs some.")


def _ids(connection: Connection, place: Workplace) -> dict[tuple[str, str], UUID]:
    sources = data_sources.select_all(connection, place.organization_id)
    bots = chatbots.select_all(connection, place.organization_id)
    return {("source", one.name): one.id for one in sources} | {("chatbot", one.name): one.id for one in bots}


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.expanduser().read_text()
    except FileNotFoundError:
        raise Missing(f"there is no file {str(file)!r}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"the file {str(file)!r} cannot be read: {error}") from None


def _secrets(wanted: Declaration) -> dict[str, dict[str, str]]:
    """What the references lead to. Raises Refused for one that leads to nothing."""
    return {
        name: read_credentials(
            [f"{key}={reference.replace('file:', '@', 1) if reference.startswith('file:') else reference}"
             for key, reference in source.credentials.items()]
        )
        for name, source in wanted.sources.items() if source.credentials
    }  # fmt: skip


def _print_plan(changes: list[Change]) -> None:
    rows = []
    for change in changes:
        what = f"{_SIGNS[change.action]} {change.action}"
        lines = [_told(field, former, new, is_new=change.action == "create") for field, former, new in change.fields]
        rows.append((what, change.kind, change.name, "\n".join(lines)))
    print_table("Plan", ["", "Kind", "Name", "What changes"], rows)
    if all(change.action == "keep" for change in changes):
        console.print("Everything is as the file says.")


def _told(field: str, former: object, new: object, *, is_new: bool) -> str:
    return f"{field}: {new}" if is_new else f"{field}: {former} → {new}"


def _shown(change: Change) -> dict[str, object]:
    fields = [{"field": field, "from": former, "to": new} for field, former, new in change.fields]
    return {"kind": change.kind, "name": change.name, "action": change.action, "fields": fields}
