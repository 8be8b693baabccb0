"""Commands about kinds of file: by which parser each is read, and how it is known."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from resources.bots.agents import agent_file_types
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.knowledge.intake import rereadings
from resources.knowledge.sources import file_types
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import workplace


def list_types(as_json: AsJson = False) -> None:
    """List the kinds of file: their extensions, the parser of each and what else could read them, their documents."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        file_types.seed(connection, place.organization_id)
        found = file_types.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
        return
    print_table(
        "Kinds of file",
        ["Kind", "Extensions", "Read by", "Or by", "Documents "],
        [
            (one.name, " ".join(one.extensions), one.parsers[0] if one.is_active else "nothing",
             " ".join(one.parsers[1:]), one.documents)
            for one in found
        ],
    )  # fmt: skip


def change(
    name: Annotated[str, typer.Argument(help="The kind; a new name makes a new kind.")],
    parser: Annotated[str | None, typer.Option(help="Which parser reads it.")] = None,
    extension: Annotated[list[str] | None, typer.Option(help="By which ends of names it is known; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a kind of file be read by another parser, or be known by these extensions in place of those it had.

    Documents that another parser read are read anew at the next sync, from the bytes that are kept, and what failed is
    tried again. Pages of web sources are read by their main text, unless the source says main_text: false.

    \b
    Examples:
        millrace file-type set html --parser article
        millrace file-type set recipe --extension recipe --parser markdown
    """
    if parser is None and not extension:
        raise Refused(
            "say what is to change: --parser, --extension, or both; 'millrace file-type list' shows the kinds"
        )
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            kind = file_types.replace(connection, place.organization_id, name, parser=parser, extensions=extension)
            changed = [name for name, given in (("parser", parser), ("extensions", extension)) if given]
            place.record(connection, "change", "file_type", kind.id, *changed)
        read_anew = rereadings.ask_for(place.database, place.organization_id, kind)
    if as_json:
        print_json({**asdict(kind), "read_anew": read_anew})
    else:
        console.print(
            f"Files of the kind [bold]{kind.name}[/bold] are read by {kind.parsers[0]}; "
            f"{counted(read_anew, 'document is', 'documents are')} read anew at the next sync."
        )


def remove(
    name: Annotated[str, typer.Argument(help="The kind, one that the product does not bring.")],
) -> None:
    """Know a kind of file no more. Refused where documents are of it, and where an agent names it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        every = file_types.select_all(connection, place.organization_id)
        kind = next((each for each in every if each.name == name), None)
        if kind is None:
            raise Missing(f"there is no kind of file {name!r}: 'millrace file-type list' shows them")
        agent_file_types.remove_kind(connection, place.organization_id, kind)
        place.record(connection, "remove", "file_type", kind.id)
    console.print(f"Files of the kind [bold]{name}[/bold] are not known any more.")
