"""Read the text of Word 97 to 2003 documents: its pieces, in order, with notes and headers after. Pure.

Layout: [MS-DOC] 2.4.1, Retrieving Text. Headings are not told from paragraphs: that would need the style sheet.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from itertools import groupby

from resources.knowledge.readers.assembling import Draft, Reading, table_text
from resources.knowledge.readers.refusing import Damaged, UnsupportedEncrypted

_WORD_MAGIC = 0xA5EC
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_CLX_AT = 0x01A2
_PROPERTIES, _PIECES = 1, 2
_CODE_PAGE_PIECE = 0x4000_0000
_FIELD_CODE = re.compile(r"\x13[^\x13-\x15]*(?:\x14|(?=\x15))|\x15")
_SPECIAL = {0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x1E: "-", 0x1F: "", 0x01: "", 0x02: "", 0x05: "", 0x08: "", 0x00: ""}


def read_doc(data: bytes) -> Reading:
    """A paragraph each, table rows with cells parted by " | ". Raises UnsupportedEncrypted, Damaged."""
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            main = container.openstream("WordDocument").read()
            (flags,) = struct.unpack_from("<H", main, 0x0A)
            if flags & _ENCRYPTED:
                raise UnsupportedEncrypted("the document is encrypted: save it without a password")
            table = container.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
            title = container.get_metadata().title
        text = "".join(_pieces(main, table))
    except (OSError, IndexError, struct.error) as error:
        raise Damaged(f"not readable as Word 97: {error}") from error
    return _drafted(_plain(text)).reading(title=_decoded(title), library=f"olefile {olefile.__version__}")


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    magic, *_ = struct.unpack_from("<H", main, 0)
    if magic != _WORD_MAGIC:
        raise Damaged("not readable as Word 97: it is of another version")
    start, length = struct.unpack_from("<II", main, _CLX_AT)
    position, end = start, start + length
    while position < end and table[position] == _PROPERTIES:
        position += 3 + struct.unpack_from("<H", table, position + 1)[0]
    if position >= end or table[position] != _PIECES:
        raise Damaged("not readable as Word 97: it has no table of pieces")
    (size,) = struct.unpack_from("<I", table, position + 1)
    count, position = (size - 4) // 12, position + 5
    places = struct.unpack_from(f"<{count + 1}I", table, position)
    for number in range(count):
        (place,) = struct.unpack_from("<I", table, position + 4 * (count + 1) + 8 * number + 2)
        characters = max(0, places[number + 1] - places[number])
        if place & _CODE_PAGE_PIECE:
            first = (place & ~_CODE_PAGE_PIECE) // 2
            yield main[first : first + characters].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * characters].decode("utf-16-le", "replace")


def _plain(text: str) -> str:
    """Fields by their results, not their codes; marks as line ends. A cell ends in \\x07, a row in two."""
    previous = ""
    while previous != text:
        previous, text = text, _FIELD_CODE.sub("", text)
    return text.translate(_SPECIAL).replace("\x07\x07", "\x07\n")


def _drafted(text: str) -> Draft:
    draft = Draft()
    for is_table, lines in groupby(text.split("\n"), lambda line: "\x07" in line):
        if is_table:
            draft.add("table", table_text([line.removesuffix("\x07").split("\x07") for line in lines]))
        else:
            for line in lines:
                draft.add("paragraph", line)
    return draft


def _decoded(title: object) -> str | None:
    return title.decode("cp1252", "replace") if isinstance(title, bytes) else None
