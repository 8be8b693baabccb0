"""Which kind of file, and which language."""

from __future__ import annotations

import pytest

from resources.knowledge.readers import recognising
from resources.knowledge.readers.recognising import language_of, sniffed_type
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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The wheel of the old mill turns slowly in the cold river and the miller listens to it. " * 4, "en"),
        ("Das Rad der alten Mühle dreht sich langsam im kalten Fluss.", "de"),
        ("古い水車小屋の車輪は冷たい川の中でゆっくり回る。", "ja"),
        ("กังหันของโรงสีเก่าหมุนช้าๆ ในแม่น้ำเย็น", "th"),
        ("hm", None),
        ("12345 67890 " * 50, None),
        ("a=1;b=2;for i in range(10): print(i)", None),
    ],
)
def test_the_language_is_told_or_left_open(text: str, language: str | None) -> None:
    assert language_of(text) == language


def test_the_middle_decides_when_the_beginning_is_a_list() -> None:
    prose = "Das Rad der alten Mühle dreht sich langsam im kalten Fluss. " * 200
    assert language_of("1.2 .... 3\n" * 300 + prose) == "de"


ENGLISH = "The miller grinds the rye of the farmers, and it is as fine as that of the other mill in the valley. "
GERMAN = "Der Müller mahlt das Getreide der Bauern aus dem Tal, und am Abend ruht er sich auf der Bank aus. "


def test_english_that_begins_with_a_table_needs_no_model() -> None:
    lines = [f"Release {n}: alpha, beta, candidate, final, on Monday." for n in range(80)]
    lines[::10] = [f"The {line}" for line in lines[::10]]
    table = "\n".join(lines) + "\n"
    assert not recognising._is_plainly_english(table[:3000])
    recognising._identifier.cache_clear()
    assert recognising.language_of(table + ENGLISH * 200) == "en"
    assert recognising._identifier.cache_info().currsize == 0


def test_a_text_that_begins_in_another_language_is_not_taken_for_english() -> None:
    assert recognising.language_of(GERMAN * 40 + ENGLISH * 200) == "de"
