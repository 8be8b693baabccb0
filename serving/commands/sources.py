"""Commands about sources: register, list, remove, and bring in step (through Dagster, in a process of its own)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from resources.bots import chatbots, starter
from resources.foundation.errors import Conflict, Missing, Refused, Unavailable
from resources.foundation.settings import Settings
from resources.knowledge import data_sources, reconciliation
from serving.commands import overviews
from serving.commands.reporting import AsJson, complain, console, print_json, print_table, progress
from serving.commands.workplace import Workplace, workplace

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COUNTS = ("listed", "changed", "unchanged", "moved", "deleted", "held", "failed", "chunks", "embedded", "reused")


def add(
    location: Annotated[Path, typer.Argument(help="A folder, or one file.")],
    name: Annotated[str | None, typer.Option(help="What to call it; the folder's name unless given.")] = None,
    every: Annotated[str, typer.Option(help="How often it is synced: 30s, 15m, 2h, 1d.")] = "1h",
    cron: Annotated[str | None, typer.Option(help="When it is synced instead, as '0 7 * * 1-5'.")] = None,
    zone: Annotated[str, typer.Option(help="The time zone of --cron, as 'Europe/Berlin'.")] = "UTC",
    chatbot: Annotated[str | None, typer.Option(help="The chatbot that answers from it; its own unless given.")] = None,
    include: Annotated[
        list[str] | None, typer.Option(help="Only files like this, e.g. '*.md'; may be repeated.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="No files like this; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a source and the chatbot that answers from it.

    \b
    Examples:
        millrace source add ~/handbook
        millrace source add ../docs --name docs --every 15m --include '*.md' --chatbot support
        millrace source add ../rules --cron '0 7 * * 1-5' --zone Europe/Berlin
    """
    with workplace() as place:
        source = register(
            place, location, name=name, every_s=seconds(every), cron=cron, time_zone=zone, chatbot=chatbot,
            include=include or [], exclude=exclude or [],
        )  # fmt: skip
    if as_json:
        print_json(source)
    else:
        console.print(
            f"Source [bold]{source.name}[/bold] is registered; chatbot [bold]{source.chatbot}[/bold] reads it."
        )
        console.print(f"Bring it in now with: millrace sync {_quoted(source.name)}")


@dataclass(frozen=True)
class Registered:
    """What `source add` did."""

    id: str
    name: str
    location: str
    every_s: int
    chatbot: str


def register(
    place: Workplace,
    location: Path,
    *,
    name: str | None,
    every_s: int,
    chatbot: str | None,
    include: Sequence[str],
    exclude: Sequence[str],
    cron: str | None = None,
    time_zone: str = "UTC",
) -> Registered:
    """Make the source, and the chatbot where it is new. Raises Missing, Refused or Conflict."""
    where = location.expanduser().absolute()
    if not where.exists():
        raise Missing(f"there is no file or folder {str(location)!r}: name one that this machine can read")
    called = name or _name_from(where)
    config: dict[str, object] = {"location": str(where), "include": list(include), "exclude": list(exclude)}
    with place.database.transaction(place.organization_id) as connection:
        if data_sources.find_by_name(connection, place.organization_id, called) is not None:
            raise Conflict(f"there is a source {called!r} already: give another --name, or remove it first")
        source = data_sources.create(
            connection, place.organization_id, name=called, config=config, sync_frequency=every_s, cron=cron,
            time_zone=time_zone,
        )  # fmt: skip
        bot = starter.ensure_chatbot(
            connection,
            place.organization_id,
            name=chatbot or called,
            embedding_model=place.settings.embedding_model,
            llm_model=place.settings.chat_model,
        )
        chatbots.attach_source(connection, place.organization_id, bot.id, source.id)
    return Registered(str(source.id), called, str(where), every_s, bot.name)


def list_sources(as_json: AsJson = False) -> None:
    """List the sources: where they are, how often they are synced, and what is in them."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = overviews.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
        return
    print_table(
        "Sources",
        ["Name", "Type", "Location", "Schedule", "Documents ", "Waiting ", "Failed ", "Chunks ", "Last sync"],
        [
            (o.name, o.type, o.location, o.schedule, o.documents, o.waiting, o.failed, o.chunks, o.last_sync)
            for o in found
        ],
    )


def remove(
    name: Annotated[str, typer.Argument(help="The source.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove a source: its documents can no longer be found from that moment."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            source = data_sources.find_by_name(connection, place.organization_id, name)
            if source is None:
                raise Missing(f"there is no source {name!r}: 'millrace source list' shows them")
            documents = reconciliation.get(connection, place.organization_id, source.id).documents
        if not yes and not as_json:
            typer.confirm(f"Remove source {name!r} and its {documents:,} documents?", abort=True)
        with place.database.transaction(place.organization_id) as connection:
            data_sources.remove(connection, place.organization_id, source.id)
    if as_json:
        print_json({"removed": name, "documents": documents})
    else:
        console.print(f"Source [bold]{name}[/bold] is removed, with {documents:,} documents.")


def sync(
    names: Annotated[list[str] | None, typer.Argument(help="The sources; all unless named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring sources in step now: runs their Dagster assets, waits, and reports what changed.

    \b
    Examples:
        millrace sync
        millrace sync handbook docs --json
    """
    with workplace() as place:
        reports, failed = run_sync(place.settings, names or [], quiet=as_json)
    if as_json:
        print_json(reports)
    else:
        print_sync(reports)
    if failed:
        raise typer.Exit(1)


def run_sync(settings: Settings, names: Sequence[str], *, quiet: bool = False) -> tuple[list[dict[str, object]], bool]:
    """Run the pipeline for these sources in a child process; the reports by source and whether any failed."""
    events, status = run_pipeline(settings, "sync", "--organization", settings.organization, *names, quiet=quiet)
    reports = [event for event in events if event.pop("event") in ("synced", "failed")]
    return reports, status != 0


def run_pipeline(settings: Settings, *arguments: str, quiet: bool = False) -> tuple[list[dict[str, object]], int]:
    """Run a command of the pipeline in a process of its own, showing its progress; its events and its exit status.

    Dagster's log goes to logs/pipeline.log. Raises Refused when the pipeline says that it was asked for wrongly.
    """
    said: list[dict[str, object]] = []
    log = settings.home / "logs" / "pipeline.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors_of_child:
        child = subprocess.Popen(
            [sys.executable, "-m", "pipelines", *arguments], stdout=subprocess.PIPE, stderr=errors_of_child, text=True
        )
    try:
        with progress(quiet=quiet) as bars:
            for event in _events(child):
                if event["event"] == "progress":
                    bars(f"{event['source']}: {event['stage']}", int(str(event["done"])), int(str(event["total"])))
                else:
                    said.append(event)
        status = child.wait()
    except BaseException:
        child.terminate()
        child.wait()
        raise
    reasons = [str(event["reason"]) for event in said if event["event"] == "refused"]
    if reasons:
        raise Refused(reasons[0])
    if status and not said:
        raise Unavailable(f"the pipeline ended with status {status} and said nothing: its log is {log}")
    return said, status


def print_sync(reports: Sequence[dict[str, object]]) -> None:
    """What a sync did, a line for each source."""
    headings = ["Source", *(f"{count.capitalize()} " for count in COUNTS), "Seconds "]
    rows = [(r["source"], *(r.get(count) for count in COUNTS), r.get("elapsed_s")) for r in reports]
    print_table("Synced", headings, rows)
    for report in reports:
        if report.get("reason"):
            complain(f"source {report['source']}: {report['reason']}")
        if report.get("held"):
            complain(
                f"source {report['source']}: {report['held']} deletions wait for you, since they are so many; "
                "'millrace deletions list' shows them, 'millrace deletions approve' or 'reject' decides"
            )
        if report.get("failed") and not report.get("reason"):
            complain(f"source {report['source']}: {report['failed']} items failed; 'millrace status' says why")


def _events(child: subprocess.Popen[str]) -> Iterator[dict[str, object]]:
    for line in child.stdout or ():
        if line.startswith("{"):
            yield json.loads(line)


def seconds(text: str) -> int:
    """`90s`, `15m`, `2h`, `1d` in seconds. Raises Refused."""
    match = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if match is None or int(match[1]) * _UNITS_S[match[2]] < 10:
        raise Refused(f"--every {text!r} is no time that can be kept: write 30s, 15m, 2h or 1d, 10 s at least")
    return int(match[1]) * _UNITS_S[match[2]]


def _name_from(location: Path) -> str:
    name = re.sub(r"[^\w .-]+", "-", location.stem if location.is_file() else location.name).strip("-. ")
    if not name:
        raise Refused(f"{str(location)!r} gives no name: say --name")
    return re.sub(r"\.{2,}", ".", name)[:100]


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
