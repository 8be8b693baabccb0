"""Carry a request to parse or to unpack into a worker process and what comes of it back, as JSON and bytes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

from resources.knowledge.readers import parsing, unpacking
from resources.knowledge.readers.recognising_languages import language_of
from resources.knowledge.records import Element, ElementKind, Parsed

_KINDS = frozenset(get_args(ElementKind))


@dataclass(frozen=True)
class ParseFailure:
    """Why a file gave no text. `outcome` is timeout, memory, crashed or a ParseError's; `reason` is one line.

    `pictured_pages`: how many pages of pictures OCR would have to read, where that is all that is missing.
    """

    outcome: str
    reason: str
    pictured_pages: int = 0


@dataclass(frozen=True)
class Unpacked:
    """A member of a container: its bytes and the name of its file type, or why it is not read."""

    name: str
    data: bytes
    file_type: str | None
    failure: ParseFailure | None = None


def request(*, media_type: str, filename: str, parser: str | None, by_ocr: bool = False) -> dict[str, Any]:
    """What the child is asked, beside the bytes."""
    return {"media_type": media_type, "filename": filename, "parser": parser, "by_ocr": by_ocr}


def unpacking_request(*, filename: str, unpacker: str, file_types: Sequence[parsing.FileType]) -> dict[str, Any]:
    """What the child is asked, beside the bytes of a container; members are of these file types or not read."""
    types = [[t.name, t.category, t.mime_types, t.extensions, t.parsers] for t in file_types]
    return {"unpacker": unpacker, "filename": filename, "file_types": types}


Sent = tuple[dict[str, Any], bytes]


def answer(asked: Mapping[str, Any], data: bytes) -> Sent | Iterator[Sent]:
    """In the child: parse, or unpack one member after the other."""
    return _members(asked, data) if "unpacker" in asked else _parsed(asked, data)


def _parsed(asked: Mapping[str, Any], data: bytes) -> Sent:
    """The result or the refusal as a JSON object and the text's UTF-8."""
    try:
        parsed = parsing.parse(
            data,
            media_type=asked["media_type"],
            filename=asked["filename"],
            parser=asked.get("parser"),
            by_ocr=asked.get("by_ocr") is True,
            tells_language=False,
        )
    except parsing.ParseError as error:
        return _refused(error), b""
    header = {
        "outcome": "parsed",
        "parser": parsed.parser,
        "parser_version": parsed.parser_version,
        "title": parsed.title,
        "pictured_pages": parsed.pictured_pages,
        "elements": [[e.kind, e.start, e.end, e.level, e.page] for e in parsed.elements],
    }
    return header, parsed.text.encode("utf-8")


def _members(asked: Mapping[str, Any], data: bytes) -> Iterator[Sent]:
    types = [parsing.FileType(*row) for row in asked["file_types"]]
    try:
        for member in unpacking.members(asked["unpacker"], data, asked["filename"]):
            yield _member(member, types), member.data
    except parsing.ParseError as error:
        yield _refused(error), b""


def _member(member: unpacking.Member, types: Sequence[parsing.FileType]) -> dict[str, Any]:
    header: dict[str, Any] = {"outcome": "member", "name": member.name}
    try:
        if member.refusal is not None:
            raise member.refusal
        filename = member.name.rpartition("/")[2]
        return header | {"file_type": parsing.choose(filename, member.media_type, member.data, types).name}
    except parsing.ParseError as error:
        return header | {"failure": _refused(error)}


def _refused(error: parsing.ParseError) -> dict[str, Any]:
    pages = error.pages if isinstance(error, parsing.NeedsOcr) else 0
    return {"outcome": error.outcome, "reason": " ".join(str(error).split())[:500], "pictured_pages": pages}


def received(header: Mapping[str, Any], body: bytes) -> Parsed | ParseFailure:
    """In the parent: the result again, checked. Raises ValueError for what no sound child would send."""
    if header.get("outcome") != "parsed":
        return ParseFailure(_text(header.get("outcome")), _text(header.get("reason")), _pages(header))
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
        pictured_pages=_pages(header),
        language=language_of(text),  # here, where its model is loaded once and not in every new child
    )


def received_member(header: Mapping[str, Any], body: bytes) -> Unpacked | ParseFailure:
    """In the parent: a member again, checked. Raises ValueError for what no sound child would send."""
    if header.get("outcome") != "member":
        return ParseFailure(_text(header.get("outcome")), _text(header.get("reason")))
    name = _text(header.get("name"))
    if unpacking.safe_name(name) != name or not name:
        raise ValueError(f"no name of a member: {name!r}")
    if "failure" in header:
        failure = header["failure"]
        return Unpacked(name, b"", None, ParseFailure(_text(failure.get("outcome")), _text(failure.get("reason"))))
    return Unpacked(name, body, _text(header.get("file_type")))


def _element(row: Any, length: int) -> Element:
    kind, start, end, level, page = row
    numbers = (start, end, *(n for n in (level, page) if n is not None))
    if kind not in _KINDS or not all(type(n) is int for n in numbers) or not 0 <= start <= end <= length:
        raise ValueError(f"no element: {row!r}")
    return Element(kind, start, end, level, page)


def _pages(header: Mapping[str, Any]) -> int:
    pages = header.get("pictured_pages", 0)
    if type(pages) is not int or not 0 <= pages < 1_000_000:
        raise ValueError(f"no number of pages: {pages!r}")
    return pages


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"no text: {value!r}")
    return value[:1_000]
