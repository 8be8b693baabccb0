"""Kinds of file that an organization reads, and by which parser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from resources.foundation.counting import counted
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, many, one, run, run_many, statements_for, value
from resources.knowledge.readers.parsing import DEFAULT_FILE_TYPES, PARSERS
from resources.knowledge.records import DataSource, KnownFileType

SQL = statements_for(__name__)

_MAIN_TEXT_PARSER = "article"
_EXTENSION = re.compile(r"[a-z0-9_+-]{1,20}")


@dataclass(frozen=True)
class ListedFileType:
    """A kind of file as it is shown: who reads it, and how many documents there are."""

    id: UUID
    name: str
    category: str
    mime_types: list[str]
    extensions: list[str]
    parsers: list[str]
    is_active: bool
    documents: int
    embedding_models: list[str]
    created_at: datetime
    updated_at: datetime


def seed(connection: Connection, organization_id: UUID) -> None:
    """Give the organization the kinds that the product reads; what it has already stays as it is."""
    rows = [
        {
            "organization_id": organization_id, "name": t.name, "category": t.category,
            "mime_types": list(t.mime_types), "extensions": list(t.extensions), "parsers": list(t.parsers),
        }
        for t in DEFAULT_FILE_TYPES
    ]  # fmt: skip
    run_many(connection, SQL["create"], rows)


def select_active(connection: Connection, organization_id: UUID) -> list[KnownFileType]:
    """The kinds that are read; the organization's own, which are newer, come first and win."""
    return many(connection, KnownFileType, SQL["select_active"], organization_id=organization_id)


def has_all(connection: Connection, organization_id: UUID) -> bool:
    """Whether the organization was given every kind that the product reads, active or not."""
    names = [each.name for each in DEFAULT_FILE_TYPES]
    return int(value(connection, SQL["count"], organization_id=organization_id, names=names)) == len(names)


def parser_of(known: KnownFileType | ListedFileType, source: DataSource) -> str:
    """The parser that reads a kind of file for a source: the first of its kind.

    Pages of the web are read by their main text where their kind has a parser for that, unless the source's
    configuration says `main_text: false`.
    """
    wants_main_text = source.source_type == "web" and source.config.get("main_text", True) is not False
    return _MAIN_TEXT_PARSER if wants_main_text and _MAIN_TEXT_PARSER in known.parsers else known.parsers[0]


def select_all(connection: Connection, organization_id: UUID) -> list[ListedFileType]:
    """All kinds by name, read or not."""
    return many(connection, ListedFileType, SQL["select_all"], organization_id=organization_id)


def replace(
    connection: Connection,
    organization_id: UUID,
    name: str,
    *,
    parser: str | None = None,
    extensions: Sequence[str] | None = None,
) -> KnownFileType:
    """Let a kind be read by another of its parsers, or be known by these extensions; a name that is new makes a kind.

    What is read already is not read anew by that (rereadings.py). Raises Refused for a parser or extension that makes
    no sense, Conflict for an extension that belongs to another kind.
    """
    seed(connection, organization_id)
    listed = select_all(connection, organization_id)
    known = next((each for each in listed if each.name == name), None)
    wanted = list(known.extensions if known else ()) if extensions is None else _checked(extensions)
    taken = {extension: each.name for each in listed if each.name != name for extension in each.extensions}
    if other := next((extension for extension in wanted if extension in taken), None):
        raise Conflict(f"files that end in .{other} are of the kind {taken[other]!r}: take it from that kind first")
    return one(
        connection, KnownFileType, SQL["put"], missing=f"kind of file {name!r} was not kept",
        organization_id=organization_id, name=name, category=known.category if known else "text",
        mime_types=known.mime_types if known else [], extensions=wanted,
        parsers=_parsers(name, known.parsers if known else [], parser, wanted),
    )  # fmt: skip


def require_new(connection: Connection, organization_id: UUID, name: str) -> None:
    """Raise Conflict where there is a kind of this name."""
    seed(connection, organization_id)
    if any(each.name == name for each in select_all(connection, organization_id)):
        raise Conflict(f"there is a kind of file {name!r} already: change that one, or choose another name")


def describe(
    connection: Connection,
    organization_id: UUID,
    id: UUID,
    *,
    category: str | None = None,
    mime_types: Sequence[str] | None = None,
    embedding_models: Sequence[str] | None = None,
    is_active: bool | None = None,
) -> None:
    """Say what a kind is and whether it is read; None leaves what is said. Raises Missing."""
    changed = run(
        connection, SQL["describe"],
        organization_id=organization_id, id=id, category=category, is_active=is_active,
        mime_types=None if mime_types is None else list(mime_types),
        embedding_models=None if embedding_models is None else list(embedding_models),
    )  # fmt: skip
    if changed == 0:
        raise Missing(f"there is no kind of file {id} in this organization")


def hold(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """Keep others from binding anything to a kind until the transaction ends."""
    connection.execute(SQL["hold"], {"organization_id": organization_id, "id": id})


def remove(connection: Connection, organization_id: UUID, kind: ListedFileType) -> None:
    """Know a kind no more; see agents/agent_file_types.py for whether agents read it.

    Raises Conflict for one that the product brings, since it would come back, and for one that documents are of.
    """
    instead = "to read no files of this kind, make it inactive (is_active: false)"
    if any(each.name == kind.name for each in DEFAULT_FILE_TYPES):
        raise Conflict(f"the kind {kind.name!r} belongs to the product and cannot be removed: {instead}")
    if run(connection, SQL["remove"], organization_id=organization_id, id=kind.id) == 0:
        of_it = counted(kind.documents, "document is", "documents are")
        raise Conflict(f"{of_it} of the kind {kind.name!r}, so it cannot be removed: {instead}")


def _parsers(name: str, present: Sequence[str], parser: str | None, extensions: Sequence[str]) -> list[str]:
    """The parsers of a kind, the one that is asked for first."""
    if not present and (parser not in PARSERS or not extensions):
        raise Refused(
            f"there is no kind of file {name!r}: to make one, name at least one extension, and a parser out of "
            f"{', '.join(sorted(PARSERS))}"
        )
    if present and parser is not None and parser not in present:
        raise Refused(f"files of the kind {name!r} are not read by {parser!r}, only by {' or '.join(present)}")
    return [*([parser] if parser else []), *(each for each in present if each != parser)]


def _checked(extensions: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(extension.lower().removeprefix(".") for extension in extensions))
    if wrong := next((extension for extension in found if not _EXTENSION.fullmatch(extension)), None):
        raise Refused(f"{wrong!r} is no end of a file name: write letters and digits, such as md")
    return found
