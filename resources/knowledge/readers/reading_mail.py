"""Read mail: headers that matter and the body, HTML where there is no plain text; find what is attached. Pure.

Messages are read with the standard library, which keeps the headers that unstructured leaves out; Outlook's through
unstructured.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.parser import BytesParser
from hashlib import sha256
from pathlib import PurePosixPath

from resources.knowledge.readers.assembling import Draft, Reading
from resources.knowledge.readers.decoding import decode
from resources.knowledge.readers.reading_markup import add_page
from resources.knowledge.readers.reading_plain import read_text

_HEADERS = ("Subject", "From", "To", "Cc", "Date")
_LISTED_HEADERS = ("From", "Date")
_MAIL_BEGINS = re.compile(rb"^From .*\r?\n(?=[A-Za-z-]+:)", re.MULTILINE)
_QUOTED_FROM = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_HEAD_BYTES = 64 << 10
_LONGEST_SUBJECT = 80
_SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
_PARTS_OF_A_PAGE = ("text", "image", "multipart")


def read_eml(data: bytes) -> Reading:
    """One message, without what is attached, which is named; the title is its subject."""
    draft = Draft()
    subject = _add_message(draft, data, is_whole=False)
    return draft.reading(title=subject)


def read_eml_whole(data: bytes) -> Reading:
    """One message with the texts attached to it."""
    draft = Draft()
    subject = _add_message(draft, data, is_whole=True)
    return draft.reading(title=subject)


def read_mbox(data: bytes) -> Reading:
    """The subjects of a mailbox, with sender and date; its messages are documents of their own."""
    draft = Draft()
    for message in messages(data):
        head = _parsed(message[:_HEAD_BYTES])
        words = [_header(head, "Subject") or "(no subject)", *(_header(head, name) for name in _LISTED_HEADERS)]
        draft.add("list_item", ", ".join(filter(None, words)))
    return draft.reading()


def read_mbox_whole(data: bytes) -> Reading:
    """A mailbox as one document: each message under its subject as heading."""
    draft = Draft()
    for message in messages(data):
        _add_message(draft, message, is_whole=True, is_one_of_many=True)
    return draft.reading()


def read_msg(data: bytes) -> Reading:
    """An Outlook message, read by unstructured."""
    from resources.knowledge.readers.reading_office import read_outlook

    return read_outlook(data)


def messages(data: bytes) -> Iterator[bytes]:
    """The messages of a mailbox (RFC 4155), lines that begin with From freed of their mark."""
    begins = list(_MAIL_BEGINS.finditer(data))
    starts = [match.end() for match in begins] or [0]
    ends = [*[match.start() for match in begins[1:]], len(data)]
    for start, end in zip(starts, ends, strict=True):
        yield _QUOTED_FROM.sub(b"", data[start:end].rstrip(b"\r\n") + b"\n")


def message_name(data: bytes) -> str:
    """Subject and a digest of the Message-ID, or else of the message: the same wherever in the mailbox it stands."""
    head = _parsed(data[:_HEAD_BYTES])
    identity = (_header(head, "Message-ID") or "").encode("utf-8", "replace") or data
    subject = " ".join(re.sub(r"[^\w .,()+-]", " ", _header(head, "Subject") or "").split())
    return f"{subject[:_LONGEST_SUBJECT].strip(' .') or 'message'} {sha256(identity).hexdigest()[:8]}.eml"


def attachments(data: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes and media type of what is attached to a message; pictures of its page and signatures are not."""
    for part in _parts(_parsed(data)):
        if not _is_attached(part) or part.get_content_type() in _SIGNATURES:
            continue
        if part.get_content_type() == "message/rfc822":
            inner = _attached_message(part)
            yield message_name(inner), inner, "message/rfc822"
        else:
            yield _attachment_name(part), _bytes(part), part.get_content_type()


def _parsed(data: bytes) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(data)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The leaves of a message in order, an attached message being one."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting += reversed([inner for inner in part.iter_parts() if isinstance(inner, EmailMessage)])
        else:
            yield part


def _is_attached(part: EmailMessage) -> bool:
    is_of_the_page = part.get_content_maintype() in _PARTS_OF_A_PAGE
    return (
        part.is_attachment()
        or part.get_content_type() == "message/rfc822"
        or bool(not is_of_the_page and part.get_filename())
    )


def _attached_message(part: EmailMessage) -> bytes:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    try:
        return inner.as_bytes() if isinstance(inner, Message) else b""
    except (UnicodeError, LookupError, ValueError, AttributeError, TypeError):
        return str(inner).encode("utf-8", "replace")


def _attachment_name(part: EmailMessage) -> str:
    name = PurePosixPath((part.get_filename() or "").replace("\\", "/")).name
    return name or f"attachment-{sha256(_bytes(part)).hexdigest()[:8]}"


def _add_message(draft: Draft, data: bytes, *, is_whole: bool, is_one_of_many: bool = False) -> str | None:
    message = _parsed(data)
    subject = _header(message, "Subject")
    if is_one_of_many and subject:
        draft.add("heading", subject, level=1)
    lines = (f"{name}: {words}" for name in _HEADERS if (words := _header(message, name)))
    draft.add("paragraph", "\n".join(lines))
    seen_plain = False
    for part in _parts(message):
        kind = part.get_content_type()
        if _is_attached(part):
            _add_attachment(draft, part, is_whole=is_whole)
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


def _add_attachment(draft: Draft, part: EmailMessage, *, is_whole: bool) -> None:
    kind = part.get_content_type()
    if kind in _SIGNATURES:
        return
    if kind == "message/rfc822":
        inner = _attached_message(part)
        draft.add("paragraph", f"Attachment: {message_name(inner)}")
        if is_whole:
            _add_plain_message(draft, inner)
        return
    draft.add("paragraph", f"Attachment: {_attachment_name(part)}")
    if is_whole and kind == "text/html":
        add_page(draft, _bytes(part))
    elif is_whole and kind.startswith("text/"):
        _add_plain(draft, part)


def _add_plain_message(draft: Draft, data: bytes) -> None:
    """The texts of an attached message, but not of those attached to it."""
    for part in _parts(_parsed(data)):
        if not _is_attached(part) and part.get_content_maintype() == "text":
            _add_plain(draft, part) if part.get_content_type() != "text/html" else add_page(draft, _bytes(part))
