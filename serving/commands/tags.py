"""Commands about tags: labels of sources, by which agents choose what they read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import typer

from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.knowledge.records import Tag
from resources.knowledge.sources import data_sources, tags
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import Workplace, workplace

Name = Annotated[str, typer.Argument(help="The tag's name.")]


def list_tags(as_json: AsJson = False) -> None:
    """List the tags, and the sources that bear each."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = tags.select_all(connection, place.organization_id)
        borne: dict[str, list[str]] = {}
        for source in data_sources.select_all(connection, place.organization_id):
            for tag in tags.select_of_source(connection, place.organization_id, source.id):
                borne.setdefault(tag.name, []).append(source.name)
    if as_json:
        print_json([{**vars(tag), "sources": borne.get(tag.name, [])} for tag in found])
    else:
        rows = [(tag.name, tag.description, ", ".join(borne.get(tag.name, []))) for tag in found]
        print_table("Tags", ["Tag", "Description", "Sources"], rows)


def create(name: Name, description: Annotated[str, typer.Option()] = "", as_json: AsJson = False) -> None:
    """Make a tag."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        tag = tags.create(connection, place.organization_id, name=name, description=description)
        place.record(connection, "create", "tag", tag.id)
    print_json(tag) if as_json else console.print(f"Tag [bold]{tag.name}[/bold] is made.")


def change(
    name: Name,
    rename: Annotated[str | None, typer.Option(help="What to call it from now on.")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    source: Annotated[list[str] | None, typer.Option(help="A source that is to bear it; may be repeated.")] = None,
    off: Annotated[list[str] | None, typer.Option(help="A source that is to bear it no more.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rename or describe a tag; give it to sources, or take it off them.

    \b
    Examples:
        millrace tag set public --source handbook --source site
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        tag = _named(connection, place, name)
        tag = tags.replace(
            connection, place.organization_id,
            replace(
                tag, name=tag.name if rename is None else rename,
                description=tag.description if description is None else description,
            ),
        )  # fmt: skip
        for each in source or []:
            tags.attach(connection, place.organization_id, source_id=_source(connection, place, each), tag_id=tag.id)
        for each in off or []:
            tags.detach(connection, place.organization_id, source_id=_source(connection, place, each), tag_id=tag.id)
        place.record(connection, "change", "tag", tag.id)
    print_json(tag) if as_json else console.print(f"Tag [bold]{tag.name}[/bold] is changed.")


def remove(name: Name) -> None:
    """Remove a tag: no source bears it any more, and agents that were bound to it read nothing by it."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        tag = _named(connection, place, name)
        tags.remove(connection, place.organization_id, tag.id)
        place.record(connection, "remove", "tag", tag.id)
    console.print(f"Tag [bold]{name}[/bold] is removed.")


def _named(connection: Connection, place: Workplace, name: str) -> Tag:
    tag = tags.find_by_name(connection, place.organization_id, name)
    if tag is None:
        raise Missing(f"there is no tag {name!r}: 'millrace tag list' shows them")
    return tag


def _source(connection: Connection, place: Workplace, name: str) -> UUID:
    source = data_sources.find_by_name(connection, place.organization_id, name)
    if source is None:
        raise Missing(f"there is no source {name!r}: 'millrace source list' shows them")
    return source.id


COMMANDS: dict[str, Callable[..., None]] = {"list": list_tags, "create": create, "set": change, "remove": remove}
