"""Filters, valid and hostile ones, and what they mean: said once more in plain Python, to hold the database against."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import strategies as st

from resources.foundation.errors import Refused
from resources.knowledge.choosing import Choice
from resources.knowledge.search import filtering
from resources.knowledge.search.filtering import AllOf, AnyOf, Before, Field, Located, Named, NoneOf, Part, Since

SOURCES = ("handbook", "archive", "rumours")
TAGS = ("policy", "safety", "Ünïcode tag")
FILE_TYPES = ("markdown", "pdf")
LANGUAGES = ("en", "de", "ja")
NAMES = ("team", "pages", "valid from", "it's", 'a"b', "a.b", "$.x", "--", "Größe", "0")
SAID = ("mill", "shop", "Mill", "", "3", "3.0", "-12", "1e3", "007", "true", "false", "2026-01-31", "2026-02-31",
        "2026-01-31T12:00:00+02:00", "2026-01-31 10:00", "0x1F", "NaN", "%", "_", "\\", "' or true --",
        "日本語")  # fmt: skip
PATHS = ("grain.md", "reports/2026/jan.md", "reports/2025/dec.pdf", "a.zip!/folder/b.txt", "odd [x]/(y)+.md",
         "new\nline.md", "été/Straße.md")  # fmt: skip
PATTERNS = ("*.md", "reports", "reports/", "reports/**", "**/jan.md", "reports/202?/*", "*.[mp]d*", "[!a-z]*",
            "odd [x]", "(y)+.md", "a.zip!/**", "été", "*", "new*", "re[p-q]orts/**", "nowhere")  # fmt: skip
INSTANTS = tuple(datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((1, 0), (15, 12), (31, 23), (31, 0)))

# Payloads of attacks on filters, as keys and as values: quotes, comments, casts, paths and placeholders of all kinds.
PAYLOADS = (
    "'", '"', "''", '""', "\\", "\\'", "`", ";", "--", "/*", "*/", "#", "%", "%%", "%s", "%(organization_id)s", "%(x)s",
    "{}", "{0}", "{{", "$1", "$$", "$tag$", ":name", "::text", "?", "??", "@>", "->>", "#>>", "||", "&&", "!", "\n",
    "\r\n", "\t", "\x1b", "\ufeff", "\u202e", "\U0001f600", "null", "NULL", "true", "default", "*", "**", "../../etc",
    "' or '1'='1", "' or 1=1 --", '" or ""="', "'; drop table knowledge.documents; --", "1; select pg_sleep(10)",
    "') or true --", "x') union select id from identity.users --", "metadata' ->> 'x", "team' = 'x' or 'a' = 'a",
    "$.team ? (@ == \"x\")", "$.** ? (true)", "strict $", "lax $[*]", "team}{", "a,b", "[0]", "a]", "(select 1)",
    "E'\\x41'", "U&'\\0041'", "chr(65)", "current_user", "organization_id", "soft_deleted_at", "deleted_at", "id",
    "source_metadata", "__proto__", "constructor", "$where", "$ne", "$gt", "$or", "$not", "and", "or", "not", "eq",
    "0", "-1", "1e309", "9" * 40, "0x41", "Infinity", "NaN", "2026-01-31", "1970-01-01T00:00:00Z", "epoch", "now()",
    "(?:", "(a+)+$", "[", "]", "[[:alpha:]]", "[.x.]", "\\y", "***=", "(?i)", "^$", "a{1000}", "x" * 200, "\u0660",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A document as a filter sees it."""

    source: str
    tags: frozenset[str]
    file_type: str | None
    language: str | None
    path: str
    changed_at: datetime
    fields: Mapping[str, str]


def passes(item: Item, part: Part | None) -> bool:
    """What the filter means."""
    match part:
        case None:
            return True
        case Named("source", values):
            return item.source in values
        case Named("tag", values):
            return bool(item.tags & set(values))
        case Named("file_type", values):
            return item.file_type in values
        case Named("language", values):
            return item.language in values
        case Located(patterns, _):
            return Choice(include=patterns).takes(item.path)
        case Since(at):
            return item.changed_at >= at
        case Before(at):
            return item.changed_at < at
        case Field(name, kind, test, values):
            return _says(item.fields.get(name), kind, test, values)
        case AllOf(parts):
            return all(passes(item, one) for one in parts)
        case AnyOf(parts):
            return any(passes(item, one) for one in parts)
        case NoneOf(one):
            return not passes(item, one)
    raise AssertionError(part)


def _says(said: str | None, kind: str, test: str | None, values: tuple[object, ...]) -> bool:
    if said is None or test is None:
        return said is not None
    if kind == "text":
        if test == "contains":
            return str(values[0]).lower() in said.lower()
        return _compared(said, test, [str(value) for value in values])
    if kind == "number":
        number = _number(said)
        return number is not None and _compared(number, test, [Decimal(repr(value)) for value in values])
    instant = _instant(said)
    return instant is not None and _compared(instant, test, list(values))


def _compared(said: Any, test: str, values: list[Any]) -> bool:
    tests: dict[str, Callable[[Any, Any], object]] = {
        "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
    }  # fmt: skip
    return said in values if test == "in" else bool(tests[test](said, values[0]))


def _number(said: str) -> Decimal | None:
    if not re.fullmatch(r"\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*", said):
        return None
    try:
        return Decimal(said.strip())
    except InvalidOperation:
        return None


def _instant(said: str) -> datetime | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[-+]\d\d:\d\d)?)?", said):
        return None
    try:
        instant = datetime.fromisoformat(said)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


items = st.builds(
    Item,
    source=st.sampled_from(SOURCES),
    tags=st.just(frozenset[str]()),
    file_type=st.sampled_from([*FILE_TYPES, None]),
    language=st.sampled_from([*LANGUAGES, None]),
    path=st.sampled_from(PATHS),
    changed_at=st.sampled_from(INSTANTS),
    fields=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(SAID), max_size=4),
)

_scalars = st.one_of(
    st.sampled_from([said for said in SAID if said]), st.sampled_from([0, 3, -12, 1000, 7.5, 0.1]), st.booleans(),
    st.sampled_from(["2026-01-31", "2026-01-31T10:00:00Z"]).map(lambda said: {"date": said}),
)  # fmt: skip
_ordered = st.one_of(
    st.sampled_from([said for said in SAID if said and said != "2026-02-31"]), st.sampled_from([0, 3, -12, 999.5])
)
_tests = st.one_of(
    _scalars,
    st.fixed_dictionaries(
        {},
        optional={
            "eq": _scalars, "ne": _scalars, "in": st.lists(_scalars, min_size=1, max_size=4), "lt": _ordered,
            "lte": _ordered, "gt": _ordered, "gte": _ordered, "exists": st.booleans(),
            "contains": st.sampled_from(["m", "MI", "0", "%", "_", "\\", "語"]),
        },
    ).filter(bool),
)  # fmt: skip


def _some(values: tuple[str, ...]) -> st.SearchStrategy[object]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from([*values, "unknown"]), min_size=1, max_size=3))


_leaves = st.fixed_dictionaries(
    {},
    optional={
        "sources": _some(SOURCES), "tags": _some(TAGS), "file_types": _some(FILE_TYPES), "languages": _some(LANGUAGES),
        "paths": _some(PATTERNS), "since": st.sampled_from(["2026-01-15", "2026-01-31T00:00:00Z"]),
        "until": st.sampled_from(["2026-01-15", "2026-01-15T12:00", "2026-01-31"]),
        "fields": st.dictionaries(st.sampled_from(NAMES), _tests, min_size=1, max_size=2),
    },
).filter(bool)  # fmt: skip
filters = st.recursive(
    _leaves,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "and": st.lists(inner, min_size=1, max_size=2), "or": st.lists(inner, min_size=1, max_size=3), "not": inner,
        },
    ).filter(bool),
    max_leaves=4,
)  # fmt: skip

_texts = st.one_of(st.sampled_from(PAYLOADS), st.text(min_size=1, max_size=20))
_hostile_tests = st.one_of(_texts, st.fixed_dictionaries({}, optional={
    "eq": _texts, "in": st.lists(_texts, min_size=1, max_size=3), "ne": _texts, "contains": _texts, "lt": _texts,
    "gte": _texts,
}).filter(bool))  # fmt: skip
hostile_filters = st.fixed_dictionaries(
    {},
    optional={
        "sources": st.lists(_texts, min_size=1, max_size=3), "tags": _texts, "file_types": _texts, "languages": _texts,
        "paths": _texts, "fields": st.dictionaries(_texts, _hostile_tests, min_size=1, max_size=3),
    },
).filter(bool)  # fmt: skip


def read(value: object) -> filtering.Filter | None:
    """The filter, None for one that is refused."""
    try:
        return filtering.parsed(value)
    except Refused:
        return None
