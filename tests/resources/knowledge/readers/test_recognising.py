"""Which kind of file."""

from __future__ import annotations

import pytest

from resources.knowledge.readers.recognising import sniffed_type
from tests.factories import files


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (files.pdf(), "pdf"),
        (b"junk before it\n" + files.pdf(), "pdf"),
        (b"A PDF file begins with %PDF-1.7, and ends with an end-of-file mark.\n" * 40, None),
        (b"\n" + files.pdf()[:900], "pdf"),
        (files.tarred({"scan.pdf": files.pdf()}, packed=""), "tar"),
        (files.odt(), "odt"),
        (files.epub(), "epub"),
        (files.RTF, "rtf"),
        (files.HTML, "html"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "xml"),
        (files.eml(), "eml"),
        (b"\x1f\x8b\x08", "tar"),
        (b"Rar!\x1a\x07", "archive"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image"),
        (files.zipped({"word/notes.txt": "no Word file"}), "zip"),
        (b"PK\x03\x04 broken", "zip"),
        (b"just words: no mail\n\nat all", None),
    ],
)
def test_content_shows_the_kind(data: bytes, kind: str | None) -> None:
    assert sniffed_type(data) == kind
