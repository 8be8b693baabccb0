"""Filters on the command line: options for the common ones, --where for a document's own fields, --filter for all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from resources.foundation.errors import Refused
from resources.foundation.statements import Connection
from resources.knowledge.search import filtering, matching_documents
from resources.knowledge.search.filtering import Filter
from serving.commands.reporting import note

Sources = Annotated[list[str] | None, typer.Option("--source", help="Only of this source; may be repeated.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Only of sources that bear this tag; may be repeated.")]
FileTypes = Annotated[
    list[str] | None, typer.Option("--file-type", help="Only this kind of file: pdf, markdown, .docx; may be repeated.")
]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only in this language: en, de; repeatable.")]
Paths = Annotated[
    list[str] | None, typer.Option("--path", help="Only at paths that fit: 'reports/**', '*.md'; may be repeated.")
]
ChangedSince = Annotated[str | None, typer.Option("--since", help="Only changed on this day or later: 2026-01-31.")]
ChangedUntil = Annotated[str | None, typer.Option("--until", help="Only changed on this day or before.")]
Wheres = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only where an own field says so: team=mill, pages>=10, note~urgent; repeatable."),
]
AsFilter = Annotated[str | None, typer.Option("--filter", help='A filter in JSON: {"or": [{"tags": "a"}, …]}.')]

_COMPARISON = re.compile(r"(?P<name>[^=!<>~]+)(?P<sign>!=|<=|>=|=|<|>|~)(?P<value>.*)", re.DOTALL)
_TESTS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte", "~": "contains"}
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?", re.ASCII)


def filter_of(
    *,
    sources: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    file_types: Sequence[str] | None = None,
    languages: Sequence[str] | None = None,
    paths: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    wheres: Sequence[str] | None = None,
    as_json: str | None = None,
) -> Filter:
    """What the options say together. Raises Refused for what makes no sense."""
    said = {
        "sources": sources, "tags": tags, "file_types": file_types, "languages": languages, "paths": paths,
        "since": since, "until": until, "and": [{"fields": _comparison(where)} for where in wheres or ()],
    }  # fmt: skip
    chosen = filtering.parsed({key: list(value) if isinstance(value, tuple) else value
                               for key, value in said.items() if value})  # fmt: skip
    return chosen & filtering.parsed(_json(as_json))


def warn_of_unknown(connection: Connection, organization_id: UUID, filter: Filter) -> None:
    """Say which names of a filter nothing bears: a misspelt one finds nothing, and nobody would know why."""
    for what, name in matching_documents.select_unknown(connection, organization_id, filter):
        note(f"There is no {what} {name!r}.")


def _comparison(text: str) -> dict[str, object]:
    match = _COMPARISON.fullmatch(text)
    if match is None or not match["name"].strip():
        raise Refused(f"--where {text!r} compares nothing: write NAME=VALUE, with one of {' '.join(_TESTS)}")
    is_order = match["sign"] in ("<", "<=", ">", ">=")
    value = float(match["value"]) if is_order and _NUMBER.fullmatch(match["value"]) else match["value"]
    return {match["name"].strip(): {_TESTS[match["sign"]]: value}}


def _json(text: str | None) -> object:
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(f"--filter is no JSON: {error}"[:200]) from None
