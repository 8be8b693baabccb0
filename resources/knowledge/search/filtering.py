"""What a search may see: filters of documents, read from JSON into a typed tree. Pure: no SQL is made of them.

    {"tags": ["policy", "hr"], "languages": "en", "since": "2026-01-01",
     "fields": {"team": {"in": ["mill", "shop"]}, "pages": {"lte": 20}, "draft": {"exists": false}},
     "or": [{"paths": "reports/**"}, {"not": {"sources": "archive"}}]}

All keys of an object hold together; several values of one key are alternatives. What a document does not say is never
equal, less or more; `ne` is the opposite of `eq`, and so it holds there. Words are compared as they are written, in the
order of Unicode, but for `contains`, which takes upper and lower case for one. A number, or a day or instant of
ISO 8601 that is to be less or more, is compared as such with what the field says; {"date": "2026-01-31"} says so where
it is to be equal. Instants without a zone are UTC's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from resources.foundation.errors import Refused
from resources.knowledge import choosing

MOST_CONDITIONS = 50
MOST_DEPTH = 5
MOST_VALUES = 100
LONGEST_TEXT = 1024
LONGEST_PATTERN = 200
MOST_WILDCARDS = 20
# Beyond it numbers are no measures of anything, and their digits would only cost.
LARGEST_NUMBER = 10**30

Name = Literal["source", "tag", "file_type", "language"]
Kind = Literal["text", "number", "date"]
Test = Literal["in", "contains", "lt", "lte", "gt", "gte"]
Value = str | int | float | datetime


@dataclass(frozen=True)
class Named:
    """Documents of one of these sources, tags or kinds of file, by name or id, or in one of these languages."""

    what: Name
    values: tuple[str, ...]


@dataclass(frozen=True)
class Located:
    """Documents whose path fits one of the patterns, as a source's `include`; `expression` says so to the database."""

    patterns: tuple[str, ...]
    expression: str


@dataclass(frozen=True)
class Since:
    """Documents whose own date is not before this instant: when their source changed them, else when they arrived."""

    at: datetime


@dataclass(frozen=True)
class Before:
    """Documents whose own date lies before this instant."""

    at: datetime


@dataclass(frozen=True)
class Field:
    """Documents whose own field says something, or anything where there is no test. `values`: several only for `in`."""

    name: str
    kind: Kind = "text"
    test: Test | None = None
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class AllOf:
    """Documents that all of the parts let through."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class AnyOf:
    """Documents that one of the parts lets through."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class NoneOf:
    """Documents that the part does not let through."""

    part: Part


@dataclass(frozen=True)
class Kept:
    """A part as it was logged once, in the words of knowledge.matching_documents."""

    wanted: Mapping[str, object]


Part = Named | Located | Since | Before | Field | AllOf | AnyOf | NoneOf | Kept


@dataclass(frozen=True)
class Filter:
    """Which documents a search may see. `part` None: all that it could see without."""

    part: Part | None = None

    def __and__(self, other: Filter) -> Filter:
        """The documents that both let through."""
        parts = tuple(one.part for one in (self, other) if one.part is not None)
        return Filter(parts[0] if len(parts) == 1 else AllOf(parts)) if parts else Filter()

    def names(self, what: Name) -> list[str]:
        """The sources, tags, kinds of file or languages that it names anywhere, each once."""
        named = [part for part in _leaves(self.part) if isinstance(part, Named) and part.what == what]
        return list(dict.fromkeys(name for part in named for name in part.values))

    @property
    def wanted(self) -> Mapping[str, object] | None:
        """The filter as JSON for knowledge.matching_documents; None for none."""
        return None if self.part is None else _wanted(self.part)


EVERYTHING = Filter()


def parsed(value: object) -> Filter:
    """The filter that a value from JSON says. Raises Refused with the path of what is wrong."""
    if value is None:
        return EVERYTHING
    reading = _Reading()
    return Filter(reading.part(value, "filter", 1))


def kept(wanted: Mapping[str, object] | None) -> Filter:
    """The filter whose `wanted` was logged."""
    return EVERYTHING if wanted is None else Filter(Kept(wanted))


def of_file_types(names: Sequence[str]) -> Filter:
    """Documents of these kinds, by name or id; all of them where none are named."""
    return Filter(Named("file_type", tuple(names))) if names else EVERYTHING


class _Reading:
    """One reading of a filter, which counts its conditions."""

    def __init__(self) -> None:
        self.conditions = 0

    def part(self, value: object, path: str, depth: int) -> Part | None:
        """What an object says; None for an empty one."""
        if not isinstance(value, Mapping):
            raise Refused(f"{path}: must be an object, such as {{'tags': ['policy']}}")
        if depth > MOST_DEPTH:
            raise Refused(f"{path}: filters are at most {MOST_DEPTH} deep")
        parts: list[Part] = []
        for key, inner in value.items():
            read = _KEYS.get(key) if isinstance(key, str) else None
            if read is None:
                raise Refused(f"{path}.{_shown(key)}: no such key; there are {', '.join(_KEYS)}")
            parts += read(self, inner, f"{path}.{key}", depth)
        # what narrows most at least cost comes first
        parts.sort(key=lambda part: _COSTS[type(part)])
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts)) if parts else None

    def parts(self, value: object, path: str, depth: int) -> tuple[Part, ...]:
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_CONDITIONS:
            raise Refused(f"{path}: must be a list of 1 to {MOST_CONDITIONS} filters")
        read = [self.part(inner, f"{path}[{number}]", depth + 1) for number, inner in enumerate(value)]
        if None in read:
            raise Refused(f"{path}[{read.index(None)}]: is empty, and would let everything through")
        return tuple(part for part in read if part is not None)

    def count(self, parts: Sequence[Part], path: str) -> list[Part]:
        self.conditions += len(parts)
        if self.conditions > MOST_CONDITIONS:
            raise Refused(f"{path}: a filter has at most {MOST_CONDITIONS} conditions")
        return list(parts)


_Reader = Callable[[_Reading, object, str, int], list[Part]]


def _named(what: Name) -> _Reader:
    def read(reading: _Reading, value: object, path: str, _depth: int) -> list[Part]:
        return reading.count([Named(what, tuple(_SPELLED[what](name) for name in _texts(value, path)))], path)

    return read


def _paths(reading: _Reading, value: object, path: str, _depth: int) -> list[Part]:
    patterns = _texts(value, path)
    for pattern in patterns:
        if len(pattern) > LONGEST_PATTERN or len(re.findall(r"[*?\[]", pattern)) > MOST_WILDCARDS:
            raise Refused(f"{path}: a pattern has at most {LONGEST_PATTERN} characters and {MOST_WILDCARDS} wildcards")
        if not pattern.strip("/"):
            raise Refused(f"{path}: {pattern!r} names no path; such as 'reports/**' or '*.md'")
    expression = choosing.expression(patterns)
    try:
        re.compile(expression)
    except re.error:
        raise Refused(f"{path}: the pattern {_shown(patterns[0])} makes no sense") from None
    return reading.count([Located(patterns, expression)], path)


def _since(reading: _Reading, value: object, path: str, _depth: int) -> list[Part]:
    return reading.count([Since(_instant(value, path))], path)


def _until(reading: _Reading, value: object, path: str, _depth: int) -> list[Part]:
    """A day is meant to its end, an instant to itself."""
    step = timedelta(days=1) if isinstance(value, str) and len(value.strip()) == 10 else timedelta(microseconds=1)
    try:
        return reading.count([Before(_instant(value, path) + step)], path)
    except OverflowError:
        raise Refused(f"{path}: {_shown(value)} is too late for a date") from None


def _all(reading: _Reading, value: object, path: str, depth: int) -> list[Part]:
    return list(reading.parts(value, path, depth))


def _any(reading: _Reading, value: object, path: str, depth: int) -> list[Part]:
    parts = reading.parts(value, path, depth)
    return [parts[0] if len(parts) == 1 else AnyOf(parts)]


def _not(reading: _Reading, value: object, path: str, depth: int) -> list[Part]:
    part = reading.part(value, path, depth + 1)
    if part is None:
        raise Refused(f"{path}: is empty, and would let nothing through")
    return [NoneOf(part)]


def _fields(reading: _Reading, value: object, path: str, _depth: int) -> list[Part]:
    if not isinstance(value, Mapping) or not value:
        raise Refused(f"{path}: must be an object of fields, such as {{'team': 'mill'}}")
    parts: list[Part] = []
    for name, asked in value.items():
        at = f"{path}.{_shown(name)}"
        if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_TEXT or not _is_storable(name):
            raise Refused(f"{at}: a field's name is a text of 1 to {LONGEST_TEXT} characters")
        tests = asked if isinstance(asked, Mapping) and set(asked) != {"date"} else {"eq": asked}
        if not tests:
            raise Refused(f"{at}: says nothing; there are {', '.join(_TESTS)}")
        for test, compared in tests.items():
            read = _TESTS.get(test) if isinstance(test, str) else None
            if read is None:
                raise Refused(f"{at}.{_shown(test)}: no such comparison; there are {', '.join(_TESTS)}")
            parts += reading.count([read(name, compared, f"{at}.{test}")], at)
    return parts


def _equal(name: str, compared: object, path: str) -> Part:
    return _among(name, [compared], path)


def _unequal(name: str, compared: object, path: str) -> Part:
    return NoneOf(_among(name, [compared], path))


def _one_of(name: str, compared: object, path: str) -> Part:
    if not isinstance(compared, list | tuple) or not 1 <= len(compared) <= MOST_VALUES:
        raise Refused(f"{path}: must be a list of 1 to {MOST_VALUES} values")
    return _among(name, compared, path)


def _among(name: str, compared: Sequence[object], path: str) -> Part:
    """Equal to one of the values, each by its kind."""
    by_kind: dict[Kind, list[Value]] = {}
    for one in compared:
        kind, value = _value(one, path)
        by_kind.setdefault(kind, []).append(value)
    parts = tuple(Field(name, kind, "in", tuple(values)) for kind, values in by_kind.items())
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def _ordered(test: Test) -> Callable[[str, object, str], Part]:
    def read(name: str, compared: object, path: str) -> Part:
        if isinstance(compared, str) and _is_date(compared):
            return Field(name, "date", test, (_instant(compared, path),))
        if isinstance(compared, bool):
            raise Refused(f"{path}: true and false have no order; compare them by eq")
        kind, value = _value(compared, path)
        return Field(name, kind, test, (value,))

    return read


def _containing(name: str, compared: object, path: str) -> Part:
    if not isinstance(compared, str):
        raise Refused(f"{path}: must be a text")
    return Field(name, "text", "contains", (_text(compared, path),))


def _existing(name: str, compared: object, path: str) -> Part:
    if not isinstance(compared, bool):
        raise Refused(f"{path}: must be true or false")
    return Field(name) if compared else NoneOf(Field(name))


_TESTS: dict[str, Callable[[str, object, str], Part]] = {
    "eq": _equal,
    "ne": _unequal,
    "in": _one_of,
    "lt": _ordered("lt"),
    "lte": _ordered("lte"),
    "gt": _ordered("gt"),
    "gte": _ordered("gte"),
    "exists": _existing,
    "contains": _containing,
}
_KEYS: dict[str, _Reader] = {
    "sources": _named("source"),
    "tags": _named("tag"),
    "file_types": _named("file_type"),
    "languages": _named("language"),
    "paths": _paths,
    "since": _since,
    "until": _until,
    "fields": _fields,
    "and": _all,
    "or": _any,
    "not": _not,
}
# Languages are written in small letters; a kind of file may be said by the end of its files' names, too.
_SPELLED: dict[Name, Callable[[str], str]] = {
    "source": str,
    "tag": str,
    "file_type": lambda name: name.removeprefix(".") or name,
    "language": str.lower,
}
_COSTS: dict[type[Part], int] = {Named: 0, Since: 1, Before: 1, Field: 2, Located: 3, AllOf: 4, AnyOf: 5, NoneOf: 6}


def _value(value: object, path: str) -> tuple[Kind, Value]:
    """A value with its kind. Fields say true and false as words."""
    if isinstance(value, bool):
        return "text", str(value).lower()
    if isinstance(value, int | float):
        if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            raise Refused(f"{path}: must be a number between -{LARGEST_NUMBER:.0e} and {LARGEST_NUMBER:.0e}")
        return "number", value
    if isinstance(value, str):
        return "text", _text(value, path)
    if isinstance(value, Mapping) and set(value) == {"date"}:
        return "date", _instant(value["date"], f"{path}.date")
    raise Refused(f"{path}: must be a text, a number, true, false or {{'date': '2026-01-31'}}")


def _texts(value: object, path: str) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    if not 1 <= len(values) <= MOST_VALUES:
        raise Refused(f"{path}: must be a text, or a list of 1 to {MOST_VALUES} texts")
    return tuple(_text(one, path) for one in values)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or not _is_storable(value):
        raise Refused(f"{path}: must be a text of 1 to {LONGEST_TEXT} characters, without zero bytes")
    return value


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def _is_date(text: str) -> bool:
    return _ISO.fullmatch(text.strip()) is not None


def _instant(value: object, path: str) -> datetime:
    """A day's beginning, or an instant; of UTC where no zone is named."""
    try:
        if isinstance(value, str) and _is_date(value):
            said = value.strip()
            instant = datetime.fromisoformat(said) if len(said) > 10 else _midnight(date.fromisoformat(said))
            return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused(f"{path}: must be a day or an instant, such as '2026-01-31' or '2026-01-31T12:00:00Z'")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _leaves(part: Part | None) -> Iterator[Part]:
    match part:
        case None:
            return
        case AllOf(parts) | AnyOf(parts):
            for one in parts:
                yield from _leaves(one)
        case NoneOf(one):
            yield from _leaves(one)
        case leaf:
            yield leaf


def _wanted(part: Part) -> dict[str, object]:
    match part:
        case Named(what, values):
            return {"is": what, "values": list(values)}
        case Located(_, expression):
            return {"is": "path", "expression": expression}
        case Since(at):
            return {"is": "since", "value": at.isoformat()}
        case Before(at):
            return {"is": "before", "value": at.isoformat()}
        case Field(name, _, None):
            return {"is": "exists", "field": name}
        case Field(name, kind, test, values):
            said = [one.isoformat() if isinstance(one, datetime) else one for one in values]
            return {"is": kind, "field": name, "test": test, "values": said}
        case AllOf(parts):
            return {"is": "all", "parts": [_wanted(one) for one in parts]}
        case AnyOf(parts):
            return {"is": "any", "parts": [_wanted(one) for one in parts]}
        case NoneOf(one):
            return {"is": "none", "part": _wanted(one)}
        case Kept(wanted):
            return dict(wanted)


def _shown(value: object) -> str:
    """What somebody wrote, short enough for a message."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
