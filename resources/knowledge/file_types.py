"""Kinds of file that an organization reads, and by which parser."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.statements import Connection, many, run_many, statements_for, value
from resources.knowledge.parsing import DEFAULT_FILE_TYPES
from resources.knowledge.records import DataSource, KnownFileType

SQL = statements_for(__name__)

_MAIN_TEXT_PARSER = "article"


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


def parser_of(known: KnownFileType, source: DataSource) -> str:
    """The parser that reads a kind of file for a source: the first of its kind.

    Pages of the web are read by their main text where their kind has a parser for that, unless the source's
    configuration says `main_text: false`.
    """
    wants_main_text = source.source_type == "web" and source.config.get("main_text", True) is not False
    return _MAIN_TEXT_PARSER if wants_main_text and _MAIN_TEXT_PARSER in known.parsers else known.parsers[0]
