"""One text with its elements out of each format, and a named refusal where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from resources.knowledge.readers import parsing, workers
from resources.knowledge.readers.parsing import DEFAULT_FILE_TYPES, PARSERS, ParseError
from resources.knowledge.readers.workers import ParseFailure, ParserPool
from resources.knowledge.records import Element, Parsed
from tests.factories import files
from tests.factories.files import HEADING, SENTENCE


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    """For unstructured, which wants a bounded environment."""
    with workers.parsers(count=1) as pool:
        yield pool


def parse(data: bytes, filename: str, media_type: str = "") -> Parsed:
    parsed = parsing.parse(data, media_type=media_type, filename=filename)
    assert all(one.end <= other.start for one, other in pairwise(parsed.elements))
    return parsed


def parts(parsed: Parsed, kind: str | None = None) -> list[str]:
    return [parsed.text[e.start : e.end] for e in parsed.elements if kind in (None, e.kind)]


def refusal(data: bytes, filename: str) -> str:
    with pytest.raises(ParseError) as caught:
        parsing.parse(data, media_type="", filename=filename)
    assert "\n" not in str(caught.value)
    return caught.value.outcome


def test_plain_text_keeps_every_character_and_its_paragraphs() -> None:
    text = f"  One.\nStill one.\n\n \n\n{SENTENCE}\n"
    parsed = parse(text.encode(), "a.txt")
    assert parsed.text == text
    assert parts(parsed) == ["One.\nStill one.", SENTENCE]
    assert (parsed.parser, parsed.title) == ("text", None)


def test_markdown_has_headings_code_tables_and_items() -> None:
    text = (
        "# One `x` #\nText one\n- item\n  more\n* two\n\n```py\n# no heading\n\n```\n"
        "| a | b |\n|---|:-:|\n| 1 | 2 |\n\nSetext\n---\n\n    indented\n"
    )
    parsed = parse(text.encode(), "a.md")
    assert parsed.text == text
    assert [(e.kind, e.level) for e in parsed.elements] == [
        ("heading", 1),
        ("paragraph", None),
        ("list_item", None),
        ("list_item", None),
        ("code", None),
        ("table", None),
        ("heading", 2),
        ("code", None),
    ]
    assert parts(parsed, "code")[0] == "```py\n# no heading\n\n```"
    assert parsed.title == "One x"


def test_front_matter_gives_the_title_and_stays_in_the_text() -> None:
    parsed = parse(b'---\ntitle: "Mills"\ndescription: of wood\n---\n# Heading\n\nText.\n', "a.md")
    assert parsed.title == "Mills"
    assert parts(parsed)[0].startswith("---\ntitle")
    assert parsed.text.startswith("---")


def test_front_matter_alone_is_an_empty_document() -> None:
    assert refusal(b"---\ntitle: Mills\n---\n", "a.md") == "empty_extraction"


def test_an_unclosed_fence_reaches_to_the_end() -> None:
    assert parts(parse(b"```\ncode\n\nmore", "a.md")) == ["```\ncode\n\nmore"]


def test_rest_levels_follow_the_order_of_appearance() -> None:
    text = (
        "=====\nBook\n=====\n\nPart\n====\n\nPara::\n\n  code\n\n  more\n\n"
        "Section\n-------\n\n- item\n- two\n\nPart 2\n======\nEnd\n"
    )
    parsed = parse(text.encode(), "a.rst")
    assert [(e.kind, e.level) for e in parsed.elements] == [
        ("heading", 1),
        ("heading", 2),
        ("paragraph", None),
        ("code", None),
        ("heading", 3),
        ("list_item", None),
        ("list_item", None),
        ("heading", 2),
        ("paragraph", None),
    ]
    assert parsed.title == "Book"
    assert parsed.text == text


def test_the_header_of_a_pep_gives_its_title() -> None:
    parsed = parse(b"PEP: 8\nTitle: Style Guide\nStatus: Active\n\nIntro\n=====\n\nText.\n", "pep-0008.rst")
    assert parsed.title == "PEP 8: Style Guide"


def test_a_rest_table_is_one_element() -> None:
    text = "=====  =====\na      b\n=====  =====\n1      2\n\n3      4\n=====  =====\n\nAfter.\n"
    parsed = parse(text.encode(), "a.rst")
    assert [e.kind for e in parsed.elements] == ["table", "paragraph"]


def test_html_shows_what_a_person_sees() -> None:
    parsed = parse(files.HTML, "a.html")
    assert parsed.title == HEADING
    assert "unseen" not in parsed.text
    assert [(e.kind, parsed.text[e.start : e.end]) for e in parsed.elements] == [
        ("heading", "About"),
        ("paragraph", f"{SENTENCE}\nSecond line."),
        ("list_item", "one"),
        ("list_item", "two three"),
        ("code", "a  b\n  c"),
        ("paragraph", "tail"),
        ("table", "grain | price\nrye | 3"),
    ]


def test_html_nested_without_end_keeps_its_text() -> None:
    assert parse(b"<html>" + b"<div>" * 30_000 + b"deep" + b"</div>" * 30_000, "a.html").text == "deep"


def test_html_in_a_declared_code_page_is_read_in_it() -> None:
    page = "<html><meta charset='windows-1251'><p>мельница</p></html>".encode("cp1251")
    assert parse(page, "a.html").text == "мельница"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_becomes_rows_whatever_parts_its_values(delimiter: str) -> None:
    data = f'name{delimiter}price\n"rye{delimiter} fine"{delimiter}3\nwheat{delimiter}4\n'.encode()
    inner = " " if delimiter == "\t" else f"{delimiter} "
    assert parse(data, "a.csv").text == f"name | price\nrye{inner}fine | 3\nwheat | 4"


def test_a_workbook_becomes_tables_under_the_names_of_its_sheets() -> None:
    parsed = parse(files.xlsx(), "a.xlsx")
    assert parts(parsed) == ["Prices", "grain | price\nrye | 3\nwheat | 4.5"]


def test_a_pdf_has_pages_and_headings_by_size() -> None:
    parsed = parse(files.pdf(f"{SENTENCE}\n{SENTENCE}", "Other words."), "a.pdf")
    kinds = [(e.kind, e.page) for e in parsed.elements]
    assert kinds == [("heading", 1), ("paragraph", 1), ("heading", 2), ("paragraph", 2)]
    assert parsed.title == f"{HEADING} 1"
    assert SENTENCE in parsed.text


def test_cells_below_each_other_in_a_pdf_are_a_table() -> None:
    rows = [["grain", "price"], ["rye flour, fine", "3.20"], ["wheat", "4.50"], ["", "9.99"]]
    parsed = parse(files.pdf_table(SENTENCE, rows), "a.pdf")
    assert parts(parsed, "table") == ["grain | price\nrye flour, fine | 3.20\nwheat | 4.50"]
    assert SENTENCE in parts(parsed, "paragraph")


def test_a_list_with_wide_marks_and_two_columns_of_text_are_no_tables() -> None:
    items = [[f"{n}.", f"Point number {n}"] for n in range(1, 6)]
    assert parts(parse(files.pdf_table(SENTENCE, items), "a.pdf"), "table") == []
    columns = [[SENTENCE[:50], SENTENCE[-50:]] for _ in range(6)]
    assert parts(parse(files.pdf_table(SENTENCE, columns, column=320), "a.pdf"), "table") == []


def test_opendocument_has_headings_lists_and_repeated_cells() -> None:
    parsed = parse(files.odt(), "a.odt")
    assert parts(parsed) == [HEADING, f"{SENTENCE}\tEnd.", "one", "grain | 3 | 3"]
    assert parsed.elements[0].level == 2


def test_a_book_is_read_in_the_order_of_its_spine() -> None:
    parsed = parse(files.epub(), "a.epub")
    assert parts(parsed, "heading") == ["First", "Second"]
    assert [e.page for e in parsed.elements] == [1, 1, 2, 2]
    assert parsed.title == "Mills"


def test_mail_keeps_headers_and_body_and_names_what_is_attached() -> None:
    parsed = parse(files.eml(), "a.eml")
    assert parsed.title == f"{HEADING} – prices"
    for words in ("From: Miller <miller@example.org>", SENTENCE, "Attachment: prices.txt"):
        assert words in parsed.text
    assert "Rye costs three." not in parsed.text


def test_mail_read_whole_holds_the_texts_attached_to_it() -> None:
    parsed = parsing.parse(files.eml(), media_type="", filename="a.eml", parser="eml_whole")
    for words in (SENTENCE, "Attachment: prices.txt", "Rye costs three."):
        assert words in parsed.text


def test_a_mailbox_is_a_list_of_subjects_or_all_its_messages() -> None:
    mailbox = files.mbox(files.mail("Grain", "Rye is here."), files.mail("Flour", "From now on: wheat."))
    parsed = parse(mailbox, "a.mbox")
    assert parts(parsed) == ["Grain, miller@example.org", "Flour, miller@example.org"]
    whole = parsing.parse(mailbox, media_type="", filename="a.mbox", parser="mbox_whole")
    assert parts(whole, "heading") == ["Grain", "Flour"]
    assert "\nFrom now on: wheat." in whole.text


def test_an_archive_is_its_table_of_contents() -> None:
    archive = files.zipped({"a/rye.txt": SENTENCE, "b.txt": "x", "__MACOSX/b.txt": "", "../../etc/passwd": "root"})
    assert parts(parse(archive, "a.zip")) == [f"a/rye.txt ({len(SENTENCE)} bytes)", "b.txt (1 bytes)",
                                              "etc/passwd (4 bytes)"]  # fmt: skip
    assert parts(parse(files.tarred({"a/rye.txt": SENTENCE}), "a.tgz")) == [f"a/rye.txt ({len(SENTENCE)} bytes)"]


def test_rtf_keeps_its_accents() -> None:
    parsed = parse(files.RTF, "a.rtf")
    assert parts(parsed) == [SENTENCE, "café"]
    assert parsed.title == HEADING


def test_records_become_lines_of_path_and_value() -> None:
    parsed = parse(b'[{"a": {"b": 1}, "tags": ["x", "y"]}, {"a": null, "t": true}]', "a.json")
    assert parts(parsed) == ["a.b: 1\ntags: x\ntags: y", "t: true"]
    assert parse(b"{not json", "a.json").text == "{not json"


def test_subtitles_keep_who_says_what() -> None:
    data = (
        b"WEBVTT\n\nNOTE hidden\n\n00:01.000 --> 00:02.000\n<v Ann>Good <b>day</b>\n\n2\n00:03.000 --> 00:04.000\nYes\n"
    )
    assert parse(data, "a.vtt").text == "Ann: Good day\nYes"


def test_a_word_document_through_unstructured(pool: ParserPool) -> None:
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    body = (
        f'<w:p><m:oMath xmlns:m="{math}"><m:r><m:t>E=mc</m:t></m:r></m:oMath></w:p>'
        "<w:p><w:ins><w:r><w:t>Inserted.</w:t></w:r></w:ins></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Controlled.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    parsed = pool.parse(files.docx(body=body), media_type="", filename="a.docx")
    assert isinstance(parsed, Parsed)
    assert (parsed.title, parsed.parser_version[:14]) == (HEADING, "2 (unstructure")
    assert parts(parsed, "heading") == [HEADING]
    assert parts(parsed, "table") == ["grain | price\nrye | 3"]
    for words in (SENTENCE, "E=mc", "Inserted.", "Controlled."):
        assert words in parsed.text


def test_a_presentation_through_unstructured(pool: ParserPool) -> None:
    parsed = pool.parse(files.pptx(), media_type="", filename="a.pptx")
    assert isinstance(parsed, Parsed)
    assert [(parsed.text[e.start : e.end], e.page) for e in parsed.elements if e.kind == "heading"] == [
        (HEADING, 1),
        ("The Miller", 2),
    ]
    assert "Remember the geese." in parsed.text


def test_a_damaged_word_document_is_told_as_damaged(pool: ParserPool) -> None:
    outcome = pool.parse(files.bad_checksum(), media_type="", filename="a.docx")
    assert isinstance(outcome, ParseFailure)
    assert outcome.outcome == "damaged"


@pytest.mark.parametrize(
    ("data", "filename", "outcome"),
    [
        (b"", "a.pdf", "empty_extraction"),
        (b" \n\n", "a.txt", "empty_extraction"),
        (b"<html><body></body></html>", "a.html", "empty_extraction"),
        (files.pdf(" "), "a.docx", "type_mismatch"),
        (files.xlsx(), "a.pdf", "type_mismatch"),
        (files.xlsx(), "a.txt", "type_mismatch"),
        (b"%PDF-1.4 nothing", "a.pdf", "damaged"),
        (b"no office file at all", "a.docx", "damaged"),
        (files.zipped({"a.txt": "a"}), "a.docx", "damaged"),
        (files.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x",
                       "META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}), "a.odt",
         "unsupported_encrypted"),
        (b"Rar!\x1a\x07\x00", "a.rar", "unsupported_format"),
        (b"some words", "a.unheard-of", "unsupported_format"),
        (files.zipped({"a.txt": "a"}), "a.jar", "unsupported_format"),
        (files.zipped({}), "a.zip", "empty_extraction"),
        (files.docx(), "a.zip", "type_mismatch"),
        (files.tarred({"a.txt": "a"})[:-20], "a.tgz", "damaged"),
        (b"<a>&b;</a", "a.xml", "damaged"),
    ],
)  # fmt: skip
def test_a_file_without_text_is_refused_by_name(data: bytes, filename: str, outcome: str) -> None:
    assert refusal(data, filename) == outcome


def test_a_file_that_would_unpack_to_too_much_is_refused_as_too_large() -> None:
    assert refusal(files.exploding(), "a.docx") == "too_large"
    many = {f"word/{n}": "" for n in range(5_001)}
    assert refusal(files.zipped({"[Content_Types].xml": "", **many}), "a.docx") == "too_large"
    assert refusal(files.zipped({f"{n}.txt": "" for n in range(5_001)}), "a.zip") == "too_large"


def test_a_file_without_extension_is_known_by_its_content() -> None:
    assert parse(b"just words", "README").parser == "text"
    assert parse(files.HTML, "page").parser == "html"
    assert parse(files.pdf(), "scan").parser == "pdf"
    assert parse(files.epub(), "book", "application/octet-stream").parser == "epub"


def test_the_media_type_decides_where_no_extension_does() -> None:
    assert parse(b"# Mills", "page", "text/markdown; charset=utf-8").parser == "markdown"


def test_an_unknown_parser_is_refused() -> None:
    with pytest.raises(ParseError, match="no parser is named 'magic'"):
        parsing.parse(b"a", media_type="", filename="a.txt", parser="magic")


def test_a_named_parser_is_used_whatever_the_name_of_the_file() -> None:
    assert parsing.parse(b"# A", media_type="", filename="a.unheard-of", parser="markdown").title == "A"


def test_every_file_type_names_parsers_that_there_are() -> None:
    assert {name for file_type in DEFAULT_FILE_TYPES for name in file_type.parsers} == set(PARSERS)
    extensions = [extension for file_type in DEFAULT_FILE_TYPES for extension in file_type.extensions]
    assert len(extensions) == len(set(extensions))


def test_elements_are_of_the_text_whatever_it_holds() -> None:
    parsed = parse("ﬁ a\u0301 😀 \0 x\r\ny".encode("utf-16"), "a.txt")
    assert parsed.text == "ﬁ á 😀  x\ny"
    assert parsed.elements == (Element("paragraph", 0, len(parsed.text)),)
