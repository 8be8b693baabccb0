"""Commands about documents: push files into an upload source, and see how documents stand."""

from __future__ import annotations

import mimetypes
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.identity.records import Actor
from resources.knowledge.connectors.protocol import DEFAULT_MAX_BYTES
from resources.knowledge.documents import document_states
from resources.knowledge.records import DocumentState
from resources.knowledge.sources import uploads
from serving.commands import remote_uploads
from serving.commands.decisions import source_named
from serving.commands.remote_uploads import Server
from serving.commands.reporting import AsJson, console, print_json, print_table, progress
from serving.commands.workplace import workplace

SourceName = Annotated[str, typer.Argument(help="The source.")]


def upload(
    source: SourceName,
    files: Annotated[list[Path], typer.Argument(help="Files, or folders of files.")],
    into: Annotated[str, typer.Option("--as", help="A folder in the source to put them below.")] = "",
    server: Annotated[str, typer.Option(help="A server elsewhere: https://host. Its key is asked for.")] = "",
    key_file: Annotated[Path | None, typer.Option(help="A file with the key for --server (scope manage).")] = None,
    as_json: AsJson = False,
) -> None:
    """Push files into a source of type upload. They are kept at once, and found after the next sync.

    To a server elsewhere they go in parts: what is cut off is run again, and goes on where it stood.

    \b
    Examples:
        millrace source add --type upload --name inbox
        millrace upload inbox report.pdf notes/
        millrace upload inbox archive.zip --server https://mill.example --key-file key.txt
    """
    chosen = {_path(into, name): file for name, file in _files(files)}
    if server:
        _push(Server(server, _key(key_file)), source, chosen, as_json=as_json)
        return
    outcomes: dict[str, str] = {}
    with workplace() as place:
        store = ObjectStore(place.settings.home / "objects")
        with place.database.transaction(place.organization_id) as connection:
            known = source_named(connection, place, source)
        for path, file in sorted(chosen.items()):
            outcomes[path] = uploads.accept(
                place.database, place.organization_id, known, path=path, data=_bytes(file), store=store,
                by=Actor(), media_type=mimetypes.guess_type(file.name)[0] or "",
            )  # fmt: skip
    if as_json:
        print_json([{"path": path, "outcome": outcome} for path, outcome in outcomes.items()])
        return
    print_table("Uploaded", ["Path", "Outcome"], list(outcomes.items()))
    console.print(f"They are found after the next sync: by itself, or now with: millrace sync {source}")


def _push(server: Server, source: str, chosen: dict[str, Path], *, as_json: bool) -> None:
    """To a server elsewhere, one after the other, and show how far each is."""
    with remote_uploads.connected(server, source) as pusher, progress(quiet=as_json) as tell:
        for path, file in sorted(chosen.items()):
            data = _bytes(file)
            kind = mimetypes.guess_type(file.name)[0] or ""
            pusher.push(path, data, media_type=kind, told=partial(tell, path))
    if as_json:
        print_json([{"path": path, "outcome": "pushed"} for path in sorted(chosen)])
        return
    console.print(f"{len(chosen)} pushed. They are found after the next sync there.")


def _key(file: Path | None) -> str:
    """The key: of a file, or asked for; it never stands on a command line."""
    if file is None:
        return str(typer.prompt("The key (scope manage)", hide_input=True, err=True)).strip()
    try:
        return file.read_text().strip()
    except OSError as error:
        raise Missing(f"the key file {file} cannot be read: {error.strerror}") from None


def list_documents(
    source: SourceName,
    state: Annotated[str | None, typer.Option(help="Only pending, ready, outdated, failed or deleted ones.")] = None,
    after: Annotated[str, typer.Option(help="Only paths after this one.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the documents of a source: which can be found, which cannot, and why not."""
    if state not in (None, *document_states.STATES):
        raise Refused(f"there is no state {state!r}, only {', '.join(document_states.STATES)}")
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        known = source_named(connection, place, source)
        found = document_states.select_page(
            connection, place.organization_id, source_id=known.id, state=state, after=after, at_most=limit
        )
    if as_json:
        print_json(found)
        return
    print_table(
        f"Documents of {source}",
        ["Path", "State", "Version ", "Since", "Chunks ", "Reason"],
        [(one.path, one.state, one.version, one.as_of, one.chunks, one.reason or "") for one in found],
    )
    if len(found) == limit:
        console.print(f"There may be more: --after {found[-1].path!r}", markup=False)


def show_document(
    source: SourceName, path: Annotated[str, typer.Argument(help="The document's path.")], as_json: AsJson = False
) -> None:
    """Show how a document stands: what can be found of it, since when, from which run, and what failed last."""
    with workplace() as place, place.database.transaction(place.organization_id) as connection:
        known = source_named(connection, place, source)
        found = document_states.get(connection, place.organization_id, source_id=known.id, path=path)
    if as_json:
        print_json(found)
        return
    print_table(f"{source}: {path}", ["What", "How it is"], _facts(found))


def _facts(found: DocumentState) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        ("title", found.title), ("state", found.state), ("kind", found.mime_type), ("language", found.language),
        ("bytes", found.file_size), ("address", found.address), ("version", found.version), ("since", found.as_of),
        ("brought by run", found.run_id), ("chunks", found.chunks), ("expires", found.expires_at),
        ("deleted", found.deleted_at),
    ]  # fmt: skip
    if found.reason is not None:
        facts += [
            ("failed at", found.stage), ("reason", found.reason), ("tries", found.attempts),
            ("next try", found.next_attempt_at),
        ]  # fmt: skip
    return facts


def _files(given: list[Path]) -> list[tuple[str, Path]]:
    found = []
    for path in given:
        if path.is_dir():
            folder = path.resolve()
            names = ((file.relative_to(folder.parent), file) for file in sorted(folder.rglob("*")) if file.is_file())
            found += [(name.as_posix(), file) for name, file in names if not _is_hidden(name)]
        elif path.is_file():
            found.append((path.name, path))
        else:
            raise Missing(f"there is no file or folder {str(path)!r}")
    return found


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _path(into: str, name: str) -> str:
    return f"{into.strip('/')}/{name}" if into.strip("/") else name


def _bytes(file: Path) -> bytes:
    if file.stat().st_size > DEFAULT_MAX_BYTES:
        raise Refused(f"{file} has more than {DEFAULT_MAX_BYTES >> 20} MiB: it is too large for a document")
    return file.read_bytes()
