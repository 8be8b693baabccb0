"""Make one text with its elements of a file's bytes, whatever the format. Pure; heavy readers are imported when needed.

Run it in a bounded worker (resources.knowledge.readers.workers), never on untrusted bytes in a process that matters.

Which reader reads what was decided by measuring on real files of each format:

- Own scanners for text, Markdown, reStructuredText and kin: same structure as unstructured, 100 times faster, and the
  offsets point into the original.
- pypdfium2 for PDF: unstructured's needs PyTorch.
- unstructured for Word, PowerPoint and Outlook, with what it leaves out (table rows, equations, text boxes, notes,
  comments, charts, mail headers) added.
- Own lean readers for HTML and mail (unstructured loses the text of deeply nested pages, and the headers), for
  spreadsheets and CSV (it runs the cells of a table together; a UTF-16 CSV fails), for OpenDocument, EPUB and RTF (it
  needs pandoc there) and for Word 97 (it needs LibreOffice).

Archives and mailboxes give their table of contents here; their members become documents of their own (members.py).
Which happens is said by the parser's name: "eml" reads a message and leaves attachments to be unpacked, "eml_whole"
reads it with the texts attached to it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from resources.knowledge.readers import reading_plain
from resources.knowledge.readers.assembling import Reading
from resources.knowledge.readers.decoding import is_text
from resources.knowledge.readers.recognising import sniffed_type
from resources.knowledge.readers.recognising_languages import language_of
from resources.knowledge.readers.refusing import (
    Damaged,
    EmptyExtraction,
    NeedsOcr,
    ParseError,
    TooDeep,
    TooLarge,
    TypeMismatch,
    UnsupportedEncrypted,
    UnsupportedFormat,
)
from resources.knowledge.records import Parsed

__all__ = [
    "DEFAULT_FILE_TYPES",
    "PARSERS",
    "Damaged",
    "EmptyExtraction",
    "FileType",
    "NeedsOcr",
    "ParseError",
    "TooDeep",
    "TooLarge",
    "TypeMismatch",
    "UnsupportedEncrypted",
    "UnsupportedFormat",
    "choose",
    "parse",
]

VERSION = "2"
Parser = Callable[[bytes], Reading]


@dataclass(frozen=True)
class FileType:
    """A kind of file: how it is known, and by which parsers it can be read, the preferred one first."""

    name: str
    category: str
    mime_types: tuple[str, ...]
    extensions: tuple[str, ...]
    parsers: tuple[str, ...]


def _late(module: str, name: str) -> Parser:
    """A parser whose module is imported at its first use."""

    def read(data: bytes) -> Reading:
        parser: Parser = getattr(importlib.import_module(f"resources.knowledge.readers.{module}"), name)
        return parser(data)

    return read


PARSERS: dict[str, Parser] = {
    "text": reading_plain.read_text,
    "markdown": reading_plain.read_markdown,
    "rest": reading_plain.read_rest,
    "asciidoc": reading_plain.read_asciidoc,
    "org": reading_plain.read_org,
    "tex": reading_plain.read_tex,
    "vtt": _late("reading_records", "read_vtt"),
    "json": _late("reading_records", "read_json"),
    "jsonl": _late("reading_records", "read_jsonl"),
    "csv": _late("reading_tables", "read_csv"),
    "xlsx": _late("reading_tables", "read_xlsx"),
    "xls": _late("reading_tables", "read_xls"),
    "html": _late("reading_markup", "read_html"),
    "article": _late("reading_articles", "read_article"),
    "xml": _late("reading_markup", "read_xml"),
    "epub": _late("reading_markup", "read_epub"),
    "opendocument": _late("reading_opendocument", "read_opendocument"),
    "rtf": _late("reading_rich_text", "read_rtf"),
    "pdf": _late("reading_pages", "read_pdf"),
    "doc": _late("reading_old_word", "read_doc"),
    "docx": _late("reading_office", "read_docx"),
    "pptx": _late("reading_office", "read_pptx"),
    "eml": _late("reading_mail", "read_eml"),
    "eml_whole": _late("reading_mail", "read_eml_whole"),
    "mbox": _late("reading_mail", "read_mbox"),
    "mbox_whole": _late("reading_mail", "read_mbox_whole"),
    "msg": _late("reading_mail", "read_msg"),
    "zip": _late("reading_archives", "read_zip"),
    "tar": _late("reading_archives", "read_tar"),
    "image": _late("reading_scans", "read_image"),
}

# What reads pictures as well, of the parsers that may meet some.
_BY_OCR: dict[str, Parser] = {
    "pdf": _late("reading_pages", "read_pdf_by_ocr"),
    "image": _late("reading_scans", "read_image_by_ocr"),
}

_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_TAR_MEDIA_TYPES = ("application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz")
_IMAGE_MEDIA_TYPES = ("image/png", "image/jpeg", "image/tiff", "image/webp", "image/gif")

DEFAULT_FILE_TYPES: tuple[FileType, ...] = (
    FileType("text", "text", ("text/plain",), ("txt", "text", "log"), ("text",)),
    FileType("markdown", "text", ("text/markdown", "text/x-markdown"), ("md", "markdown", "mdx"), ("markdown", "text")),
    FileType("rest", "text", ("text/x-rst",), ("rst", "rest"), ("rest", "text")),
    FileType("asciidoc", "text", ("text/asciidoc",), ("adoc", "asciidoc"), ("asciidoc", "text")),
    FileType("org", "text", ("text/org",), ("org",), ("org", "text")),
    FileType("tex", "text", ("application/x-tex", "text/x-tex"), ("tex", "latex"), ("tex", "text")),
    FileType("vtt", "text", ("text/vtt", "application/x-subrip"), ("vtt", "srt"), ("vtt", "text")),
    FileType(
        "html", "web", ("text/html", "application/xhtml+xml"), ("html", "htm", "xhtml"), ("html", "article", "text")
    ),
    FileType("xml", "web", ("application/xml", "text/xml", "image/svg+xml"), ("xml", "svg"), ("xml", "text")),
    FileType("epub", "document", ("application/epub+zip",), ("epub",), ("epub",)),
    FileType("pdf", "document", ("application/pdf",), ("pdf",), ("pdf",)),
    FileType("docx", "document", (f"{_OOXML}wordprocessingml.document",), ("docx", "docm", "dotx"), ("docx",)),
    FileType("doc", "document", ("application/msword",), ("doc", "dot"), ("doc",)),
    FileType("odt", "document", (f"{_ODF}text",), ("odt", "ott", "fodt"), ("opendocument",)),
    FileType("rtf", "document", ("application/rtf", "text/rtf"), ("rtf",), ("rtf",)),
    FileType("pptx", "presentation", (f"{_OOXML}presentationml.presentation",), ("pptx", "pptm", "ppsx"), ("pptx",)),
    FileType("odp", "presentation", (f"{_ODF}presentation",), ("odp",), ("opendocument",)),
    FileType("csv", "spreadsheet", ("text/csv", "text/tab-separated-values"), ("csv", "tsv", "tab"), ("csv", "text")),
    FileType("xlsx", "spreadsheet", (f"{_OOXML}spreadsheetml.sheet",), ("xlsx", "xlsm", "xltx"), ("xlsx",)),
    FileType("xls", "spreadsheet", ("application/vnd.ms-excel",), ("xls",), ("xls",)),
    FileType("ods", "spreadsheet", (f"{_ODF}spreadsheet",), ("ods",), ("opendocument",)),
    FileType("json", "records", ("application/json",), ("json", "geojson"), ("json", "text")),
    FileType("jsonl", "records", ("application/x-ndjson",), ("jsonl", "ndjson"), ("jsonl", "text")),
    FileType("eml", "mail", ("message/rfc822",), ("eml",), ("eml", "eml_whole", "text")),
    FileType("mbox", "mail", ("application/mbox",), ("mbox",), ("mbox", "mbox_whole", "text")),
    FileType("msg", "mail", ("application/vnd.ms-outlook",), ("msg",), ("msg",)),
    FileType("zip", "container", ("application/zip", "application/x-zip-compressed"), ("zip",), ("zip",)),
    FileType("tar", "container", _TAR_MEDIA_TYPES, ("tar", "tgz", "tbz2", "txz", "gz", "bz2", "xz"), ("tar",)),
    FileType("image", "image", _IMAGE_MEDIA_TYPES, ("png", "jpg", "jpeg", "tif", "tiff", "webp", "gif"), ("image",)),
)

_BINARY = {
    "pdf", "doc", "docx", "pptx", "xlsx", "xls", "odt", "ods", "odp", "epub", "msg", "rtf", "zip", "tar", "image",
}  # fmt: skip
_ARCHIVES = {"zip", "tar"}
# How much of a worker's life a parser takes: scanners of our own neither leak nor run foreign code, lxml hardly does.
_WEAR = {
    **dict.fromkeys(("text", "markdown", "rest", "asciidoc", "org", "tex", "vtt", "json", "jsonl", "csv"), 0.1),
    **dict.fromkeys(("zip", "tar", "eml", "mbox", "html", "xml"), 0.2),
}
_KIN = ({"xls", "xlsx"}, {"odt", "ods", "odp"})


def parse(
    data: bytes,
    *,
    media_type: str,
    filename: str,
    parser: str | None = None,
    by_ocr: bool = False,
    tells_language: bool = True,
) -> Parsed:
    """Read a file's bytes into one text and its elements (`text[start:end]`, in order, not overlapping).

    `parser` names one of PARSERS; without it the file type decides. `by_ocr`: read pictures of text, too, which takes
    seconds for each page and the extra `ocr`. Raises a ParseError, whose `outcome` is one of empty_extraction,
    unsupported_encrypted, unsupported_format, type_mismatch, damaged, too_large, needs_ocr. A library's own error can
    pass through, which means damaged input, too.
    """
    name = parser or choose(filename, media_type, data, DEFAULT_FILE_TYPES).parsers[0]
    if name not in PARSERS:
        raise UnsupportedFormat(f"no parser is named {name!r}; there are {', '.join(PARSERS)}")
    read = _BY_OCR.get(name, PARSERS[name]) if by_ocr else PARSERS[name]
    reading = read(data)
    if not reading.text.strip():
        raise EmptyExtraction(f"{filename}: the {name} parser found no text")
    return Parsed(
        text=reading.text,
        elements=reading.elements,
        parser=name,
        parser_version=f"{VERSION} ({reading.library})" if reading.library else VERSION,
        title=_one_line(reading.title),
        language=language_of(reading.text) if tells_language else None,
        pictured_pages=reading.pictured_pages,
    )


def choose(filename: str, media_type: str, data: bytes, file_types: Sequence[FileType]) -> FileType:
    """The type of a file: by its extension, then its media type, then what its first bytes show.

    Raises TypeMismatch where name and content are of different kinds, UnsupportedEncrypted, EmptyExtraction for no
    bytes at all, and UnsupportedFormat where no type fits.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise EmptyExtraction(f"{filename}: there is nothing in this file")
    content = sniffed_type(data)
    by_name = {file_type.name: file_type for file_type in file_types}
    stated = _stated_type(filename, media_type, file_types)
    if content == "encrypted":
        raise UnsupportedEncrypted(f"{filename} is encrypted: save it without a password")
    if stated is None:
        return _type_by_content(filename, data, content, by_name)
    kind = stated.parsers[0] if stated.parsers[0] in _BINARY else stated.name
    if content == "ole" or (content == "zip" and kind in _BINARY - _ARCHIVES):
        if kind in _BINARY:
            raise Damaged(f"{filename} lacks the parts that a {stated.name} file must have")
        raise TypeMismatch(f"{filename} is named like {stated.name}, but its content is no text")
    if content in _BINARY and content != kind and not any({content, kind} <= kin for kin in _KIN):
        raise TypeMismatch(f"{filename} is named like {stated.name}, but its content is {content}: rename it")
    if content is not None and content != kind and content in by_name and kind in _BINARY:
        return by_name[content]
    if kind in _BINARY and content is None:
        raise Damaged(f"{filename} is named like {stated.name}, but does not begin like one")
    if kind not in _BINARY and (content == "archive" or not is_text(data)):
        raise TypeMismatch(f"{filename} is named like {stated.name}, but its content is no text")
    return stated


def wear(filename: str, parser: str | None) -> float:
    """How much reading a file of this name wears a worker out; 1 for the libraries that leak."""
    stated = _stated_type(filename, "", DEFAULT_FILE_TYPES)
    return _WEAR.get(parser or (stated.parsers[0] if stated else ""), 1.0)


def _stated_type(filename: str, media_type: str, file_types: Sequence[FileType]) -> FileType | None:
    extension = PurePosixPath(filename.lower().rstrip(". ")).suffix.lstrip(".")
    kind = media_type.partition(";")[0].strip().lower()
    by_extension = (t for t in file_types if extension and extension in t.extensions)
    by_media_type = (t for t in file_types if kind in t.mime_types and (kind != "text/plain" or not extension))
    return next(by_extension, None) or next(by_media_type, None)


def _type_by_content(filename: str, data: bytes, content: str | None, by_name: dict[str, FileType]) -> FileType:
    is_named_otherwise = bool(PurePosixPath(filename).suffix)
    if content in by_name and not (content in _ARCHIVES and is_named_otherwise):  # many kinds of file are zips inside
        return by_name[content]
    if content is None and not is_named_otherwise and is_text(data) and "text" in by_name:
        return by_name["text"]
    extension = PurePosixPath(filename).suffix or "without extension"
    what = f" ({content})" if content else ""
    raise UnsupportedFormat(f"{filename}: files of this kind{what} are not read: {extension}")


def _one_line(title: str | None) -> str | None:
    return " ".join(title.split())[:500] or None if title else None
