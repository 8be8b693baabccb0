"""Pictures of text: read where OCR is installed, told with the remedy where it is not, put in reading order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resources.knowledge.readers import parsing, reading_scans, workers
from resources.knowledge.readers.conveying import ParseFailure
from resources.knowledge.readers.reading_scans import Line
from resources.knowledge.records import Parsed
from tests.factories import files
from tests.factories.workshops import Workshop

HAS_OCR = reading_scans.is_installed()
needs_ocr = pytest.mark.skipif(not HAS_OCR, reason="the extra is not installed: pip install 'millrace[ocr]'")

# What the scans of ../shared/data/formats/scanned say, as a person reads them.
DOCLING = "Docling bundles PDF document conversion to JSON and Markdown in an easy self contained package"
SAID = {
    "docling__ocr_test.pdf": DOCLING,
    "docling__ocr_test_rotated_90.pdf": DOCLING,
    "docling__nemotron_multipage.pdf": " ".join([DOCLING] * 4),
    "tika__testOCR.pdf": "Happy New Year 2003!",
}


def line(words: str, left: float, top: float, *, width: float = 400, height: float = 20) -> Line:
    return Line(words, left, top, left + width, top + height, 0.99)


def read(lines: list[Line]) -> list[str]:
    return [" / ".join(each.words for each in block) for block in reading_scans.in_reading_order(lines)]


def test_columns_are_read_one_after_the_other_below_what_spans_them() -> None:
    title = line("title", 100, 10, width=900, height=30)
    left = [line(f"left {n}", 100, 100 + 24 * n) for n in range(5)]
    right = [line(f"right {n}", 540, 112 + 24 * n) for n in range(5)]
    shuffled = [*right[::-1], title, *left[::-1]]
    assert read(shuffled) == [
        "title",
        "left 0 / left 1 / left 2 / left 3 / left 4",
        "right 0 / right 1 / right 2 / right 3 / right 4",
    ]


def test_the_cells_of_a_table_stay_in_their_rows() -> None:
    cells = [line(f"{row}{column}", 200 * column, 24 * row, width=60) for row in range(4) for column in range(3)]
    assert read(cells) == ["00 01 02 / 10 11 12 / 20 21 22 / 30 31 32"]


def test_paragraphs_part_at_empty_bands() -> None:
    lines = [line("one", 0, 0), line("two", 0, 24), line("three", 0, 80), line("four", 0, 104)]
    assert read(lines) == ["one / two", "three / four"]


def test_what_is_written_downwards_is_read_from_the_right() -> None:
    lines = [line("二行目", 0, 0, width=20, height=300), line("一行目", 40, 0, width=20, height=300)]
    assert read(lines) == ["一行目 / 二行目"]


def test_an_empty_page_has_no_blocks() -> None:
    assert read([]) == []


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF"])
def test_an_image_says_what_would_read_it(kind: str) -> None:
    with pytest.raises(parsing.NeedsOcr, match=r"pip install 'millrace\[ocr\]'"):
        parsing.parse(files.image("Rye.", kind), media_type="", filename=f"a.{kind.lower()}")


def test_a_scan_says_what_would_read_it_and_on_how_many_pages() -> None:
    with pytest.raises(parsing.NeedsOcr, match=r"pip install 'millrace\[ocr\]'") as caught:
        parsing.parse(files.scan("Rye.", "Wheat."), media_type="", filename="a.pdf")
    assert caught.value.pages == 2


def test_a_scan_in_part_keeps_its_text_and_counts_what_it_lacks() -> None:
    parsed = parsing.parse(files.scan("Rye.", None, "Wheat."), media_type="", filename="a.pdf")
    assert files.SENTENCE in parsed.text
    assert parsed.pictured_pages == 2
    assert {element.page for element in parsed.elements} == {2}


def test_a_page_that_is_empty_is_no_picture() -> None:
    assert parsing.parse(files.pdf(files.SENTENCE, ""), media_type="", filename="a.pdf").pictured_pages == 0


def test_what_is_missing_stands_on_the_document(workshop: Workshop) -> None:
    workshop.write("whole.pdf", files.scan("Rye."))
    workshop.write("part.pdf", files.scan(None, "Wheat."))
    workshop.sync()
    assert workshop.rows(b"select file_path, outcome from knowledge.sync_failures") == [("whole.pdf", "needs_ocr")]
    assert list(workshop.visible()) == ["part.pdf"]
    log = b"select e ->> 'outcome', e ->> 'reason' from knowledge.documents, jsonb_array_elements(processing_log) e"
    remarks = [str(reason) for outcome, reason in workshop.rows(log) if outcome == "needs_ocr"]
    assert len(remarks) == 2
    assert any(reason.startswith("1 of its pages are pictures without text") for reason in remarks)
    assert all("pip install 'millrace[ocr]'" in reason for reason in remarks)


@pytest.mark.skipif(HAS_OCR, reason="OCR is installed")
def test_without_the_extra_a_bounded_worker_tells_that_it_is_missing(shared_data: Path) -> None:
    scans = shared_data / "formats" / "scanned"
    with workers.parsers(count=1) as pool:
        outcomes = {p.name: pool.parse(p.read_bytes(), media_type="", filename=p.name) for p in scans.iterdir()}
    without = {name for name, outcome in outcomes.items() if isinstance(outcome, ParseFailure)}
    assert {o.outcome for o in outcomes.values() if isinstance(o, ParseFailure)} == {"needs_ocr"}
    assert len(without) == 9


@needs_ocr
def test_scans_are_read_by_a_bounded_worker(shared_data: Path) -> None:
    with workers.parsers(count=1) as pool:
        for name, said in SAID.items():
            data = (shared_data / "formats" / "scanned" / name).read_bytes()
            parsed = pool.parse(data, media_type="", filename=name)
            assert isinstance(parsed, Parsed), parsed
            assert " ".join(parsed.text.split()) == said
            assert parsed.pictured_pages == 0


@needs_ocr
def test_pictured_pages_are_read_among_the_others() -> None:
    with workers.parsers(count=1) as pool:
        parsed = pool.parse(files.scan("Rye costs three crowns.", None), media_type="", filename="a.pdf")
    assert isinstance(parsed, Parsed), parsed
    assert parsed.text.startswith("Rye costs three crowns.")
    assert files.SENTENCE in parsed.text
    assert [element.page for element in parsed.elements][:2] == [1, 2]


def test_the_scans_of_the_manifest_are_those_known_here(shared_data: Path) -> None:
    rows = [json.loads(row) for row in (shared_data / "formats" / "manifest.jsonl").read_text().splitlines()]
    assert set(SAID) <= {row["file"].removeprefix("scanned/") for row in rows}
