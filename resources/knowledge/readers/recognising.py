"""Recognise what bytes are. Pure."""

from __future__ import annotations

import io
import re
import zipfile

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
