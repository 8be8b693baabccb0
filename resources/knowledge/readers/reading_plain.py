"""Read what is text already (plain text, Markdown, reStructuredText and kin): offsets point into the decoded original.

Line scanners of our own, about a hundred times faster than unstructured, which turns Markdown into HTML first and has
no reader for reStructuredText without pandoc. They find what chunking needs (headings, paragraphs, list items, tables,
code) and change no character. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from resources.knowledge.chunks.chunking import heading_words
from resources.knowledge.readers.assembling import Reading
from resources.knowledge.readers.decoding import decode
from resources.knowledge.records import Element, ElementKind

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_MATTER_TITLE = re.compile(r"^title[ \t]*:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_ATX = re.compile(r"(#{1,6})(?:[ \t]|$)")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_MARKDOWN_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_SETEXT = re.compile(r"(?:=+|-+)[ \t]*$")
_DELIMITER_ROW = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$")
_REST_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_REST_ITEM = re.compile(r"(?:[-*+•]|\(?(?:\d{1,9}|[A-Za-z]|#)[.)])[ \t]")
_REST_CODE = re.compile(r"\.\.[ \t]+(?:code|code-block|sourcecode|literalinclude|parsed-literal|productionlist)::")
_REST_TABLE_EDGE = re.compile(r"(?:\+[-=+]{3,}\+|={2,}(?:[ \t]+={2,})+)[ \t]*$")
_REST_FIELDS = re.compile(r"\A(?::?[A-Za-z][\w-]*:.*\n(?:[ \t]+\S.*\n)*){2,}")
_ASCIIDOC_HEADING = re.compile(r"^(={1,6})[ \t]+\S.*$", re.MULTILINE)
_ORG_HEADING = re.compile(r"^(\*{1,8})[ \t]+\S.*$", re.MULTILINE)
_TEX_HEADING = re.compile(r"^[ \t]*\\(part|chapter|(?:sub){0,2}section|paragraph)\*?\{.*$", re.MULTILINE)
_TEX_LEVELS = {"part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
_TEX_TITLE = re.compile(r"\\title(?:\[[^\]]*\])?\{([^{}]+)\}")


class _Scan:
    """The elements found so far, and the one that is still open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.elements: list[Element] = []
        self.kind: ElementKind = "paragraph"
        self.start = -1

    def open(self, kind: ElementKind, start: int) -> None:
        self.close(start)
        self.kind, self.start = kind, start

    def close(self, end: int) -> None:
        if self.start >= 0:
            self.add(self.kind, self.start, end)
            self.start = -1

    def add(self, kind: ElementKind, start: int, end: int, level: int | None = None) -> None:
        end = start + len(self.text[start:end].rstrip())
        if end > start:
            self.elements.append(Element(kind, start, end, level))


def read_text(data: bytes) -> Reading:
    """Plain text: paragraphs between blank lines."""
    text = decode(data)
    return Reading(text, tuple(_paragraphs(text, 0, len(text))))


def read_markdown(data: bytes) -> Reading:
    """Markdown: headings (ATX, setext), fenced code, pipe tables, list items, paragraphs; front matter gives the title.

    Front matter stays in the text, as the paragraph before the first heading; a file of nothing else counts as empty.
    """
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    scan = _Scan(text)
    _scan_markdown(scan, front.end() if front else 0)
    title = _first_heading(text, scan.elements)
    if front:
        if not scan.elements:
            return Reading("", ())
        found = _FRONT_MATTER_TITLE.search(front.group())
        title = found.group(1).strip().strip("\"'") if found else title
        scan.elements.insert(0, Element("paragraph", 0, len(front.group().rstrip())))
    return Reading(text, tuple(scan.elements), title)


def _scan_markdown(scan: _Scan, position: int) -> None:
    text = scan.text
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        line = text[position:stop]
        words = line.lstrip()
        following = stop + 1
        if not words:
            _close_markdown(scan, position)
        elif (first := words[0]) == "#" and (heading := _ATX.match(words)):
            _close_markdown(scan, position)
            scan.add("heading", position, stop, len(heading.group(1)))
        elif first in "`~" and (fence := _FENCE.match(words)):
            _close_markdown(scan, position)
            following = _fence_end(text, following, fence.group(1))
            scan.add("code", position, following)
        elif first in "=-" and scan.start >= 0 and scan.kind == "paragraph" and _SETEXT.match(words):
            scan.add("heading", scan.start, stop, 1 if first == "=" else 2)
            scan.start = -1
        elif first in "-*+0123456789" and _MARKDOWN_ITEM.match(words):
            _close_markdown(scan, position)
            scan.open("list_item", position)
        elif scan.start < 0:
            scan.open("paragraph", position)
        position = following
    _close_markdown(scan, len(text))


def _close_markdown(scan: _Scan, end: int) -> None:
    if scan.start < 0:
        return
    if scan.kind == "paragraph":
        header_end = scan.text.find("\n", scan.start, end)
        if header_end > 0 and scan.text.find("|", scan.start, header_end) >= 0:
            row_end = scan.text.find("\n", header_end + 1, end)
            row = scan.text[header_end + 1 : end if row_end < 0 else row_end]
            if "-" in row and _DELIMITER_ROW.match(row):
                scan.kind = "table"
        elif scan.text.startswith(("    ", "\t"), scan.start):
            scan.kind = "code"
    scan.close(end)


def _fence_end(text: str, position: int, fence: str) -> int:
    """Just behind the line that closes the fence, or the end of the text."""
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        words = text[position:stop].strip()
        if words.startswith(fence) and not words.strip(fence[0]):
            return stop + 1
        position = stop + 1
    return len(text)


def read_rest(data: bytes) -> Reading:
    """reStructuredText: titles by their adornment (levels in order of appearance), literal blocks, tables, items.

    The title is the first heading, unless a block of fields at the top (as in PEPs) states one.
    """
    text = decode(data)
    scan = _Scan(text)
    _scan_rest(scan)
    return Reading(text, tuple(scan.elements), _field_title(text) or _first_heading(text, scan.elements))


def _scan_rest(scan: _Scan) -> None:
    text = scan.text
    styles: list[str] = []
    position = 0
    literal_follows = False
    while position < len(text):
        stop = _line_end(text, position)
        line = text[position:stop]
        words = line.lstrip()
        following = stop + 1
        if not words:
            scan.close(position)
        elif scan.start >= 0:
            if (
                scan.kind == "list_item"
                and _REST_ITEM.match(words)
                and len(line) - len(words) <= _indent(text, scan.start)
            ):
                scan.open("list_item", position)
        elif literal_follows and line[0] in " \t":
            following = _indented_end(text, position)
            scan.add("code", position, following)
            literal_follows = False
        elif (heading := _rest_heading(text, stop, line)) is not None:
            style, following = heading
            if style not in styles:
                styles.append(style)
            scan.add("heading", position, following, styles.index(style) + 1)
        elif words[0] in "+=" and _REST_TABLE_EDGE.match(words):
            following = _rest_table_end(text, following, words[0])
            scan.add("table", position, following)
        elif words.startswith("..") and _REST_CODE.match(words):
            following = _indented_end(text, following)
            scan.add("code", position, following)
        elif words.startswith(">>> "):
            scan.open("code", position)
        else:
            scan.open("list_item" if _REST_ITEM.match(words) else "paragraph", position)
        if words:
            literal_follows = words.rstrip().endswith("::") and not words.startswith("..")
        position = following
    scan.close(len(text))


def _line_end(text: str, position: int) -> int:
    stop = text.find("\n", position)
    return len(text) if stop < 0 else stop


def _indent(text: str, position: int) -> int:
    start = position
    while text[position] in " \t":
        position += 1
    return position - start


def _rest_heading(text: str, stop: int, line: str) -> tuple[str, int] | None:
    """The adornment's style and where the heading ends, if one begins here."""
    next_stop = _line_end(text, stop + 1)
    under = text[stop + 1 : next_stop]
    if line[0].isspace() and not _REST_ADORNMENT.match(under):
        return None
    if _REST_ADORNMENT.match(line) and under.strip():
        last_stop = _line_end(text, next_stop + 1)
        below = text[next_stop + 1 : last_stop]
        if below.rstrip() == line.rstrip() and len(under.strip()) <= len(line):
            return line[0] * 2, last_stop + 1
        return None
    if line[0].isspace() or not _REST_ADORNMENT.match(under) or _REST_ADORNMENT.match(line):
        return None
    return (under[0], next_stop + 1) if len(under.rstrip()) >= min(len(line.rstrip()) * 2 // 3, 60) else None


def _indented_end(text: str, position: int) -> int:
    """The start of the first line that is neither blank nor indented."""
    while position < len(text):
        if text[position] not in " \t\n":
            return position
        position = _line_end(text, position) + 1
    return len(text)


def _rest_table_end(text: str, position: int, edge: str) -> int:
    """A grid table ends at a blank line, a simple one at a border before a blank line."""
    while position < len(text):
        stop = _line_end(text, position)
        line = text[position:stop]
        after = stop + 1
        if not line.strip() and edge == "+":
            return position
        if edge == "=" and _REST_TABLE_EDGE.match(line.strip()) and not text[after : _line_end(text, after)].strip():
            return after
        position = after
    return len(text)


def _field_title(text: str) -> str | None:
    top = _REST_FIELDS.match(text)
    if not top:
        return None
    fields = {
        name.strip(": ").lower(): value.strip()
        for name, _, value in (line.lstrip(":").partition(":") for line in top.group().split("\n"))
    }
    title = fields.get("title")
    return f"PEP {fields['pep']}: {title}" if title and "pep" in fields else title


def read_asciidoc(data: bytes) -> Reading:
    """AsciiDoc: headings by their equals signs, paragraphs between them."""
    return _read_headed(data, _ASCIIDOC_HEADING, lambda mark: len(mark))


def read_org(data: bytes) -> Reading:
    """Org: headings by their stars, paragraphs between them."""
    return _read_headed(data, _ORG_HEADING, lambda mark: len(mark))


def read_tex(data: bytes) -> Reading:
    """LaTeX source: sectioning commands as headings; the commands stay in the text."""
    reading = _read_headed(data, _TEX_HEADING, lambda mark: _TEX_LEVELS[mark])
    title = _TEX_TITLE.search(reading.text)
    return Reading(reading.text, reading.elements, title.group(1).strip() if title else None)


def _read_headed(data: bytes, heading: re.Pattern[str], level: Callable[[str], int]) -> Reading:
    text = decode(data)
    elements: list[Element] = []
    position = 0
    for match in heading.finditer(text):
        elements.extend(_paragraphs(text, position, match.start()))
        elements.append(Element("heading", match.start(), match.end(), level(match.group(1))))
        position = match.end()
    elements.extend(_paragraphs(text, position, len(text)))
    return Reading(text, tuple(elements), _first_heading(text, elements))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Element]:
    while start < end and text[start].isspace():
        start += 1
    for gap in _BLANK_LINES.finditer(text, start, end):
        yield Element("paragraph", start, gap.start())
        start = gap.end()
    if text[start:end].strip():
        yield Element("paragraph", start, start + len(text[start:end].rstrip()))


def _first_heading(text: str, elements: list[Element]) -> str | None:
    return next((heading_words(text[e.start : e.end]) for e in elements if e.kind == "heading"), None) or None
