"""Make documents of records: the rows of a table, the objects of an API. Equal records make equal texts, anywhere."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from resources.foundation.errors import Misconfigured

LONGEST_PATH = 1000  # characters; paths are indexed

# Two changes within the resolution of a clock leave the same time, and clocks go wrong: a younger time proves nothing.
UNTRUSTED_AGE = timedelta(seconds=60)
_ZONES_DIFFER_BY = timedelta(minutes=15)
_FURTHEST_ZONE = timedelta(hours=15)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_KEY_TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (str, int, bool, float, Decimal, UUID, date, datetime, bytes)
}


def told(value: object) -> str:
    """A value as text: numbers and times in one form each, times with a zone in UTC, nothing as ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | bytearray | memoryview):
        return _text_of(bytes(value))
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=told)
    return str(value)


def path_of(key: Sequence[object], *, columns: Sequence[str]) -> str:
    """What a record is known by: its key, or the parts of it joined so that no two keys are the same path.

    Raises Misconfigured naming the columns for a key that is none.
    """
    parts = [told(part) for part in key]
    path = parts[0] if len(parts) == 1 else "/".join(p.replace("%", "%25").replace("/", "%2F") for p in parts)
    named = ", ".join(columns)
    if any(part == "" for part in parts):
        raise Misconfigured(f"the key {named} is empty in a row: a key column has a value in every row")
    if len(path) > LONGEST_PATH or _CONTROL.search(path):
        raise Misconfigured(f"the key {named} has a value that is no key: {path[:60]!r}")
    return path


def text_of(record: Mapping[str, object], columns: Sequence[str], *, title: str | None) -> str:
    """A record as Markdown: its title, then the text of each column, under the column's name where they are several."""
    parts = [f"# {' '.join(title.split())}"] if title else []
    for column in columns:
        words = told(record[column]).strip()
        if words:
            parts += [words] if len(columns) == 1 else [f"## {column}", words]
    return "\n\n".join(parts) + "\n" if parts else ""


def metadata_of(record: Mapping[str, object], columns: Sequence[str]) -> dict[str, str]:
    """What is kept beside the text; columns without a value are left out."""
    return {column: told(record[column]) for column in columns if record[column] is not None}


def revision_of(text: str, metadata: Mapping[str, str]) -> str:
    """A word that changes with the document: the SHA-256 of all of it."""
    return hashlib.sha256(
        json.dumps([text, dict(metadata)], sort_keys=True).encode("utf-8", "surrogatepass")
    ).hexdigest()


def packed_key(key: Sequence[object]) -> str:
    """A key as text that keeps the types of its parts, so that it can be asked for again."""
    return json.dumps([[type(part).__name__, part.hex() if isinstance(part, bytes) else told(part)] for part in key])


def unpacked_key(text: str) -> list[object]:
    """The key that was packed; parts of other types than the common ones come back as text."""
    return [_part(kind, words) for kind, words in json.loads(text)]


def is_young(changed: object, *, now: datetime) -> bool:
    """Whether a record changed so lately that the time of it does not prove that it is as it was.

    A time without a zone may be meant in any, and zones differ by whole quarters of an hour. A day alone is young until
    it is over everywhere. What is no time, such as a version number, is always trusted; but a number that counts
    seconds since 1970 (or milli-, microseconds) is a time.
    """
    at = _instant(changed)
    if at is None:
        return False
    if isinstance(at, datetime):
        if at.tzinfo and now.tzinfo:
            return now - at < UNTRUSTED_AGE
        age = now.replace(tzinfo=None) - at.replace(tzinfo=None)
        if age < -_FURTHEST_ZONE:
            return True
        return age < _FURTHEST_ZONE and (age + UNTRUSTED_AGE) % _ZONES_DIFFER_BY < 2 * UNTRUSTED_AGE
    return now.date() - at < timedelta(days=3)


def _instant(value: object) -> datetime | date | None:
    if isinstance(value, datetime | date):
        return value
    if isinstance(value, str):
        for kind in (date, datetime):
            try:
                return kind.fromisoformat(value.strip())
            except ValueError:
                continue
        return None
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        for unit in (1, 1000, 1_000_000):
            seconds = float(value) / unit
            if 1e9 <= seconds < 4e9:  # 2001 to 2096
                return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return None


def _part(kind: str, words: str) -> object:
    if kind == "bytes":
        return bytes.fromhex(words)
    if kind == "bool":
        return words == "true"
    if kind in ("date", "datetime"):
        return (date if kind == "date" else datetime).fromisoformat(words)
    return _KEY_TYPES.get(kind, str)(words)


def _text_of(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.hex()
