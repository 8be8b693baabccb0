"""Read PDF by pypdfium2: text with page numbers, headings by the size of their letters. Pure.

pdfium gives lines; a paragraph ends at a short line that ends a sentence, and where the letters change their size.
Lines with wide gaps, one below the other, are the rows of a table; cells that stand below each other are its columns.
Pages that are pictures have no text here, and are counted; with the extra `ocr` they are read (reading_scans.py).
"""

from __future__ import annotations

import ctypes
import logging
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.decoding import clean
from resources.knowledge.readers.reading_scans import LONGEST_SIDE, MOST_PAGES, REMEDY, blocks, library
from resources.knowledge.readers.refusing import Damaged, EmptyExtraction, NeedsOcr, TooLarge, UnsupportedEncrypted

LOGGER = logging.getLogger(__name__)
_TORN_WORD = re.compile("[\ufffe\x02]\r?\n?")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？]['\"”’)\]]*$")
_ITEM = re.compile(r"(?:[•‣▪●○–*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_LONGEST_HEADING = 150
_HEADING_LEVELS = 4


_WORD = re.compile(r"\S+")
_WIDE_GAP, _SMALLEST_HEIGHT = 0.9, 4.0  # in heights of a line; in points
_FEWEST_ROWS, _WIDEST_ROW, _LONGEST_CELL = 3, 3.0, 30
_RECOGNISED = 0.0
_POINTS_PER_INCH, _DOTS_PER_INCH = 72, 200


@dataclass(frozen=True, slots=True)
class _Cell:
    """A part of a line, between two places on the page, in points."""

    words: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page, its letters so many points high; a whole paragraph where it was recognised in a picture.

    `cells`: the parts that wide gaps make of it; `height` and `bottom`: where it stands, in points.
    """

    words: str
    size: float
    page: int
    cells: tuple[_Cell, ...] = ()
    height: float = 0.0
    bottom: float = 0.0


def read_pdf(data: bytes) -> Reading:
    """The text layer of every page. Raises NeedsOcr for scans, EmptyExtraction, UnsupportedEncrypted, Damaged."""
    return _read(data, by_ocr=False)


def read_pdf_by_ocr(data: bytes) -> Reading:
    """The text layer of every page and, where there is none, what is recognised in its picture."""
    return _read(data, by_ocr=True)


def _read(data: bytes, *, by_ocr: bool) -> Reading:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnsupportedEncrypted("the PDF asks for a password: save it without one") from error
        raise Damaged(f"not readable as PDF: {error}") from error
    try:
        lines = list(_lines(document, pypdfium2))
        pictured = [number for number in _without_text(document, lines) if _has_pictures(document, number, pypdfium2)]
        if by_ocr:
            lines = sorted([*lines, *_recognised(document, pictured)], key=lambda line: line.page)
        elif pictured and not lines:
            raise NeedsOcr(f"the PDF shows pictures of text, which only OCR can read: {REMEDY}", pages=len(pictured))
        if not lines:
            raise EmptyExtraction("there is no text in the PDF")
        draft = _drafted(lines)
        title = _title(document, draft)
    finally:
        document.close()
    return draft.reading(
        title=title, library=f"pypdfium2 {pypdfium2.PYPDFIUM_INFO}" + (f", {library()}" if by_ocr else ""),
        pictured_pages=0 if by_ocr else len(pictured),
    )  # fmt: skip


def _without_text(document: Any, lines: list[_Line]) -> list[int]:
    with_text = {line.page for line in lines}
    return [number for number in range(1, len(document) + 1) if number not in with_text]


def _has_pictures(document: Any, number: int, pypdfium2: Any) -> bool:
    try:
        page = document[number - 1]
        return any(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    except pypdfium2.PdfiumError:
        return False


def _recognised(document: Any, numbers: list[int]) -> Iterator[_Line]:
    if len(numbers) > MOST_PAGES:
        raise TooLarge(f"{len(numbers):,} pages of the PDF are pictures, more than {MOST_PAGES}: split it")
    for number in numbers:
        page = document[number - 1]
        scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, LONGEST_SIDE / max(*page.get_size(), 1))
        for block in blocks(page.render(scale=scale).to_pil()):
            yield _Line(block, _RECOGNISED, number)


def _lines(document: Any, pypdfium2: Any) -> Iterator[_Line]:
    failed = []
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
            textpage = page.get_textpage()
        except pypdfium2.PdfiumError:
            failed.append(number)
            continue
        yield from _page_lines(textpage, number, pypdfium2.raw)
        textpage.close()
        page.close()
    if failed and len(failed) == len(document):
        raise Damaged("no page of the PDF can be read")
    if failed:
        LOGGER.warning("a PDF has unreadable pages, left out: %s", ", ".join(map(str, failed[:20])))


def _page_lines(textpage: Any, number: int, raw: Any) -> Iterator[_Line]:
    position = 0
    for line in textpage.get_text_range().split("\n"):
        if line.strip():
            first = position + len(line) - len(line.lstrip())
            size = round(float(raw.FPDFText_GetFontSize(textpage, ctypes.c_int(first))), 1)
            height = _height(textpage, first, raw)
            cells = tuple(_cells(textpage, line, position, height, raw))
            yield _Line(line.rstrip("\r"), size, number, cells, height, _box(textpage, first, raw)[2])
        position += len(line) + 1


def _cells(textpage: Any, line: str, position: int, height: float, raw: Any) -> list[_Cell]:
    """The parts of a line between gaps that no blank between words is as wide as; nothing of a line out of order."""
    cells: list[_Cell] = []
    start, left, end = 0, 0.0, 0.0
    for word in _WORD.finditer(line):
        begin, stop = _span(textpage, position, word, raw)
        if cells and begin < left:
            return []
        if cells and begin - end <= _WIDE_GAP * height:
            cells[-1] = _Cell(line[start : word.end()], left, stop)
        else:
            cells.append(_Cell(word.group(), begin, stop))
            start, left = word.start(), begin
        end = stop
    return cells


def _height(textpage: Any, place: int, raw: Any) -> float:
    """The height of a line as it is shown, in points; the size of its font says nothing where the text is scaled."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(textpage, place, box)
    return max(float(box.top - box.bottom), _SMALLEST_HEIGHT)


def _span(textpage: Any, position: int, word: re.Match[str], raw: Any) -> tuple[float, float]:
    """Where a word begins and ends across the page."""
    return _box(textpage, position + word.start(), raw)[0], _box(textpage, position + word.end() - 1, raw)[1]


def _box(textpage: Any, place: int, raw: Any) -> tuple[float, float, float]:
    """Left, right and bottom of a character; zeros where it shows nothing."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(textpage, place, left, right, bottom, top)
    return left.value, right.value, bottom.value


def _drafted(lines: list[_Line]) -> Draft:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.words) if line.size != _RECOGNISED else 0
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > body * 1.07), reverse=True)
    levels = {size: min(rank, _HEADING_LEVELS) for rank, size in enumerate(larger, 1)}
    width = sorted(len(line.words) for line in lines)[len(lines) * 9 // 10]
    draft = Draft()
    gathered: list[_Line] = []
    for some, rows in _with_tables(lines):
        if rows:
            _add(draft, gathered, levels)
            gathered = []
            draft.add("table", table_text(rows), page=some[0].page)
            continue
        for line in some:
            if gathered and _ends_before(gathered[-1], line, width, levels):
                _add(draft, gathered, levels)
                gathered = []
            gathered.append(line)
    _add(draft, gathered, levels)
    return draft


def _with_tables(lines: list[_Line]) -> Iterator[tuple[list[_Line], list[list[str]]]]:
    """The lines in order; those that make a table together, with its rows."""
    some: list[_Line] = []
    for line in lines:
        if some and not _stands_below(some[-1], line):
            yield some, _rows(some)
            some = []
        some.append(line)
    yield some, _rows(some)


def _stands_below(last: _Line, line: _Line) -> bool:
    """Whether two lines may be rows of one table, or belong to none, both of them."""
    if len(last.cells) < 2 and len(line.cells) < 2:
        return True
    if len(last.cells) < 2 or len(line.cells) < 2 or last.page != line.page:
        return False
    return 0 < last.bottom - line.bottom < _WIDEST_ROW * max(last.height, line.height)


def _rows(lines: list[_Line]) -> list[list[str]]:
    """A row for each line, a cell for each column; nothing where the lines are no table."""
    if len(lines) < _FEWEST_ROWS or len(lines[0].cells) < 2:
        return []
    columns: list[tuple[float, float]] = []
    for left, right in sorted((cell.left, cell.right) for line in lines for cell in line.cells):
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    lengths = [len(cell.words) for line in lines for cell in line.cells]
    is_running_text = sum(lengths) > _LONGEST_CELL * len(lengths)
    is_scattered = sum(lengths) < 2 * len(lengths) or len(lengths) * 2 < len(lines) * len(columns)
    is_list = sum(bool(_ITEM.match(line.words)) for line in lines) * 2 > len(lines)
    if len(columns) < 2 or is_running_text or is_scattered or is_list:
        return []
    starts = [left for left, _ in columns]
    rows = []
    for line in lines:
        row = [""] * len(columns)
        for cell in line.cells:
            place = bisect_right(starts, cell.left) - 1
            row[place] = f"{row[place]} {cell.words}".strip()
        rows.append(row)
    return rows


def _ends_before(last: _Line, line: _Line, width: int, levels: dict[float, int]) -> bool:
    if (
        last.page != line.page
        or levels.get(last.size) != levels.get(line.size)
        or _RECOGNISED in (last.size, line.size)
    ):
        return True
    is_short = len(last.words) < width * 0.75
    return bool(_ITEM.match(line.words)) or (is_short and bool(_ENDS_SENTENCE.search(last.words.rstrip())))


def _add(draft: Draft, gathered: list[_Line], levels: dict[float, int]) -> None:
    if not gathered:
        return
    words = _TORN_WORD.sub("", "\n".join(line.words for line in gathered))
    first = gathered[0]
    is_short = len(words) <= _LONGEST_HEADING and not words.rstrip().endswith((",", ";", "-"))
    level = levels.get(first.size) if first.size != _RECOGNISED and is_short and _LETTERS.search(words) else None
    if level is not None:
        draft.add("heading", " ".join(words.split()), level=level, page=first.page)
    else:
        draft.add("list_item" if _ITEM.match(first.words) else "paragraph", words, page=first.page)


def _title(document: Any, draft: Draft) -> str | None:
    stated = clean(document.get_metadata_dict().get("Title") or "").strip()
    if len(_LETTERS.findall(stated)) > 1 and not re.search(
        r"\.(?:docx?|tex|pdf|dvi|indd|qxd)$|^untitled|^powerpoint pres", stated, re.I
    ):
        return stated
    text = "".join(draft.parts)
    headings = [
        e for e in draft.elements[:20] if e.kind == "heading" and e.page == 1 and not text.startswith("arXiv:", e.start)
    ]
    first = min(headings, key=lambda e: e.level or 0, default=None)
    return text[first.start : first.end] if first else None
