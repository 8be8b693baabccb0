"""Recognise what bytes are and in which language a text is written. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from functools import lru_cache
from typing import Any

from resources.knowledge.readers.decoding import is_text

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_TARS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"\x1f\x9d", b"ITSF")
_MOST_DIRECTORY_BYTES = 4 << 20
_END_OF_ZIP, _LONGEST_ZIP_COMMENT = b"PK\x05\x06", 1 << 16
_ZIP_MEMBERS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_ZIP_MIME_TYPES = (
    (b"application/epub+zip", "epub"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
)
_OLE_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
)
_HTML = re.compile(
    rb"\A(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MAIL = re.compile(rb"\A(?:[A-Za-z][\w-]*:.*\r?\n(?:[ \t].*\r?\n)*)*(?:From|Message-ID|MIME-Version):", re.IGNORECASE)

_SAMPLE = 3_000
_LONG_SAMPLE = 24_000
_FEWEST_LETTERS = 8
_LEAST_CONFIDENCE = 0.6
_FEWEST_ENGLISH_WORDS = 15
_LETTERS = re.compile(r"[^\W\d_]")
_ENGLISH = frozenset("the of and to in is that for it with as are be this on by or an not from".split())  # noqa: SIM905
_WORDS = re.compile(r"[a-z]+")


def sniffed_type(data: bytes) -> str | None:
    """The kind of file that its content shows: a file type's name, "encrypted", "ole", "archive" (no reader)."""
    head = data[:1024]
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(data)
    if head.startswith(_OLE):
        return _kind_of_ole(data)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    if head.startswith(_TARS) or data[257:262] == b"ustar":
        return "tar"
    if head.startswith(_ARCHIVES):
        return "archive"
    if b"%PDF-" in head and _is_pdf(data):  # an archive of PDFs is none
        return "pdf"
    return _kind_of_text(head.removeprefix(b"\xef\xbb\xbf").lstrip())


def _is_pdf(data: bytes) -> bool:
    """Something may stand before its mark; but a text that tells of PDF files is none."""
    return data[:1024].lstrip().startswith(b"%PDF-") or b"%%EOF" in data[-1024:] or not is_text(data)


def _kind_of_text(head: bytes) -> str | None:
    if _HTML.match(head):
        return "html"
    if head.startswith(b"<?xml"):
        return "xml"
    if head.startswith(b"From ") and b"\nFrom:" in head:
        return "mbox"
    return "eml" if _MAIL.match(head) else None


def _kind_of_zip(data: bytes) -> str:
    if _directory_bytes(data) > _MOST_DIRECTORY_BYTES:
        return "zip"  # its directory alone would keep this process busy; a worker refuses it
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            names = container.namelist()
            kind = container.open("mimetype").read(200) if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        return "zip"
    for prefix, name in _ZIP_MIME_TYPES:
        if kind.startswith(prefix):
            return name
    if "[Content_Types].xml" not in names:
        return "zip"
    return next((name for prefix, name in _ZIP_MEMBERS if any(n.startswith(prefix) for n in names)), "zip")


def _directory_bytes(data: bytes) -> int:
    """What a zip says of the length of its directory (APPNOTE 4.3.16)."""
    end = data.rfind(_END_OF_ZIP, max(0, len(data) - _LONGEST_ZIP_COMMENT - 22))
    return int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0


def _kind_of_ole(data: bytes) -> str:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return next((kind for stream, kind in _OLE_STREAMS if container.exists(stream)), "ole")
    except (OSError, ValueError, IndexError):
        return "ole"


def language_of(text: str) -> str | None:
    """The language of a text's first 3,000 characters, else of its middle (after lists), ISO 639-1; None if unclear.

    It cannot be told from fewer than 8 letters, nor when the model (py3langid, calibrated) gives less than 0.6.
    Text full of English function words is taken for English without the model, which takes 0.8 s to load; so is a text
    that begins with some (among tables or code) and goes on with many.
    """
    if _has_english(text[:_SAMPLE]) and _is_plainly_english(text[:_LONG_SAMPLE]):
        return "en"
    language = _language_of_sample(text[:_SAMPLE])
    middle = len(text) // 2
    return language or (_language_of_sample(text[middle : middle + _SAMPLE]) if middle > _SAMPLE else None)


def _language_of_sample(sample: str) -> str | None:
    if len(_LETTERS.findall(sample)) < _FEWEST_LETTERS:
        return None
    if _is_plainly_english(sample):
        return "en"
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= _LEAST_CONFIDENCE and len(language) == 2 else None


def _has_english(sample: str) -> bool:
    words = _WORDS.findall(sample.lower())
    return words.count("the") * 200 >= len(words) > 0 and sum(word in _ENGLISH for word in words) * 10 >= len(words)


def _is_plainly_english(sample: str) -> bool:
    foreign = 0 if sample.isascii() else len(sample) - len(sample.encode("ascii", "ignore"))
    words = _WORDS.findall(sample.lower()) if foreign * 50 <= len(sample) else []
    return (
        len(words) >= _FEWEST_ENGLISH_WORDS
        and words.count("the") * 50 >= len(words)
        and sum(word in _ENGLISH for word in words) * (7 if len(words) >= 40 else 5) >= len(words)
    )


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
