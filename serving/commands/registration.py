"""Commands that say what a source is: add one of any kind, show it, change it."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from resources.bots import chatbots, starter
from resources.foundation.errors import Conflict, Misconfigured, Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.connectors import configuring, credentials, file_roots, locating
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources
from serving.commands import overviews
from serving.commands.assigning import config_with, config_without
from serving.commands.reading import read_credentials
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.sources import seconds
from serving.commands.workplace import Workplace, workplace

Kind = Literal["file", "web", "database", "api", "upload"]
Texts = list[str] | None
Credentials = Annotated[
    Texts,
    typer.Option(
        "--credential",
        help="NAME asks for it; NAME=@file, NAME=env:VARIABLE or NAME=- (standard input) read it. May be repeated.",
    ),
]
Setting = Annotated[
    Texts, typer.Option("--set", help="A setting of its kind, NAME=VALUE, as paging.kind=cursor; may be repeated.")
]
Cron = Annotated[str | None, typer.Option(help="When it is synced, instead of --every: '0 7 * * 1-5'.")]
Zone = Annotated[str | None, typer.Option("--time-zone", "--zone", help="The time zone of --cron: 'Europe/Berlin'.")]
Share = Annotated[
    float | None, typer.Option(min=0, max=1, help="The share of its documents that a sync may delete unasked.")
]
Floor = Annotated[int | None, typer.Option(min=0, help="So many deletions are never too many.")]
Name = Annotated[str, typer.Argument(help="The source.")]


@dataclass(frozen=True)
class Registered:
    """What `source add` did."""

    id: str
    name: str
    type: str
    location: str
    schedule: str
    every_s: int
    chatbot: str


@dataclass(frozen=True)
class Shown:
    """What a source is, without what is in it ('millrace status'). Of credentials only whether there are any."""

    id: UUID
    name: str
    type: str
    description: str
    status: str
    location: str
    config: Mapping[str, object]
    has_credentials: bool
    auto_sync: bool
    schedule: str
    deletion_share: float
    deletion_floor: int
    last_sync: datetime | None
    chatbots: Sequence[str]


def add(
    location: Annotated[
        str | None, typer.Argument(help="A folder, a file, or an address: s3://…, https://…, postgresql://…")
    ] = None,
    type: Annotated[Kind | None, typer.Option(help="Its kind, where the location does not tell.")] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; as its folder or host unless given.")] = None,
    every: Annotated[str, typer.Option(help="How often it is synced: 30s, 15m, 2h, 1d.")] = "1h",
    cron: Cron = None,
    time_zone: Zone = None,
    by_hand: Annotated[bool, typer.Option("--by-hand", help="It is synced only when somebody says so.")] = False,
    chatbot: Annotated[str | None, typer.Option(help="The chatbot that answers from it; its own unless given.")] = None,
    include: Annotated[Texts, typer.Option(help="Only files or pages like this, e.g. '*.md'; may be repeated.")] = None,
    exclude: Annotated[Texts, typer.Option(help="No files or pages like this; may be repeated.")] = None,
    sitemap: Annotated[bool, typer.Option("--sitemap", help="The address is a sitemap; its pages are meant.")] = False,
    crawl: Annotated[bool, typer.Option("--crawl", help="Follow the links of the page, within its site.")] = False,
    depth: Annotated[int | None, typer.Option(help="How many links away a crawl goes.")] = None,
    max_pages: Annotated[int | None, typer.Option(help="How many pages at most, of the web or of an API.")] = None,
    query: Annotated[str | None, typer.Option(help="Of a database: the SELECT whose rows are documents.")] = None,
    items: Annotated[
        str | None, typer.Option(help="Of an API: the path to its items in the JSON, as data.items.")
    ] = None,
    key: Annotated[Texts, typer.Option(help="The column or field that tells them apart; may be repeated.")] = None,
    text: Annotated[Texts, typer.Option(help="A column or field that holds words; may be repeated.")] = None,
    metadata: Annotated[Texts, typer.Option(help="One that is kept beside the text; may be repeated.")] = None,
    title: Annotated[str | None, typer.Option(help="The one that holds the title.")] = None,
    updated_at: Annotated[str | None, typer.Option(help="The one that changes whenever anything does.")] = None,
    settings: Setting = None,
    credential: Credentials = None,
    deletion_share: Share = None,
    deletion_floor: Floor = None,
    description: Annotated[str, typer.Option(help="What it is, in words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Register a source and the chatbot that answers from it.

    Secrets are never written on the command line: see --credential. They are kept encrypted and never shown.

    \b
    Examples:
        millrace source add ~/handbook
        millrace source add ../docs --name docs --every 15m --include '*.md' --chatbot support
        millrace source add s3://mill/docs --credential key=env:AWS_KEY --credential secret
        millrace source add https://example.org/docs/ --crawl --depth 3 --cron '0 5 * * *' --time-zone Europe/Berlin
        millrace source add postgresql://reader@db.example/shop --credential password \\
            --query 'select * from articles' --key id --text body --title name --updated-at changed_at
        millrace source add https://api.example/tickets --type api --items data --key id --text body \\
            --set 'headers={"Authorization": "Bearer {token}"}' --credential token
        millrace source add --type upload --name inbox
    """  # fmt: skip
    if not location and type != "upload":
        raise Refused("say where the source is, or --type upload for one that documents are pushed into")
    kind = type or locating.kind_of(location or "")
    given: dict[str, object] = {
        "include": include, "exclude": exclude, "query": query, "items": items, "text": text, "metadata": metadata,
        "key": key[0] if key and kind == "api" else key, "title": title, "max_pages": max_pages,
        "updated" if kind == "api" else "updated_at": updated_at,
    }  # fmt: skip
    if kind != "upload":
        given |= _whereabouts(kind, _absolute(location or "", kind), sitemap=sitemap, crawl=crawl, depth=depth)
    config = config_with({name: value for name, value in given.items() if value not in (None, [])}, settings or [])
    with workplace() as place:
        made = register(
            place, kind=kind, config=config, name=name, every_s=seconds(every), cron=cron, time_zone=time_zone or "UTC",
            chatbot=chatbot, auto_sync=not by_hand, secrets=read_credentials(credential or []),
            deletion_share=deletion_share, deletion_floor=deletion_floor, description=description,
        )  # fmt: skip
    if as_json:
        print_json(made)
    else:
        console.print(f"Source [bold]{made.name}[/bold] is registered; chatbot [bold]{made.chatbot}[/bold] reads it.")
        if kind == "upload":
            console.print(f"Push documents with: millrace upload {shlex.quote(made.name)} FILES")
        else:
            console.print(f"Bring it in now with: millrace sync {shlex.quote(made.name)}")


def register(
    place: Workplace,
    *,
    kind: str,
    config: Mapping[str, object],
    name: str | None = None,
    every_s: int = 3600,
    cron: str | None = None,
    time_zone: str = "UTC",
    chatbot: str | None = None,
    auto_sync: bool = True,
    secrets: Mapping[str, str] | None = None,
    deletion_share: float | None = None,
    deletion_floor: int | None = None,
    description: str = "",
) -> Registered:
    """Make the source, and the chatbot where it is new. Raises Missing, Refused or Conflict."""
    checked = _checked(place, kind, config)
    location = locating.place_of(kind, checked)
    called = name or locating.name_of(location)
    if not called:
        raise Refused(f"{location!r} gives no name: say --name")
    guard = {"deletion_share": deletion_share, "deletion_floor": deletion_floor}
    with place.database.transaction(place.organization_id) as connection:
        if data_sources.find_by_name(connection, place.organization_id, called) is not None:
            raise Conflict(f"there is a source {called!r} already: give another --name, or remove it first")
        source = data_sources.create(
            connection, place.organization_id, name=called, source_type=kind, config=checked, sync_frequency=every_s,
            cron=cron, time_zone=time_zone, auto_sync=auto_sync, description=description,
            **{name: value for name, value in guard.items() if value is not None},  # type: ignore[arg-type]
        )  # fmt: skip
        if secrets:
            credentials.replace(connection, place.organization_id, source.id, secrets, keyring=place.keyring)
        bot = starter.ensure_chatbot(
            connection,
            place.organization_id,
            name=chatbot or called,
            embedding_model=place.settings.embedding_model,
            llm_model=place.settings.chat_model,
        )
        chatbots.attach_source(connection, place.organization_id, bot.id, source.id)
        place.record(connection, "create", "source", source.id, "name", "type", "config")
    return Registered(str(source.id), called, kind, location, overviews.schedule(source), every_s, bot.name)


def show(name: Name, as_json: AsJson = False) -> None:
    """Show what a source is: where, when it is synced, its settings. Of credentials only whether there are any."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        shown = _shown(connection, place.organization_id, _named(connection, place.organization_id, name))
    if as_json:
        print_json(shown)
        return
    rows = [(field.name.replace("_", " "), getattr(shown, field.name)) for field in dataclasses.fields(shown)]
    told = [(name, ", ".join(value) if name == "chatbots" else value) for name, value in rows if name != "config"]
    print_table(f"Source {shown.name}", ["", ""], [*told, *((f"  {key}", shown.config[key]) for key in shown.config)])


def change(
    name: Name,
    every: Annotated[str | None, typer.Option(help="Sync it this often: 30s, 15m, 2h, 1d; ends a --cron.")] = None,
    cron: Cron = None,
    time_zone: Zone = None,
    by_hand: Annotated[bool | None, typer.Option("--by-hand/--by-itself", help="Who syncs it.")] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Sync it no more until it is resumed.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Sync it again.")] = False,
    deletion_share: Share = None,
    deletion_floor: Floor = None,
    settings: Setting = None,
    unset: Annotated[Texts, typer.Option(help="Take a setting away; may be repeated.")] = None,
    credential: Credentials = None,
    forget_credentials: Annotated[bool, typer.Option("--forget-credentials", help="Remove them all.")] = False,
    description: Annotated[str | None, typer.Option(help="What it is, in words.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a source; what is not named stays as it is.

    Credentials go to the host that they were given for: where the address leads to another one, give them again.

    \b
    Examples:
        millrace source set docs --every 15m --deletion-share 0.5
        millrace source set shop --credential password
        millrace source set site --set crawl.depth=4 --cron '0 5 * * *' --time-zone Europe/Berlin
        millrace source set docs --pause
    """
    if pause and resume:
        raise Refused("a source is paused or resumed, not both")
    with workplace() as place:
        secrets = read_credentials(credential or [])
        with place.database.transaction(place.organization_id) as connection:
            source = _named(connection, place.organization_id, name)
            config = config_without(config_with(source.config, settings or []), unset or [])
            changes: dict[str, object] = {
                "config": _checked(place, source.source_type, config) if settings or unset else source.config,
                "sync_frequency": seconds(every) if every else None, "time_zone": time_zone,
                "auto_sync": None if by_hand is None else not by_hand, "deletion_share": deletion_share,
                "deletion_floor": deletion_floor, "description": description,
                "status": "inactive" if pause else "active" if resume and source.status == "inactive" else None,
            }  # fmt: skip
            kept = {key: value for key, value in changes.items() if value is not None}
            cron_now = cron if cron is not None else None if every else source.cron
            data_sources.replace(
                connection, place.organization_id,
                dataclasses.replace(source, cron=cron_now or None, **kept),  # type: ignore[arg-type]
            )  # fmt: skip
            said = [key for key, value in kept.items() if value != getattr(source, key)]
            if cron is not None:
                said.append("cron")
            if said:
                place.record(connection, "change", "source", source.id, *said)
            if forget_credentials:
                credentials.remove(connection, place.organization_id, source.id)
                place.record(connection, "remove_credentials", "source", source.id)
            if secrets:
                _add_credentials(connection, place, source.id, secrets)
                place.record(connection, "set_credentials", "source", source.id, *secrets)
            shown = _shown(connection, place.organization_id, _named(connection, place.organization_id, name))
    if as_json:
        print_json(shown)
    else:
        console.print(f"Source [bold]{name}[/bold] is {shown.status}, synced {shown.schedule}.")


def _add_credentials(connection: Connection, place: Workplace, source_id: UUID, secrets: Mapping[str, str]) -> None:
    """Those that were given for the same host stay beside the new ones; those for another are dropped."""
    organization_id = place.organization_id
    source = data_sources.get(connection, organization_id, source_id)
    former = credentials.get(connection, organization_id, source_id, keyring=place.keyring)
    try:
        same = locating.released(source.source_type, source.config, former)
    except Misconfigured:
        same = {}
    credentials.replace(connection, organization_id, source_id, {**same, **secrets}, keyring=place.keyring)


def _checked(place: Workplace, kind: str, config: Mapping[str, object]) -> dict[str, object]:
    """A configuration that can be kept; one that makes no sense was asked for wrongly."""
    try:
        checked = configuring.checked(kind, config)
    except Misconfigured as error:
        raise Refused(str(error)) from error
    location = str(checked.get("location", ""))
    if kind == "file" and not locating.is_address(location):
        file_roots.require_allowed(location, place.settings.file_roots)
        if not Path(location).exists():
            raise Missing(f"there is no file or folder {location!r}: name one that this machine can read")
    return checked


def _absolute(location: str, kind: str) -> str:
    is_path = kind == "file" and not locating.is_address(location)
    return str(Path(location).expanduser().absolute()) if is_path else location


def _whereabouts(kind: str, location: str, *, sitemap: bool, crawl: bool, depth: int | None) -> dict[str, object]:
    """The location as its kind calls it."""
    if kind == "file":
        return {"location": location}
    if kind == "web" and sitemap:
        return {"sitemap": location}
    if kind == "web" and (crawl or depth is not None):
        return {"crawl": {"start": location, **({"depth": depth} if depth is not None else {})}}
    return {"url": location}


def _named(connection: Connection, organization_id: UUID, name: str) -> DataSource:
    source = data_sources.find_by_name(connection, organization_id, name)
    if source is None:
        raise Missing(f"there is no source {name!r}: 'millrace source list' shows them")
    return source


def _shown(connection: Connection, organization_id: UUID, source: DataSource) -> Shown:
    readers = [
        bot.name
        for bot in chatbots.select_all(connection, organization_id)
        if source.id in chatbots.select_source_ids(connection, organization_id, bot.id)
    ]
    return Shown(
        source.id, source.name, source.source_type, source.description, source.status,
        locating.place_of(source.source_type, source.config), source.config,
        credentials.has_any(connection, organization_id, source.id), source.auto_sync, overviews.schedule(source),
        source.deletion_share, source.deletion_floor, source.last_sync, readers,
    )  # fmt: skip
