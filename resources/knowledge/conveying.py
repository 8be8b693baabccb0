"""Carry a parsing request into a worker process and what comes of it back, as JSON and raw text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from resources.knowledge import parsing
from resources.knowledge.recognising import language_of
from resources.knowledge.records import Element, ElementKind, Parsed

_KINDS = frozenset(get_args(ElementKind))


@dataclass(frozen=True)
class ParseFailure:
    """Why a file gave no text. `outcome` is timeout, memory, crashed or a ParseError's; `reason` is one line."""

    outcome: str
    reason: str


def request(*, media_type: str, filename: str, parser: str | None) -> dict[str, Any]:
    """What the child is asked, beside the bytes."""
    return {"media_type": media_type, "filename": filename, "parser": parser}


def answer(asked: Mapping[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    """In the child: parse, and put the result or the refusal into a JSON object and the text's UTF-8."""
    try:
        parsed = parsing.parse(
            data,
            media_type=asked["media_type"],
            filename=asked["filename"],
            parser=asked.get("parser"),
            tells_language=False,
        )
    except parsing.ParseError as error:
        return {"outcome": error.outcome, "reason": " ".join(str(error).split())[:500]}, b""
    header = {
        "outcome": "parsed",
        "parser": parsed.parser,
        "parser_version": parsed.parser_version,
        "title": parsed.title,
        "elements": [[e.kind, e.start, e.end, e.level, e.page] for e in parsed.elements],
    }
    return header, parsed.text.encode("utf-8")


def received(header: Mapping[str, Any], body: bytes) -> Parsed | ParseFailure:
    """In the parent: the result again, checked. Raises ValueError for what no sound child would send."""
    if header.get("outcome") != "parsed":
        return ParseFailure(_text(header.get("outcome")), _text(header.get("reason")))
    text = body.decode("utf-8")
    elements = tuple(_element(row, len(text)) for row in header["elements"])
    if any(one.end > other.start for one, other in pairwise(elements)):
        raise ValueError("elements overlap or are out of order")
    return Parsed(
        text=text,
        elements=elements,
        parser=_text(header.get("parser")),
        parser_version=_text(header.get("parser_version")),
        title=None if header.get("title") is None else _text(header["title"]),
        language=language_of(text),  # here, where its model is loaded once and not in every new child
    )


def _element(row: Any, length: int) -> Element:
    kind, start, end, level, page = row
    numbers = (start, end, *(n for n in (level, page) if n is not None))
    if kind not in _KINDS or not all(type(n) is int for n in numbers) or not 0 <= start <= end <= length:
        raise ValueError(f"no element: {row!r}")
    return Element(kind, start, end, level, page)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"no text: {value!r}")
    return value[:1_000]
