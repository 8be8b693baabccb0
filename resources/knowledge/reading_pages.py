"""Read PDF by pypdfium2: text with page numbers, headings by the size of their letters. Pure.

pdfium gives lines; a paragraph ends at a short line that ends a sentence, and where the letters change their size.
Pages that are pictures have no text here, and are counted; with the extra `ocr` they are read (reading_scans.py).
"""

from __future__ import annotations

import ctypes
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from resources.knowledge.assembling import Draft, Reading
from resources.knowledge.decoding import clean
from resources.knowledge.reading_scans import LONGEST_SIDE, MOST_PAGES, REMEDY, blocks, library
from resources.knowledge.refusing import Damaged, EmptyExtraction, NeedsOcr, TooLarge, UnsupportedEncrypted

LOGGER = logging.getLogger(__name__)
_TORN_WORD = re.compile("[\ufffe\x02]\r?\n?")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？]['\"”’)\]]*$")
_ITEM = re.compile(r"(?:[•‣▪●○–*-]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_LONGEST_HEADING = 150
_HEADING_LEVELS = 4


_RECOGNISED = 0.0
_POINTS_PER_INCH, _DOTS_PER_INCH = 72, 200


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page, its letters so many points high; a whole paragraph where it was recognised in a picture."""

    words: str
    size: float
    page: int


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
        words = line.strip()
        if words:
            first = position + len(line) - len(line.lstrip())
            yield _Line(
                line.rstrip("\r"), round(float(raw.FPDFText_GetFontSize(textpage, ctypes.c_int(first))), 1), number
            )
        position += len(line) + 1


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
    for line in lines:
        if gathered and _ends_before(gathered[-1], line, width, levels):
            _add(draft, gathered, levels)
            gathered = []
        gathered.append(line)
    _add(draft, gathered, levels)
    return draft


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
