"""Commands about what must go: the rules and their plan, legal holds, erasures on request and their receipts."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from resources.conversations import erasures, retention
from resources.conversations.erasures import Erased, Request
from resources.foundation.counting import counted
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.identity import retention_settings, users
from resources.identity.records import RetentionSettings
from resources.knowledge.documents import documents, tombstones
from resources.knowledge.records import Due
from resources.knowledge.retention import chaining, erasure_receipts, legal_holds
from resources.knowledge.retention import retention as knowledge_retention
from resources.knowledge.sources import data_sources
from serving.commands.reporting import AsJson, complain, console, note, print_json, print_table
from serving.commands.workplace import Workplace, workplace

_SHOWN = 50
_NEVER = "never"

Source = Annotated[str, typer.Argument(help="The source.")]
Path = Annotated[str, typer.Argument(help="The document's path in the source, as 'millrace search' shows it.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the receipt for good.")]
By = Annotated[str, typer.Option(help="Who asks for it; the user of this machine unless given.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def retain(
    context: typer.Context,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show what would go, and why; this is the default.")
    ] = False,
    run: Annotated[bool, typer.Option("--run", help="Let it go.")] = False,
    at: Annotated[str | None, typer.Option(help="Plan for a day to come, as 2027-01-31.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what would go by the rules of retention, why, and since when; with --run, let it go.

    The job `retain` does the same every night while `millrace up` runs.

    \b
    Examples:
        millrace retention --plan --at 2027-01-31
        millrace retention --run
        millrace retention set --documents 365 --conversations 90
    """
    if context.invoked_subcommand is not None:
        return
    if run and (plan or at):
        raise Refused("--run lets things go now: leave out --plan and --at, or leave out --run")
    with workplace() as place:
        if run:
            _run(place, as_json=as_json)
        else:
            _plan(place, _day(at) if at else None, as_json=as_json)


def set_rules(
    documents_days: Annotated[
        str | None, typer.Option("--documents", help="Days after a document's content last changed, or never.")
    ] = None,
    versions: Annotated[str | None, typer.Option(help="Days after a version was replaced, or never.")] = None,
    conversations: Annotated[str | None, typer.Option(help="Days after the last word, or never.")] = None,
    history: Annotated[str | None, typer.Option(help="Days that syncs and runs are remembered.")] = None,
    grace: Annotated[str | None, typer.Option(help="Days between a document's deletion and its end.")] = None,
    audit: Annotated[str | None, typer.Option(help="Days that the audit log tells of.")] = None,
    source: Annotated[str | None, typer.Option(help="Set --documents for this source only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how long the organization keeps things, in days; what is not named stays as it is.

    \b
    Examples:
        millrace retention set --documents 365 --versions 180 --conversations 90
        millrace retention set --documents 30 --source news
        millrace retention set --documents never
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        rules = retention_settings.get(connection, place.organization_id)
        if source is not None:
            if documents_days is None or any((versions, conversations, history, grace, audit)):
                raise Refused("--source goes with --documents alone: the other rules are the organization's")
            data_sources.set_retention_days(
                connection, place.organization_id, _source_id(connection, place, source), _days(documents_days)
            )
            place.record(connection, "change", "source", _source_id(connection, place, source), "retention_days")
        else:
            rules = _changed(rules, documents_days, versions, conversations, history, grace, audit)
            retention_settings.replace(connection, place.organization_id, rules)
            given = {
                "document_days": documents_days, "version_days": versions, "conversation_days": conversations,
                "history_days": history, "grace_days": grace, "audit_days": audit,
            }  # fmt: skip
            said = [name for name, value in given.items() if value is not None]
            place.record(connection, "change", "retention_settings", "own", *said)
    if as_json:
        print_json(rules if source is None else {"source": source, "document_days": _days(documents_days)})
    elif source is None:
        _show_rules(rules)
    else:
        console.print(f"Documents of source [bold]{source}[/bold] are kept: {documents_days} days.")


def expire(
    source: Source,
    path: Path,
    on: Annotated[str, typer.Option(help="The day, as 2027-01-31; never: as the rules say.")],
) -> None:
    """Give a document its own last day, which no rule moves; it is not found any more when that has come."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        day = None if on == _NEVER else _day(on)
        document = _document_id(connection, place, source, path)
        documents.set_expires_at(connection, place.organization_id, document, day)
        place.record(connection, "change", "document", document, "expires_at")
    console.print(f"[bold]{path}[/bold] goes on {on}." if day else f"[bold]{path}[/bold] goes as the rules say.")


def erase_document(
    source: Source, path: Path, reason: Reason, by: By = "", yes: Yes = False, as_json: AsJson = False
) -> None:
    """Erase a document and its copies, at once and for good: from every table, every answer and the object store.

    No later sync brings it back: not that path, and not those bytes under another path of the source.
    """
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            id = _document_id(connection, place, source, path)
            copies = len(knowledge_retention.select_copies(connection, place.organization_id, id))
        also = f" and {copies} copies of it in the source" if copies else ""
        _confirm(f"Erase {path!r}{also} for good?", yes=yes, as_json=as_json)
        erased = erasures.erase_document(
            place.database, place.organization_id, id, store=_store(place), request=_request(by, reason)
        )
        _record(place, "erase", "document", id)
    _report(path, erased, as_json=as_json)


def erase_source(
    source: Source, reason: Reason, by: By = "", yes: Yes = False, as_json: AsJson = False
) -> None:  # fmt: skip
    """Erase a source with all its documents and its history, at once and for good; removed ones too."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            id = data_sources.find_any_by_name(connection, place.organization_id, source)
        if id is None:
            raise Missing(f"there is no source {source!r}: 'millrace source list' shows them")
        _confirm(f"Erase source {source!r} with all its documents for good?", yes=yes, as_json=as_json)
        erased = erasures.erase_source(
            place.database, place.organization_id, id, store=_store(place), request=_request(by, reason)
        )
        _record(place, "erase", "source", id)
    _report(source, erased, as_json=as_json)


def erase_user(
    username: Annotated[str, typer.Argument(help="The user's name.")],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase a user: keys, settings and every conversation that they took part in; usage stays, as numbers of nobody."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            user = users.find_by_username(connection, place.organization_id, username)
        if user is None:
            raise Missing(f"there is no user {username!r} in this organization")
        _confirm(f"Erase user {username!r} and their conversations for good?", yes=yes, as_json=as_json)
        erased = erasures.erase_user(
            place.database, place.organization_id, user.id, store=_store(place), request=_request(by, reason)
        )
        _record(place, "erase", "user", user.id)
    _report(username, erased, as_json=as_json)


def erase_organization(
    slug: Annotated[str, typer.Argument(help="The organization's slug, as MILLRACE_ORGANIZATION has it.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase an organization with all that it has, at once and for good, its receipts too.

    Whoever must prove its erasures keeps the output of 'millrace receipts --json' elsewhere before.
    """
    with workplace(slug) as place:
        if not yes and typer.prompt(f"Everything of {slug} goes for good. Write its slug to go on") != slug:
            raise Refused("that is not its slug: nothing was erased")
        counts = erasures.erase_organization(place.database, place.organization_id, store=_store(place))
    if as_json:
        print_json({"erased": slug, "rows": counts})
        return
    print_table("Erased", ["Table", "Rows "], sorted(counts.items()))
    console.print(f"[bold]{slug}[/bold] is erased, with its stored bytes. Backups hold it until they expire.")


def lift(source: Source, path: Path, reason: Reason, by: By = "") -> None:
    """Let an erased path come back with the next sync; this leaves a receipt too."""
    with workplace() as place:
        with place.database.transaction(place.organization_id) as connection:
            source_id = _source_id(connection, place, source)
        erasures.lift(
            place.database, place.organization_id, source_id=source_id, path=path, request=_request(by, reason)
        )
        _record(place, "lift", "source", source_id)
    console.print(f"[bold]{path}[/bold] may come back with the next sync of {source}.")


def receipts(
    verify: Annotated[
        bool, typer.Option("--verify", help="Prove the chain; exit status 1 where it is broken.")
    ] = False,
    expect: Annotated[
        str | None, typer.Option(help="The last NUMBER:HASH noted elsewhere: shows whether the end was cut off.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the receipts of erasures: what, how many rows of which tables, when, asked by whom, why.

    Note the last number and hash somewhere else now and then; --expect holds the chain against them.
    """
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = erasure_receipts.select_all(connection, place.organization_id)
    broken = list(chaining.breaks(found)) + _missing_end(expect, {f"{r.number}:{r.hash}" for r in found})
    if as_json:
        print_json({"receipts": found, "breaks": broken} if verify or expect else found)
    else:
        rows = [
            (r.number, r.kind, r.target_id, _told(r.row_counts), r.object_count, r.created_at, r.requested_by, r.reason)
            for r in found
        ]
        columns = ["Number ", "Kind", "Id", "Rows", "Objects ", "When", "Asked by", "Why"]
        print_table("Receipts of erasures", columns, rows)
        if found:
            note(f"The last one is {found[-1].number}:{found[-1].hash}")
    for one in broken if verify or expect else ():
        complain(one)
    if broken and (verify or expect):
        raise typer.Exit(1)
    if (verify or expect) and not as_json:
        console.print(f"The chain of {counted(len(found), 'receipt')} is whole.")


def hold(
    name: Annotated[str, typer.Argument(help="The matter, such as a case's number.")],
    source: Source,
    path: Annotated[str | None, typer.Argument(help="One document; all of the source unless named.")] = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = "",
) -> None:
    """Hold a source or a document: nothing of it expires, is purged or erased until the hold is released."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        source_id = _source_id(connection, place, source)
        document_id = _document_id(connection, place, source, path) if path else None
        held = legal_holds.place(
            connection, place.organization_id, name=name, reason=reason, placed_by=by or getpass.getuser(),
            source_id=None if document_id else source_id, document_id=document_id,
        )  # fmt: skip
        place.record(connection, "create", "hold", held)
    console.print(f"On hold by [bold]{name}[/bold]: {source}{'/' + path if path else ', all of it'}.")


def list_holds(as_json: AsJson = False) -> None:
    """List the legal holds, those in force first."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        found = legal_holds.select_all(connection, place.organization_id)
    if as_json:
        print_json(found)
        return
    rows = [
        (h.name, h.source_name, h.file_path or "all", h.reason, h.placed_by, h.created_at, h.released_at) for h in found
    ]
    print_table("Legal holds", ["Name", "Source", "Document", "Why", "Placed by", "Since", "Released"], rows)


def release(
    name: Annotated[str, typer.Argument(help="As 'millrace hold list' shows it.")], by: By = ""
) -> None:  # fmt: skip
    """Release a hold: what it kept goes its way again."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        held = [hold.id for hold in legal_holds.select_all(connection, place.organization_id) if hold.name == name]
        legal_holds.release(connection, place.organization_id, name=name, released_by=by or getpass.getuser())
        place.record(connection, "remove", "hold", held[0])
    console.print(f"Hold [bold]{name}[/bold] is released.")


def _plan(place: Workplace, at: datetime | None, *, as_json: bool) -> None:
    with place.database.transaction(place.organization_id) as connection:
        rules = retention_settings.get(connection, place.organization_id)
        kept_out = {
            kind: tombstones.count(connection, place.organization_id, kind=kind) for kind in ("erased", "expired")
        }
    due = list(retention.plan(place.database, place.organization_id, as_of=at))
    going = Counter(action for action, each in due if each.held_by is None)
    if as_json:
        rows = [{"action": action, **_told_due(each)} for action, each in due]
        print_json({"rules": rules, "counts": going, "kept_out": kept_out, "due": rows})
        return
    _show_rules(rules)
    print_table(
        "What would go" + (f" on {at:%Y-%m-%d}" if at else " now"),
        ["Action", "What", "Why", "Since", "Kept by hold"],
        [(action, each.label, each.rule, each.due_at, each.held_by) for action, each in due[:_SHOWN]],
    )
    if len(due) > _SHOWN:
        note(f"… and {len(due) - _SHOWN:,} more; --json lists them")
    console.print(", ".join(f"{action}: {count:,}" for action, count in going.items()) or "Nothing would go.")
    console.print(f"Kept out of syncs: {kept_out['erased']:,} erased paths, {kept_out['expired']:,} expired ones.")


def _run(place: Workplace, *, as_json: bool) -> None:
    retained = retention.run(place.database, place.organization_id, store=_store(place))
    _record(place, "run", "retention", "own")
    stored = {"stored_objects": retained.stored.objects, "stored_bytes": retained.stored.size}
    if as_json:
        print_json({**retained.done, **stored})
        return
    rows = [(action, count) for action, count in {**retained.done, **stored}.items() if count]
    print_table("What went", ["Action", "How many "], rows)


def _show_rules(rules: RetentionSettings) -> None:
    print_table(
        "Rules of the organization",
        ["Documents ", "Former versions ", "Conversations ", "History ", "Grace ", "Audit log "],
        [(rules.document_days or _NEVER, rules.version_days or _NEVER, rules.conversation_days or _NEVER,
          rules.history_days, rules.grace_days, rules.audit_days)],
    )  # fmt: skip


def _changed(
    rules: RetentionSettings,
    document_days: str | None,
    versions: str | None,
    conversations: str | None,
    history: str | None,
    grace: str | None,
    audit: str | None,
) -> RetentionSettings:
    if document_days is not None:
        rules = replace(rules, document_days=_days(document_days))
    if versions is not None:
        rules = replace(rules, version_days=_days(versions))
    if conversations is not None:
        rules = replace(rules, conversation_days=_days(conversations))
    if history is not None:
        rules = replace(rules, history_days=_number(history))
    if grace is not None:
        rules = replace(rules, grace_days=_number(grace))
    return rules if audit is None else replace(rules, audit_days=_number(audit))


def _days(text: str | None) -> int | None:
    return None if text in (None, _NEVER) else _number(str(text))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 5:
        raise Refused(f"{text!r} is no number of days: write 30, or 365")
    return int(text)


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Refused(f"{text!r} is no day: write it as 2027-01-31") from None


def _source_id(connection: Connection, place: Workplace, name: str) -> UUID:
    source = data_sources.find_by_name(connection, place.organization_id, name)
    if source is None:
        raise Missing(f"there is no source {name!r}: 'millrace source list' shows them")
    return source.id


def _document_id(connection: Connection, place: Workplace, source: str, path: str) -> UUID:
    """Of a removed source too, while its documents have their time of grace."""
    source_id = data_sources.find_any_by_name(connection, place.organization_id, source)
    if source_id is None:
        raise Missing(f"there is no source {source!r}: 'millrace source list' shows them")
    document = documents.find_by_path(connection, place.organization_id, source_id=source_id, path=path)
    if document is None:
        raise Missing(f"source {source!r} has no document {path!r}")
    return document.id


def _request(by: str, reason: str) -> Request:
    return Request(by or getpass.getuser(), reason)


def _store(place: Workplace) -> ObjectStore:
    return ObjectStore(place.settings.home / "objects")


def _confirm(question: str, *, yes: bool, as_json: bool) -> None:
    if not yes and not as_json:
        typer.confirm(question, abort=True)


def _record(place: Workplace, action: str, entity: str, id: object) -> None:
    with place.database.transaction(place.organization_id) as connection:
        place.record(connection, action, entity, id)


def _report(what: str, erased: Erased, *, as_json: bool) -> None:
    numbers = [receipt.number for receipt in erased.receipts]
    if as_json:
        print_json({"erased": what, "rows": erased.row_counts, "objects": erased.object_count, "receipts": numbers})
        return
    print_table("Erased", ["Table", "Rows "], sorted(erased.row_counts.items()))
    console.print(f"[bold]{what}[/bold] is erased, with {erased.object_count:,} stored objects.")
    console.print(f"Receipts: {', '.join(map(str, numbers))} ('millrace receipts --verify').")


def _missing_end(expect: str | None, present: set[str]) -> list[str]:
    if expect is None or expect in present:
        return []
    return [f"receipt {expect} is not in the chain: its end was cut off, or it was written anew"]


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{table} {count}" for table, count in counts.items())


def _told_due(due: Due) -> dict[str, object]:
    return {
        "what": due.what, "label": due.label, "rule": due.rule, "since": due.due_at, "held_by": due.held_by,
    }  # fmt: skip
