"""Lay a part of a document's text out: its blocks in reading order, the passages in them, the words that are cited.

Pure: places are in characters (Unicode code points) of the whole text, ends are exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from resources.knowledge.records import Element

WINDOW = 20_000
"""So many characters are shown at a time."""

_BEFORE = 3_000  # what a reader sees of the text before the words that are cited
_MARKUP = re.compile(r"[ \t]*(?:#{1,6}|[-*+])[ \t]+")
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")

_MARKED = frozenset({"title", "heading", "list_item"})

Place = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """Some words that are all cited, or none; and all in the same passages. `begins`: the passages that start here.

    `is_first`: of those that are cited. `is_markup`: the marks of a heading or an item, such as `##`.
    """

    text: str
    is_cited: bool
    is_first: bool
    is_markup: bool
    passages: tuple[int, ...]
    begins: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph, an item of a list, a table or code. `page`: where it is the first block of a page."""

    kind: str
    level: int
    page: int | None
    start: int
    spans: tuple[Span, ...]


def window(
    elements: Sequence[Element], length: int, *, begin: int = 0, cited: Place | None = None, most: int = WINDOW
) -> Place:
    """The part of a text to show: from `begin`, or around the cited words; of whole elements where that can be."""
    if cited is not None and not begin:
        begin = max((e.start for e in elements if e.start <= max(0, cited[0] - _BEFORE)), default=0)
        if cited[0] - begin > most // 2:
            begin = max(0, cited[0] - _BEFORE)
    begin = min(max(begin, 0), length)
    end = min(max(begin + most, min(cited[1], begin + 4 * most) if cited else 0), length)
    if end < length:
        least = max(begin, cited[1] if cited else 0)
        end = max((e.start for e in elements if least < e.start <= end), default=end)
    return begin, end


def blocks(
    text: str,
    start: int,
    elements: Sequence[Element],
    *,
    cited: Place | None = None,
    passages: Sequence[tuple[int, Place]] = (),
) -> list[list[Block]]:
    """The text that begins at `start`, in blocks; items of one list are together. All words are there, in order.

    `passages`: the number and the place of each.
    """
    laid: list[Block] = []
    page = None
    is_first = True
    for kind, level, on_page, begin, end in _pieces(text, start, elements):
        spans = tuple(_spans(text, start, (begin, end), cited, passages, is_first=is_first, marked=kind in _MARKED))
        is_first = is_first and not any(span.is_cited for span in spans)
        laid.append(Block(kind, level, on_page if on_page != page else None, begin, spans))
        page = on_page or page
    grouped = groupby(enumerate(laid), key=lambda one: "list" if one[1].kind == "list_item" else one[0])
    return [[block for _, block in group] for _, group in grouped]


def _pieces(text: str, start: int, elements: Sequence[Element]) -> Iterator[tuple[str, int, int | None, int, int]]:
    at = start
    stop = start + len(text)
    for element in elements:
        begin, end = max(element.start, at), min(element.end, stop)
        if begin >= end:
            continue
        yield from _paragraphs(text, start, at, begin)
        yield element.kind, element.level or 2, element.page, begin, end
        at = end
    yield from _paragraphs(text, start, at, stop)


def _paragraphs(text: str, start: int, begin: int, end: int) -> Iterator[tuple[str, int, int | None, int, int]]:
    """What no element holds, parted by blank lines."""
    gap = text[begin - start : end - start]
    cuts = [0, *(match.end() for match in _BLANK.finditer(gap)), len(gap)]
    for one, other in pairwise(cuts):
        if gap[one:other].strip():
            yield "paragraph", 0, None, begin + one, begin + other


def _spans(
    text: str,
    start: int,
    block: Place,
    cited: Place | None,
    passages: Sequence[tuple[int, Place]],
    *,
    is_first: bool,
    marked: bool,
) -> Iterator[Span]:
    begin, end = block
    markup = _MARKUP.match(text, begin - start, end - start) if marked else None
    after_markup = start + markup.end() if markup else begin
    here = [(number, place) for number, place in passages if place[0] < end and place[1] > begin]
    cuts = {begin, after_markup, end}
    for first, last in [place for _, place in here] + ([cited] if cited else []):
        cuts |= {min(max(first, begin), end), min(max(last, begin), end)}
    for one, other in pairwise(sorted(cuts)):
        is_cited = cited is not None and cited[0] <= one and other <= cited[1]
        yield Span(
            text[one - start : other - start],
            is_cited,
            is_cited and is_first,
            other <= after_markup,
            tuple(number for number, place in here if place[0] <= one and other <= place[1]),
            tuple(number for number, place in here if place[0] == one),
        )
        is_first = is_first and not is_cited
