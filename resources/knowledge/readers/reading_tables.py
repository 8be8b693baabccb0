"""Read CSV and spreadsheets as tables of text: one row a line, cells parted by " | ", the header first. Pure."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Iterable

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.decoding import decode
from resources.knowledge.readers.refusing import Damaged, UnsupportedEncrypted, member_bytes, opened_container

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL = 1 << 30
_SAMPLED_CHARACTERS = 20_000
_STRAY_TEXT = re.compile(r"xl/(?:comments\d*|threadedComments/.*|drawings/drawing\d+|diagrams/data\d+)\.xml")


def read_csv(data: bytes) -> Reading:
    """Values parted by comma, semicolon, tab or bar, whichever parts the first lines most evenly; ragged rows stay."""
    text = decode(data)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise Damaged(f"not readable as values in columns: {error}") from error
    draft = Draft()
    draft.add("table", table_text(rows))
    return draft.reading()


def _delimiter(text: str) -> str:
    sample = text[:_SAMPLED_CHARACTERS].rpartition("\n")[0] or text[:_SAMPLED_CHARACTERS]

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (times / len(widths), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=evenness)


def read_xlsx(data: bytes) -> Reading:
    """Each sheet a heading and a table of its rows with values (results, not formulas); comments and shapes after."""
    container = opened_container(data)
    from openpyxl import __version__, load_workbook  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError) as error:
        raise Damaged(f"not readable as a workbook: {error}") from error
    draft = Draft()
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # a stated dimension may claim billions of cells
        _add_sheet(draft, sheet.title, sheet.iter_rows(values_only=True), len(book.worksheets))
    for name in container.namelist():
        if _STRAY_TEXT.fullmatch(name):
            draft.add("paragraph", _texts_in(member_bytes(container, name)))
    return draft.reading(title=book.properties.title, library=f"openpyxl {__version__}")


def read_xls(data: bytes) -> Reading:
    """Excel 97 to 2003, in the same shape as read_xlsx."""
    import xlrd  # type: ignore[import-untyped]

    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise UnsupportedEncrypted("the workbook is encrypted: save it without a password") from error
        raise Damaged(f"not readable as a workbook: {error}") from error
    draft = Draft()
    for sheet in book.sheets():
        rows = ([_xls_value(cell, book.datemode) for cell in sheet.row(number)] for number in range(sheet.nrows))
        _add_sheet(draft, sheet.name, rows, book.nsheets)
    return draft.reading(library=f"xlrd {xlrd.__version__}")


def _xls_value(cell: object, datemode: int) -> object:
    import xlrd

    kind, value = cell.ctype, cell.value  # type: ignore[attr-defined]
    if kind == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(value, datemode)
        except (ValueError, OverflowError):
            return value
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return xlrd.error_text_from_code.get(value, "") if kind == xlrd.XL_CELL_ERROR else value


def _add_sheet(draft: Draft, name: str, rows: Iterable[Iterable[object]], sheets: int) -> None:
    lines = [cells for row in rows if any(cells := [_words(value) for value in row])]
    if lines:
        filled = [any(row[i : i + 1] != [""] and i < len(row) for row in lines) for i in range(max(map(len, lines)))]
        used = [[cell for cell, is_used in zip(row, filled, strict=False) if is_used] for row in lines]
        if sheets > 1 or not re.fullmatch(r"Sheet ?\d*", name):
            draft.add("heading", name, level=1)
        draft.add("table", table_text(used))


def _words(value: object) -> str:
    """A cell as a person would write it: whole numbers without .0, dates without midnight."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.replace(microsecond=0).isoformat(" ")
    return str(value)


def _texts_in(data: bytes) -> str:
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Damaged(f"a part of the workbook is no XML: {error}") from error
    texts = (e.text for e in root.iter() if isinstance(e.tag, str) and etree.QName(e).localname in ("t", "text"))
    return " ".join(text for text in texts if text)
