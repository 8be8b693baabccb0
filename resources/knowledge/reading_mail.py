"""Read mail: headers that matter, the body (HTML where there is no plain text), text attachments. Pure.

Messages are read with the standard library, which keeps the headers that unstructured leaves out; Outlook's through
unstructured.
"""

from __future__ import annotations

import email.policy
import re
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import PurePosixPath

from resources.knowledge.assembling import Draft, Reading
from resources.knowledge.decoding import decode
from resources.knowledge.reading_markup import add_page
from resources.knowledge.reading_plain import read_text

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_MAIL_BEGINS = re.compile(rb"^From .*\r?\n(?=[A-Za-z-]+:)", re.MULTILINE)


def read_eml(data: bytes) -> Reading:
    """One message; the title is its subject."""
    draft = Draft()
    subject = _add_message(draft, data)
    return draft.reading(title=subject)


def read_mbox(data: bytes) -> Reading:
    """A mailbox: each message under its subject as heading."""
    draft = Draft()
    starts = [match.end() for match in _MAIL_BEGINS.finditer(data)] or [0]
    ends = [*[match.start() for match in _MAIL_BEGINS.finditer(data)][1:], len(data)]
    for start, end in zip(starts, ends, strict=True):
        _add_message(draft, data[start:end], is_one_of_many=True)
    return draft.reading()


def read_msg(data: bytes) -> Reading:
    """An Outlook message, read by unstructured."""
    from resources.knowledge.reading_office import read_outlook

    return read_outlook(data)


def _add_message(draft: Draft, data: bytes, *, is_one_of_many: bool = False) -> str | None:
    message = BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(data)
    subject = _header(message, "Subject")
    if is_one_of_many and subject:
        draft.add("heading", subject, level=1)
    lines = (f"{name}: {words}" for name in _HEADERS if (words := _header(message, name)))
    draft.add("paragraph", "\n".join(lines))
    seen_plain = False
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, is_attached = part.get_content_type(), part.is_attachment()
        if is_attached:
            _add_attachment(draft, part, kind)
        elif kind == "text/html" and not seen_plain:
            add_page(draft, _bytes(part))
        elif kind.startswith("text/") and kind != "text/html":
            seen_plain = _add_plain(draft, part) or seen_plain
    return subject


def _header(message: EmailMessage, name: str) -> str | None:
    """A header's words; the raw ones where the standard library cannot make sense of them."""
    try:
        value = message.get(name)
        return " ".join(str(value).split()) if value is not None else None
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), None)
        return " ".join(str(raw).split()) if raw is not None else None


def _bytes(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _add_plain(draft: Draft, part: EmailMessage) -> bool:
    text = decode(_bytes(part), declared=part.get_content_charset())
    reading = read_text(text.encode("utf-8"))
    for element in reading.elements:
        draft.add("paragraph", reading.text[element.start : element.end])
    return bool(reading.elements)


def _add_attachment(draft: Draft, part: EmailMessage, kind: str) -> None:
    name = PurePosixPath(part.get_filename() or "unnamed").name
    draft.add("paragraph", f"Attachment: {name}")
    if kind == "text/html":
        add_page(draft, _bytes(part))
    elif kind.startswith("text/"):
        _add_plain(draft, part)
