"""Walk through what an API lists: fields by dotted paths, the next page, one item as a document. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from resources.knowledge.connectors.composing import text_of, told

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"[^\"]*\"|[^\s\";,]+))?)*)")
_RELATION = re.compile(r"\brel\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))", re.IGNORECASE)

MEDIA_TYPES = {
    "text": ("text/plain", "item.txt"), "markdown": ("text/markdown", "item.md"), "html": ("text/html", "item.html"),
}  # fmt: skip
"""The media type of each format, and a name that tells it."""


def found(document: object, path: str) -> object:
    """The value at a dotted path, as `data.items` or `authors.0.name`; None where there is none; '' is all of it."""
    value = document
    for name in path.split(".") if path else []:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def with_parameter(address: str, name: str, value: object) -> str:
    """An address whose query says `name=value`, in place of what it said of that name."""
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, str(value))])))


def next_link(header: str) -> str | None:
    """What a Link header (RFC 8288) says is next; None where it says nothing of the kind."""
    for target, parameters in _LINK.findall(header):
        relation = _RELATION.search(parameters)
        if relation is not None and "next" in (relation[1] or relation[2]).lower().split():
            return str(target)
    return None


def written(
    record: Mapping[str, object],
    fields: Sequence[str],
    *,
    format: Literal["text", "markdown", "html"],
    title: str | None,
) -> str:
    """An item as a document: the text of its fields, each under the field's name where they are several."""
    if format == "markdown":
        return text_of(record, fields, title=title)
    texts = [(field, told(record[field]).strip()) for field in fields]
    texts = [(field, words) for field, words in texts if words]
    if format == "text":
        return "\n\n".join(words if len(fields) == 1 else f"{field}:\n{words}" for field, words in texts)
    head = f"<!doctype html><meta charset=utf-8><title>{html.escape(title or '')}</title>" if texts else ""
    return head + "\n".join(
        words if len(fields) == 1 else f"<h2>{html.escape(field)}</h2>\n<div>{words}</div>" for field, words in texts
    )
