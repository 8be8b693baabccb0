"""Commands about the keys that encrypt stored secrets: what they encrypt, rotate them, retire one."""

from __future__ import annotations

from typing import Annotated

import typer

from resources.foundation.counting import counted
from resources.foundation.errors import Refused
from resources.foundation.secrets import VARIABLE
from resources.knowledge.connectors import rotations
from serving.commands.reporting import AsJson, complain, console, print_json, print_table, progress
from serving.commands.workplace import workplace


def status(as_json: AsJson = False) -> None:
    """Show the keys, and how many secrets each encrypts. Exit status 1 where a key is missing that something needs."""
    with workplace() as place:
        keyring = place.keyring
        states = rotations.select_states(place.database, keyring)
    if as_json:
        print_json(states)
    else:
        where = VARIABLE if keyring.file is None else str(keyring.file.path)
        rows = [(s.key_id or "damaged", s.secrets, "encrypts" if s.is_first else "decrypts" if s.is_in_ring else "LOST")
                for s in states]  # fmt: skip
        print_table(f"Keys of secrets, in {where}", ["Key", "Secrets ", "State"], rows)
    if keyring.file is not None and keyring.file.is_open_to_others():
        complain(f"{keyring.file.path} can be read by others: chmod 600 {keyring.file.path}")
    if any(not state.is_in_ring for state in states):
        complain("a key is lost that secrets need: put it back, or set those secrets again")
        raise typer.Exit(1)


def rotate(
    new_key: Annotated[bool, typer.Option("--new-key", help="Make a key first, which encrypts from now on.")] = False,
    as_json: AsJson = False,
) -> None:
    """Encrypt the data key of every stored secret anew with the first key. It may be stopped and run again.

    The former keys stay valid until they are retired; running processes see a new key at once.

    \b
    Example:
        millrace secrets rotate --new-key && millrace secrets status && millrace secrets retire k1a2b3c4d
    """
    with workplace() as place:
        keyring = place.keyring
        if new_key and keyring.file is None:
            raise Refused(f"the keys are in {VARIABLE}: put a new one first there, then rotate without --new-key")
        if new_key and keyring.file is not None:
            keyring.file.add()
        with progress(quiet=as_json) as bars:
            rotated = rotations.rotate(place.database, keyring, progress=bars)
        with place.database.transaction(place.organization_id) as connection:
            place.record(connection, "rotate", "secrets", rotated.key_id)
    if as_json:
        print_json(rotated)
    else:
        console.print(
            f"{counted(rotated.rewrapped, 'secret is', 'secrets are')} under key [bold]{rotated.key_id}[/bold] now."
        )
    for problem in rotated.problems:
        complain(problem)
    if rotated.problems:
        raise typer.Exit(1)


def retire(key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="As 'secrets status' shows it.")]) -> None:
    """Take a key away for good; refused while it encrypts anything."""
    with workplace() as place:
        is_gone = rotations.retire(place.database, place.keyring, key_id)
        with place.database.transaction(place.organization_id) as connection:
            place.record(connection, "retire", "secrets", key_id)
    if is_gone:
        console.print(f"Key [bold]{key_id}[/bold] is retired. Backups from before the rotation still need it.")
    else:
        console.print(f"Nothing uses key [bold]{key_id}[/bold]: take it out of {VARIABLE} and restart Millrace.")
