"""Cut a parsed text into pieces whose boundaries hold still when the text is edited. Pure: values in, values out.

Boundaries are defined by content, not by counting from the start:

1. A section of at least half of `size` begins a piece of its own (a short introduction may stay with its first child).
2. What lies between is halved like a treap: as long as a stretch is longer than `size`, it is cut at the candidate of
   the highest priority: headings by level, then paragraphs, then list items; equal ranks are ordered by a checksum of
   the words that follow. A cut must leave a third of `size` on both sides, where it can.
3. A stretch without such a candidate is cut at sentences (lines, in tables and code), then at words, then between
   characters.

A piece that begins inside a table names the table's columns after its section: its content stays a place in the text,
and its rows are found, and read, by the names of their columns.

An edit can so change only the pieces it touches and, now and then, a neighbour: the priority of every other candidate
stays what it was. (The treap: Seidel and Aragon, Randomized Search Trees, 1996. Content-defined cutting: Muthitacharoen
and others, LBFS, 2001.)
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from resources.knowledge.records import ChunkingRule, Element, Parsed, Piece

SMALLEST_SIZE = 64

_PATH = " › "
_LONGEST_HEAD, _LONGEST_COLUMNS = 4_000, 400

_RANK_PARAGRAPH, _RANK_LIST_ITEM, _RANK_INTRODUCED, _RANK_SENTENCE, _RANK_LINE, _RANK_WORD = 40, 30, 25, 20, 15, 10
_RANK_OF_HIGHEST_HEADING = 99
_DEEPEST_LEVEL = 40
_NO_LEVEL = 1_000

_SENTENCE_STARTS = re.compile(r"(?:[.!?…][\"'”’)\]]*\s+(?=[^\sa-z])|[。！？｡][」』”’）]*\s*|\n)(?=\S)")
_WORD_STARTS = re.compile(r"\s+(?=\S)")
_LINE_STARTS = re.compile(r"\n\s*(?=\S)")
_ADORNMENT = re.compile(r"^[\W_]+$")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()]*\)")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
_OTHER_SCRIPTS = re.compile("[\u0370-\u1fff\ua4d0-\uabff\U00010000-\U0001ffff]")


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Places where a stretch may be cut: positions in order, their priorities (0 means never)."""

    positions: list[int]
    keys: list[int]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The text as blocks in reading order, white space around them left out; -1 is the parent of a top section."""

    starts: list[int]
    ends: list[int]
    elements: list[Element]
    sections: list[int]
    parents: dict[int, int]


def split(parsed: Parsed, rule: ChunkingRule) -> Iterator[Piece]:
    """Yield the pieces of a text in order. Together they hold every character that is not white space.

    `content == text[start:end]`; no piece is longer than `rule.size` characters. Raises ValueError for a rule that
    cannot be kept (size under 64, overlap negative or over half of the size).
    """
    if rule.size < SMALLEST_SIZE or not 0 <= rule.overlap <= rule.size // 2:
        raise ValueError(f"chunking rule {rule}: size must be at least {SMALLEST_SIZE}, overlap 0 to half of the size")
    text = parsed.text
    blocks = _blocks(text, parsed.elements)
    names: dict[int, str] = {}
    columns: dict[int, list[str]] = {}
    before = 0
    for start, end in _stretches(text, blocks, rule.size - rule.overlap):
        reach = _reach_back(text, blocks, start, before, rule.overlap)
        before = start
        content = text[reach:end]
        first, last = bisect_right(blocks.starts, start) - 1, bisect_left(blocks.starts, end)
        yield Piece(
            content=content,
            start=reach,
            end=end,
            section_title=_path_of(
                _section_title(text, blocks, first, last, names), *_columns_above(text, blocks, reach, columns)
            ),
            page=blocks.elements[first].page,
            token_count=estimated_tokens(content),
        )


def estimated_tokens(text: str) -> int:
    """An estimate, not a count: four characters a token in Latin script, two in other alphabets, one in CJK.

    Within about a fifth of the usual byte-pair tokenizers on prose; too low for code and for long numbers.
    """
    if text.isascii():
        return -(-len(text) // 4)
    cjk, other = len(_CJK.findall(text)), len(_OTHER_SCRIPTS.findall(text))
    return cjk + -(-other // 2) + -(-(len(text) - cjk - other) // 4)


# Blocks and sections.


def _blocks(text: str, elements: Iterable[Element]) -> _Blocks:
    """Every element with what follows it up to the next one, so that no text is left out."""
    kept = sorted((e for e in elements if e.start < e.end), key=lambda e: e.start)
    if not kept or text[: kept[0].start].strip():
        kept.insert(0, Element("paragraph", 0, kept[0].start if kept else len(text)))
    starts: list[int] = []
    ends: list[int] = []
    blocks: list[Element] = []
    for index, element in enumerate(kept):
        limit = kept[index + 1].start if index + 1 < len(kept) else len(text)
        content = text[element.start : limit]
        words = content.rstrip()
        if words:
            end = element.start + len(words)
            starts.append(end - len(words.lstrip()))
            ends.append(end)
            blocks.append(element)
    sections, parents = _outline(blocks)
    return _Blocks(starts, ends, blocks, sections, parents)


def _level(element: Element) -> int:
    """0 for a title, 1 and deeper for headings, a large number for what is no heading."""
    if element.kind == "title":
        return 0
    if element.kind != "heading":
        return _NO_LEVEL
    return min(element.level if element.level is not None else 1, _DEEPEST_LEVEL)


def _outline(elements: list[Element]) -> tuple[list[int], dict[int, int]]:
    """For each block the block of the heading it stands under (-1: none), and each heading's parent heading."""
    sections: list[int] = []
    parents: dict[int, int] = {}
    above: list[int] = []
    for index, element in enumerate(elements):
        level = _level(element)
        if level < _NO_LEVEL:
            while above and _level(elements[above[-1]]) >= level:
                above.pop()
            parents[index] = above[-1] if above else -1
            above.append(index)
        sections.append(above[-1] if above else -1)
    return sections, parents


def _section_title(text: str, blocks: _Blocks, first: int, last: int, names: dict[int, str]) -> str | None:
    """The heading path that all of the piece's content shares; where none is shared, that of its first content."""
    own = [blocks.sections[i] for i in range(first, last) if i not in blocks.parents] or [blocks.sections[first]]
    shared = own[0]
    for section in set(own[1:]):
        ancestors = set(_path(blocks, section))
        while shared != -1 and shared not in ancestors:
            shared = blocks.parents[shared]
    headings = list(_path(blocks, own[0] if shared == -1 else shared))[::-1]
    for heading in headings:
        if heading not in names:
            names[heading] = heading_words(text[blocks.starts[heading] : blocks.ends[heading]])
    return _path_of(*(names[heading] for heading in headings))


def _path_of(*names: str | None) -> str | None:
    return _PATH.join(filter(None, names)) or None


def _columns_above(text: str, blocks: _Blocks, position: int, known: dict[int, list[str]]) -> list[str]:
    """The caption and the names of the columns of the table that a piece begins inside of; else nothing."""
    block = bisect_right(blocks.starts, position) - 1
    if blocks.elements[block].kind != "table" or position <= blocks.starts[block]:
        return []
    if block not in known:
        known[block] = _columns(text[blocks.starts[block] : blocks.ends[block]][:_LONGEST_HEAD])
    return known[block]


def _columns(table: str) -> list[str]:
    """The first line of a table that has columns, as `a | b`, after the line before it, which is its caption."""
    lines = [line for line in table.split("\n") if line.strip() and not _ADORNMENT.match(line)]
    is_ruled = len(lines) > 1 and _ADORNMENT.match(table.split("\n", 1)[0]) is not None
    for place, line in enumerate(lines[:2]):
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) > 1 or is_ruled:
            return [_one_name(words) for words in (*lines[:place], _fitting(cells))]
    return []


def _fitting(cells: list[str]) -> str:
    """As many of the cells as fit into what may stand beside a passage."""
    words = ""
    for cell in filter(None, cells):
        if len(words) + len(cell) + 3 > _LONGEST_COLUMNS:
            break
        words = f"{words} | {cell}" if words else cell
    return words


def _one_name(words: str) -> str:
    return " ".join(words.replace(_PATH.strip(), ">").split())[:_LONGEST_COLUMNS]


def _path(blocks: _Blocks, section: int) -> Iterator[int]:
    while section != -1:
        yield section
        section = blocks.parents[section]


def heading_words(source: str) -> str:
    """A heading without its markup: no adornment lines, leading or trailing # and =, links or backticks."""
    lines = [line for line in source.split("\n") if not _ADORNMENT.match(line)] or [source]
    words = _LINK.sub(r"\1", " ".join(lines)).replace("`", "").strip()
    return " ".join(words.lstrip("#=*! ").rstrip("#= ").split())


# Where to cut.


def _stretches(text: str, blocks: _Blocks, size: int) -> Iterator[tuple[int, int]]:
    """The pieces' [start, end) without overlap."""
    candidates = _block_candidates(text, blocks)
    if not blocks.starts:
        return
    firm = _firm_boundaries(blocks, size)
    for first, last in zip(firm, [*firm[1:], len(blocks.starts)], strict=True):
        start, end = blocks.starts[first], blocks.ends[last - 1]
        yield from _cut(text, start, end, candidates, size, lambda s, e: _cut_inside(text, blocks, s, e, size))


def _firm_boundaries(blocks: _Blocks, size: int) -> list[int]:
    """The blocks at which a piece must begin: the first, and every section large enough to stand alone."""
    enough = size // 2
    headings = list(blocks.parents)
    firm = [0]
    open_until: dict[int, int] = {}
    upcoming: list[int] = []
    for heading in reversed(headings):
        level = _level(blocks.elements[heading])
        while upcoming and _level(blocks.elements[upcoming[-1]]) > level:
            upcoming.pop()
        open_until[heading] = blocks.ends[upcoming[-1] - 1] if upcoming else blocks.ends[-1]
        upcoming.append(heading)
    before = -1
    for heading in headings:
        start = blocks.starts[heading]
        follows_heading = before == heading - 1 and before != -1
        opened = blocks.starts[max(before, 0)]
        is_introduced = blocks.parents[heading] == before and start - opened < enough
        if heading and not follows_heading and not is_introduced and open_until[heading] - start >= enough:
            firm.append(heading)
        before = heading
    return firm


def _block_candidates(text: str, blocks: _Blocks) -> _Candidates:
    keys: list[int] = []
    before: Element | None = None
    end = 0
    for element, start, own_end in zip(blocks.elements, blocks.starts, blocks.ends, strict=True):
        if before is None or before.kind == "heading" or before.kind == "title":
            rank = 0  # a heading is never parted from what follows it
        elif element.kind == "heading" or element.kind == "title":
            rank = _RANK_OF_HIGHEST_HEADING - _level(element)
        elif text[end - 1] == ":":
            rank = _RANK_INTRODUCED
        elif element.kind == "list_item" and before.kind == "list_item":
            rank = _RANK_LIST_ITEM
        else:
            rank = _RANK_PARAGRAPH
        keys.append(rank and _priority(text, start, rank))
        before, end = element, own_end
    return _Candidates(blocks.starts, keys)


def _priority(text: str, position: int, rank: int) -> int:
    """Rank first; among equals a checksum of the words that follow, so that distant edits cannot change it."""
    return rank << 32 | crc32(text[position : position + 64].encode("utf-8", "replace"))


def _cut(
    text: str,
    start: int,
    end: int,
    candidates: _Candidates,
    size: int,
    finer: Callable[[int, int], Iterable[tuple[int, int]]],
) -> Iterator[tuple[int, int]]:
    """Halve at the best candidate until every stretch fits; what has no candidate goes to `finer`."""
    waiting = [(start, end)]
    while waiting:
        start, end = waiting.pop()
        if end - start <= size:
            yield start, end
            continue
        place = _best(candidates, start, end, size // 3)
        if place is None:
            place = _best(candidates, start, end, size // 12)
        if place is None:
            yield from finer(start, end)
        else:
            waiting += [(place, end), (start, _trimmed(text, place))]


def _best(candidates: _Candidates, start: int, end: int, margin: int) -> int | None:
    low = bisect_left(candidates.positions, start + max(margin, 1))
    high = bisect_right(candidates.positions, end - max(margin, 1))
    keys = candidates.keys[low:high]
    key = max(keys, default=0)
    if not key:
        return None
    if keys.count(key) == 1:
        return candidates.positions[low + keys.index(key)]
    middle = (start + end) // 2  # repeated text: halve it, or the recursion would go as deep as the text is long
    equals = [candidates.positions[low + i] for i, other in enumerate(keys) if other == key]
    return min(equals, key=lambda position: abs(position - middle))


def _trimmed(text: str, position: int) -> int:
    while text[position - 1].isspace():
        position -= 1
    return position


def _cut_inside(text: str, blocks: _Blocks, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """Cut where no block begins: at sentences or lines, then words, then between characters."""
    sentences = _inner_candidates(text, blocks, start, end)
    return _cut(text, start, end, sentences, size, lambda s, e: _cut_at_words(text, s, e, size))


def _inner_candidates(text: str, blocks: _Blocks, start: int, end: int) -> _Candidates:
    positions: list[int] = []
    keys: list[int] = []
    first, last = bisect_right(blocks.starts, start) - 1, bisect_left(blocks.starts, end)
    for index in range(first, last):
        is_lined = blocks.elements[index].kind in ("table", "code")
        starts = _LINE_STARTS if is_lined else _SENTENCE_STARTS
        for match in starts.finditer(text, max(start, blocks.starts[index]), min(end, blocks.ends[index])):
            position = match.end()
            is_line = not is_lined and match.group() == "\n"
            positions.append(position)
            keys.append(_priority(text, position, _RANK_LINE if is_line else _RANK_SENTENCE))
    return _Candidates(positions, keys)


def _cut_at_words(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    positions = [match.end() for match in _WORD_STARTS.finditer(text, start, end)]
    words = _Candidates(positions, [_priority(text, position, _RANK_WORD) for position in positions])
    return _cut(text, start, end, words, size, lambda s, e: _cut_anywhere(text, s, e, size))


def _cut_anywhere(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """A run without a blank: in every window before the greatest following characters, as strings are ordered."""
    while end - start > size:
        window = range(start + size // 2, start + size + 1)
        place = max(window, key=lambda p: text[p : p + 12])
        place = next((p for p in range(place, start + size // 4, -1) if not _joins(text, p)), place)
        yield start, place
        start = place
    yield start, end


def _joins(text: str, position: int) -> bool:
    """Whether a cut here would tear a character from its accent, or an emoji apart."""
    after, before = text[position : position + 1], text[position - 1]
    return bool(after) and (unicodedata.combining(after) > 0 or after in "\u200d\ufe0e\ufe0f" or before == "\u200d")


def _reach_back(text: str, blocks: _Blocks, start: int, before: int, overlap: int) -> int:
    """Where a piece begins when it repeats the end of the piece before: at a sentence, never over a heading."""
    block = bisect_right(blocks.starts, start) - 1
    if not overlap or not start or (block in blocks.parents and blocks.starts[block] == start):
        return start
    floor = max(before, start - overlap)
    section = blocks.sections[block]
    if section != -1:
        floor = max(floor, blocks.ends[section] if blocks.ends[section] <= start else start)
    inside = [blocks.starts[i] for i in range(bisect_left(blocks.starts, floor), block + 1) if blocks.starts[i] < start]
    sentences = (match.end() for match in _SENTENCE_STARTS.finditer(text, floor, start))
    return min([position for position in (*inside, *sentences) if floor <= position], default=start)
