"""Commands about sources: list, remove, and bring in step (through Dagster, in a process of its own)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused, Unavailable
from resources.foundation.redacting import without_secrets
from resources.foundation.settings import Settings
from resources.knowledge.sources import data_sources, reconciliation
from serving.commands import overviews, plans
from serving.commands.processes import last_words
from serving.commands.reporting import AsJson, complain, console, print_json, print_table, progress
from serving.commands.workplace import Workplace, workplace

_NOT_WHOLE = 3
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
COUNTS = ("listed", "changed", "unchanged", "moved", "deleted", "held", "failed", "chunks", "embedded", "reused")


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
            documents = reconciliation.count(connection, place.organization_id, source.id, what="documents")
        if not yes and not as_json:
            typer.confirm(f"Remove source {name!r} and its {counted(documents, 'document')}?", abort=True)
        with place.database.transaction(place.organization_id) as connection:
            data_sources.remove(connection, place.organization_id, source.id)
            place.record(connection, "remove", "source", source.id)
    if as_json:
        print_json({"removed": name, "documents": documents})
    else:
        console.print(f"Source [bold]{name}[/bold] is removed, with {counted(documents, 'document')}.")


def sync(
    names: Annotated[list[str] | None, typer.Argument(help="The sources; all unless named.")] = None,
    only_plan: Annotated[
        bool, typer.Option("--plan", help="Only say what a sync would do, take and cost; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring sources in step now: runs their Dagster assets, waits, and reports what changed.

    Exit status 1 where a source could not be synced; 3 where all were, but for documents that failed or deletions that
    wait for you.

    \b
    Examples:
        millrace sync
        millrace sync handbook docs --json
        millrace sync docs --plan
    """
    if only_plan:
        _plan(names or [], as_json=as_json)
        return
    with workplace() as place:
        _record_sync(place, names or [])
        reports, failed = run_sync(place.settings, names or [], quiet=as_json)
    if as_json:
        print_json(reports)
    else:
        print_sync(reports)
    if failed:
        raise typer.Exit(1)
    if any(report.get("failed") or report.get("held") for report in reports):
        raise typer.Exit(_NOT_WHOLE)


def _record_sync(place: Workplace, names: Sequence[str]) -> None:
    """Before it begins: it may take hours, and be stopped. What there is none of is refused later."""
    with place.database.transaction(place.organization_id) as connection:
        for source in data_sources.select_all(connection, place.organization_id):
            if source.name in names or not names:
                place.record(connection, "sync", "source", source.id)


def _plan(names: Sequence[str], *, as_json: bool) -> None:
    with workplace() as place:
        slug = place.settings.organization
        found, status = run_pipeline(place.settings, "plan", "--organization", slug, *names, quiet=as_json)
    planned = [event for event in found if event.pop("event") in ("planned", "failed")]
    if as_json:
        print_json(planned)
    else:
        plans.show(planned)
    if status:
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
        last = without_secrets(last_words(log, 1), settings.secrets)
        raise Unavailable(f"the pipeline ended with status {status}: {last} (its log is {log})")
    return said, status


def print_sync(reports: Sequence[dict[str, object]]) -> None:
    """What a sync did, a line for each source."""
    headings = ["Source", *(f"{count.capitalize()} " for count in COUNTS), "Seconds "]
    rows = [(r["source"], *(r.get(count) for count in COUNTS), r.get("elapsed_s")) for r in reports]
    print_table("Synced", headings, rows)
    for report in reports:
        if report.get("reason"):
            complain(f"source {report['source']}: {report['reason']}")
        if held := int(str(report.get("held") or 0)):
            complain(
                f"source {report['source']}: {counted(held, 'deletion waits', 'deletions wait')} for your word; "
                "'millrace deletions list' shows which, 'millrace deletions approve' or 'reject' decides"
            )
        failed = int(str(report.get("failed") or 0))
        if failed and not report.get("reason"):
            complain(f"source {report['source']}: {counted(failed, 'item')} failed; 'millrace status' says why")


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
