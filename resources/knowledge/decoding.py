"""Turn bytes into clean text: encoding found, line ends equal, nothing in it that a database would refuse. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

_MARKS = (  # the longer mark first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 65_536
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x7f]")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """The text of these bytes, cleaned: by byte order mark, `declared` charset, UTF-8, or else by its statistics.

    Bytes that fit no encoding become U+FFFD; this never raises.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return clean(data.decode(encoding, "replace"))
    if declared and (text := _declared_text(data, declared)) is not None:
        return clean(text)
    if (wide := _unmarked_wide_encoding(data)) is not None:
        return clean(data.decode(wide, "replace"))
    try:
        return clean(data.decode("utf-8"))
    except UnicodeDecodeError:
        return clean(data.decode(_guessed_encoding(data), "replace"))


def clean(text: str) -> str:
    """Line ends as \\n, no NUL, no lone surrogate, Unicode form NFC."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_text(data: bytes) -> bool:
    """Whether these bytes look like text in some encoding: hardly any control characters once decoded."""
    sample = data[:4096]
    if sample.startswith(tuple(mark for mark, _ in _MARKS)) or _unmarked_wide_encoding(sample) is not None:
        return True
    return len(_CONTROLS.findall(sample.decode("latin-1"))) * 20 <= len(sample)


def _declared_text(data: bytes, declared: str) -> str | None:
    try:
        return data.decode(codecs.lookup(declared).name)
    except (LookupError, UnicodeError, ValueError):
        return None


def _unmarked_wide_encoding(data: bytes) -> str | None:
    """UTF-16 without its mark shows as zeros in every second byte of mostly Latin text."""
    sample = data[:_SAMPLE_BYTES]
    if len(sample) < 4 or sample.count(0) * 5 < len(sample):
        return None
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), len(sample) / 2
    if odd > half * 0.4 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _guessed_encoding(data: bytes) -> str:
    sample = data[:_SAMPLE_BYTES]
    lenient = sample.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    foreign = sum(1 for character in lenient if character > "\x7f") - broken
    if foreign > broken:
        return "utf-8"  # UTF-8 with some damage
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        return "cp1252" if broken * 2 < len(sample) else "utf-8"
    return "cp1252" if "cp1252" in best.could_be_from_charset else best.encoding
