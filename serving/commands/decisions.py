"""Commands about what waits for somebody's word: deletions that were too many, and documents that fail."""

from __future__ import annotations

import getpass
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import deletions
from resources.knowledge.records import DataSource, DeletionBatch, SyncFailure
from resources.knowledge.sources import data_sources
from serving.commands.reporting import AsJson, console, print_json, print_table
from serving.commands.workplace import Workplace, workplace

Row = TypeVar("Row", DeletionBatch, SyncFailure)
_SHOWN = 10
OfSource = Annotated[str | None, typer.Option("--source", help="Only of this source.")]
BatchId = Annotated[str, typer.Argument(help="The id from 'millrace deletions list'; its beginning is enough.")]
FailureIds = Annotated[list[str] | None, typer.Argument(help="Ids from 'millrace failures list'; beginnings do.")]
Everything = Annotated[bool, typer.Option("--all", help="All of them, or all of --source.")]


def list_deletions(
    source: OfSource = None,
    decided: Annotated[bool, typer.Option("--decided", help="Also those that were decided.")] = False,
    as_json: AsJson = False,
) -> None:
    """List deletions that a sync did not follow because they were too many: they wait for approval."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = deletions.select_all(
            connection, place.organization_id, source_id=_source_id(connection, place, source),
            statuses=None if decided else ["waiting"],
        )  # fmt: skip
    if as_json:
        print_json(found)
        return
    print_table(
        "Deletions",
        ["Id", "Source", "Status", "Documents ", "Of ", "Since", "Decided by"],
        [(str(b.id)[:8], b.source_name, b.status, b.documents, b.known, b.created_at, b.decided_by) for b in found],
    )
    if any(batch.status == "waiting" for batch in found):
        console.print("Look at one: millrace deletions show ID. Then: millrace deletions approve ID, or reject ID.")


def show_deletions(id: BatchId, as_json: AsJson = False) -> None:
    """Show a batch of deletions with the documents that would go."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        batch = _batch(connection, place, id)
        held = deletions.select_documents(connection, place.organization_id, batch.id)
    if as_json:
        print_json({"batch": batch, "documents": held})
        return
    console.print(
        f"{batch.documents:,} of {counted(batch.known, 'document')} of [bold]{batch.source_name}[/bold]: {batch.status}"
    )
    print_table("Documents", ["Path", "Title"], [(one.file_path, one.title) for one in held])


def approve_deletions(
    id: BatchId, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False, as_json: AsJson = False
) -> None:
    """Delete the documents of a batch that are still missing at their source."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            batch = _batch(connection, place, id)
            first = deletions.select_documents(connection, place.organization_id, batch.id, at_most=_SHOWN)
        if not yes and not as_json:
            for one in first:
                console.print(f"  {one.file_path}", markup=False)
            if batch.documents > len(first):
                console.print(f"  … and {batch.documents - len(first):,} more")
            typer.confirm(f"Delete {counted(batch.documents, 'document')} of {batch.source_name!r}?", abort=True)
        deleted = deletions.approve(place.database, place.organization_id, batch.id, decided_by=_who())
        with place.database.transaction(place.organization_id) as connection:
            place.record(connection, "approve", "deletions", batch.id)
    if as_json:
        print_json({"id": batch.id, "deleted": deleted})
    else:
        console.print(f"Deleted {counted(deleted, 'document')} of [bold]{batch.source_name}[/bold].")


def reject_deletions(id: BatchId, as_json: AsJson = False) -> None:
    """Keep the documents of a batch, and do not ask again until they were back once."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        batch = _batch(connection, place, id)
        rejected = deletions.reject(connection, place.organization_id, batch.id, decided_by=_who())
        place.record(connection, "reject", "deletions", batch.id)
    if as_json:
        print_json(rejected)
    else:
        console.print(f"Kept {counted(rejected.documents, 'document')} of [bold]{rejected.source_name}[/bold].")


def list_failures(
    source: OfSource = None,
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option(help="At most so many, the latest first.")] = 100,
) -> None:
    """List documents that cannot be carried through: where each stopped, why, and when it is tried again."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = sync_failures.select_all(
            connection, place.organization_id, source_id=_source_id(connection, place, source), at_most=limit
        )
    if as_json:
        print_json(found)
        return
    print_table(
        "Failures",
        ["Id", "Source", "Document", "Stage", "Reason", "Tries ", "Next"],
        [
            (str(f.id)[:8], f.source_name, f.file_path, f.stage, f.reason, f.attempts, _next(f)) for f in found
        ],
    )  # fmt: skip


def retry_failures(
    ids: FailureIds = None, source: OfSource = None, everything: Everything = False, as_json: AsJson = False
) -> None:
    """Let failures be tried again at the next sync, also those that were parked or ignored."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        chosen = _failures(connection, place, ids or [], source, everything)
        count = sync_failures.retry(connection, place.organization_id, ids=[one.id for one in chosen])
        _record(connection, place, "retry", ids, source, chosen)
    if as_json:
        print_json({"retried": count})
    else:
        console.print(f"{counted(count, 'failure is', 'failures are')} tried again at the next sync: millrace sync")


def ignore_failures(
    ids: FailureIds = None, source: OfSource = None, everything: Everything = False, as_json: AsJson = False
) -> None:
    """Mind failures no longer. They go when their documents are well."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        chosen = _failures(connection, place, ids or [], source, everything)
        count = sync_failures.ignore(connection, place.organization_id, [one.id for one in chosen])
        _record(connection, place, "ignore", ids, source, chosen)
    if as_json:
        print_json({"ignored": count})
    else:
        console.print(f"{counted(count, 'failure is', 'failures are')} ignored; 'millrace failures retry' undoes that.")


def source_named(connection: Connection, place: Workplace, name: str) -> DataSource:
    """The source of that name; raises Missing."""
    found = data_sources.find_by_name(connection, place.organization_id, name)
    if found is None:
        raise Missing(f"there is no source {name!r}: 'millrace source list' shows them")
    return found


def _source_id(connection: Connection, place: Workplace, name: str | None) -> UUID | None:
    return None if name is None else source_named(connection, place, name).id


def _batch(connection: Connection, place: Workplace, beginning: str) -> DeletionBatch:
    found = deletions.select_all(connection, place.organization_id, at_most=10_000)
    return _one_of([batch for batch in found if str(batch.id).startswith(beginning.lower())], beginning, "deletions")


def _failures(
    connection: Connection, place: Workplace, beginnings: list[str], source: str | None, everything: bool
) -> list[SyncFailure]:
    if bool(beginnings) == (everything or source is not None):
        raise Refused("name failures by their ids, or all of them with --all, or those of a source with --source")
    found = sync_failures.select_all(
        connection, place.organization_id, source_id=_source_id(connection, place, source), at_most=100_000
    )
    if not beginnings:
        return found
    return [
        _one_of([one for one in found if str(one.id).startswith(beginning.lower())], beginning, "failures")
        for beginning in beginnings
    ]


def _record(
    connection: Connection,
    place: Workplace,
    action: str,
    named: list[str] | None,
    source: str | None,
    chosen: list[SyncFailure],
) -> None:
    """Each that was named; what was said of all at once is one entry, however many they are."""
    if named:
        for failure in chosen:
            place.record(connection, action, "failure", failure.id)
    else:
        place.record(connection, action, "failures", _source_id(connection, place, source) or "all")


def _one_of(found: list[Row], beginning: str, kind: str) -> Row:
    if not beginning or not found:
        raise Missing(f"there are no {kind} whose id begins with {beginning!r}: 'millrace {kind} list' shows them")
    if len(found) > 1:
        raise Refused(f"{len(found):,} {kind} have an id that begins with {beginning!r}: give more of it")
    return found[0]


def _next(failure: SyncFailure) -> object:
    return failure.next_attempt_at if failure.state == "retrying" else failure.state


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a machine where this user has no name
        return "operator"
