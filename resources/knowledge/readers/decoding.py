"""Turn bytes into clean text: encoding found, line ends equal, nothing in it that a database would refuse. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

from resources.knowledge.readers.recognising_languages import language_of

_MARKS = (  # the longer mark first: that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 65_536
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xed[\xa0-\xbf][\x80-\xbf]|\xe0[\x80-\x9f][\x80-\xbf]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CENTRAL_EUROPEAN = frozenset({"bs", "cs", "hr", "hu", "pl", "ro", "sk", "sl", "sq", "sr"})
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
    if _OVERLONG.search(sample) and _is_utf8(_OVERLONG.sub(b"", sample)):
        return "utf-8"
    lenient = sample.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    foreign = sum(1 for character in lenient if character > "\x7f") - broken
    if foreign > broken:
        return "utf-8"  # UTF-8 with some damage
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        return "cp1252" if broken * 2 < len(sample) else "utf-8"
    if "cp1252" in best.could_be_from_charset or (best.encoding == "cp1250" and not _is_central_european(sample)):
        return "cp1252"
    return best.encoding


def _is_utf8(sample: bytes) -> bool:
    """Whether these bytes are UTF-8, but for a character cut off at their end."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _is_central_european(sample: bytes) -> bool:
    """Code pages 1250 and 1252 share most letters, and statistics of characters confuse them."""
    return language_of(sample.decode("cp1250", "replace")) in _CENTRAL_EUROPEAN
