"""Find in a text what is written with signs: `std::vector`, `PEP 703`, `/INCREMENTAL`. Pure: text in, lexemes out.

PostgreSQL's parser drops what looks like a tag (the vector of `#include <vector>`), reads `PEP-703` as the number -703,
and keeps `os.path.join`, `and/or` and `/INCREMENTAL` whole, so that none of their words is found. Here every identifier
is opened into its words, and stands beside them once more as it is written: as one exact lexeme. A question goes the
same way, so it finds both, and the exact one, which is rarer, counts for more. The idea is Lucene's
WordDelimiterGraphFilter with `preserveOriginal`. Exact lexemes are no part of a chunk's length: that is the number of
its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice

from resources.knowledge.chunks.segmenting import UNSPACED, searchable

# Which lexemes a chunk gets: raised with every change of them, so that a sync gives stored chunks theirs again.
WORDING = 4

# So many different exact lexemes a text has at most, of so many characters.
MOST = 256
LONGEST = 100
_PAIRS = 8
# So many quoted phrases of a question are heeded.
MOST_PHRASES = 8

_TARGET = re.compile(r"\]\((?!\w+://)[^\s()]*\)")  # where a link of Markdown leads within its own documents
_TAG = re.compile(
    r"</?(?:a|b|br|blockquote|center|code|dd|details|div|dl|dt|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|pre|small|span|"
    r"strong|sub|summary|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([_*<>#\[\]()~`|&+])")
_INITIALS = re.compile(r"(?<![\w.])(?:(?:[A-Z]\.)+[A-Z](?!\w)\.?|(?:[^\W\d_]\.){2,}(?!\w))")  # U.S.A, e.g.
_INITIAL = re.compile(r"\.[^\W\d_](?!\w)")  # found in a tenth of the time, and seldom
# Each alternative begins with its sign: so the search for it is quick.
_SIGNS = re.compile(
    r"[<>&/@]"
    r"|\.(?<=[^\W\d_]\.)(?=\w)"  # foo.bar
    r"|\.(?=[^\W\d_])"  # .NET
    r"|[-+](?=\d)|-(?<=\d-)(?=\w)"  # PEP-703 is no -703
)
_HUMP = re.compile(r"[a-z0-9][A-Z]")
_HUMPED = re.compile(r"(?<![^\W_])[A-Za-z][A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*(?![^\W_])")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_ADDRESS = re.compile(r"\w+://\S+")
_IDENTIFIER = re.compile(
    r"(?<![\w.\-/])(--?|[/.#@$%]|::)?(\w+(?:(?::\\|::|->|[.\-/\\@:&])\w+)*)(\+\+\d*|[#%](?!\w))?",
)
_OPENING = "([{\"'`*|<“‘«,;"
_CLOSING = ".,;:!?)]}\"'`*|>”’»…"
_CHAIN = re.compile(r"(::|->|[.:])")
_PATH = re.compile(r"[/\\]")
_OPERATOR = re.compile(r"(?<!\w)operator ?([^\w\s(`'\"]{1,3}|\(\)|\[\])")
_HYPHENATED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|[^\W\d_]{2,20}[-_]\d+(?:\.\d+)*|\d+")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)")
_EMPHASIS = re.compile(r"_([^_]+)_")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*(?!\w)")
_NAME = re.compile(r"(?<![^\W_])([^\W\d_]{2,20})( #|[ \-_#])?$")
_LONGEST_NAME = 23
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^“”]+)”|„([^„“”]+)[“”]|«([^«»]+)»|「([^「」]+)」|『([^『』]+)』")


@dataclass(frozen=True, slots=True)
class Wording:
    """What of a text is searched for: the words, for to_tsvector, and the identifiers as they are written."""

    words: str
    exact: tuple[str, ...]


def worded(text: str) -> Wording:
    """The words of a text and its identifiers: of a chunk or of a question, both the same way."""
    plain = _plain(text)
    return Wording(searchable(_opened(plain)), _exact(plain))


def phrases(question: str) -> list[str]:
    """What stands in double quotes in a question, of any language's kind: it is to be found as it stands there."""
    quoted = ("".join(groups).strip() for groups in _QUOTED.findall(question))
    return list(dict.fromkeys(phrase for phrase in quoted if phrase))[:MOST_PHRASES]


def literal(lexemes: Iterable[str]) -> str:
    """The lexemes as PostgreSQL reads a tsvector: without places, so that each counts once."""
    return " ".join("'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'" for lexeme in lexemes)


def _plain(text: str) -> str:
    """Compatibility forms made plain; without tags of HTML, its entities, Markdown's escapes and targets of links."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "](" in text:
        text = _TARGET.sub("] ", text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text and ";" in text:
        text = unescape(text)
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    return text.replace("\0", " ")


def _opened(plain: str) -> str:
    """Every identifier as words that PostgreSQL's parser takes one by one."""
    if _INITIAL.search(plain):
        plain = _INITIALS.sub(lambda initials: initials[0].replace(".", "") + " ", plain)
    if _HUMP.search(plain):
        plain = _HUMPED.sub(_humped, plain)
    return _SIGNS.sub(" ", plain)


def _humped(name: re.Match[str]) -> str:
    """`getUserName` and its words behind it. What has but two, the first with a capital, is one word: `JavaScript`."""
    humps: list[str] = _HUMPS.findall(name[0])
    is_identifier = len(humps) > 2 or (len(humps) == 2 and humps[0].islower() and len(humps[0]) > 1)
    return " ".join([name[0], *humps]) if is_identifier else name[0]


def _exact(plain: str) -> tuple[str, ...]:
    """Identifiers in small letters: words that are joined by signs, and each neighbouring pair of a longer chain; words
    that begin or end with a sign; a word with its number (`PEP 703`, `PEP-703` and `pep703` are one).

    Hyphenated words are left to the parser, and addresses are found by their words.
    """  # fmt: skip
    plain = UNSPACED.sub(" ", plain) if not plain.isascii() else plain
    if "://" in plain:
        plain = _ADDRESS.sub(" ", plain)
    found = dict.fromkeys(_written(plain))
    return tuple(islice((lexeme for lexeme in found if 1 < len(lexeme) <= LONGEST), MOST))


def _written(plain: str) -> Iterator[str]:
    for token in plain.split():
        if not token.isalpha() and not token.lstrip(_OPENING).rstrip(_CLOSING).isalnum():
            for before, core, after in _IDENTIFIER.findall(token):
                yield from _forms(before, core.lower(), after)
    for number in _NUMBER.finditer(plain):
        start = number.start()
        if name := _NAME.search(plain[max(0, start - _LONGEST_NAME) : start]):
            word, joint = name.groups()
            # a name (`PEP 703`, `Section 4`, `utf8`), not `in 1999`
            if joint != " " or not word.islower():
                yield f"{word.lower()} {number[0]}"
    if "operator" in plain:
        yield from (f"operator{signs}" for signs in _OPERATOR.findall(plain))


def _forms(before: str, core: str, after: str) -> Iterator[str]:
    """The forms of one identifier that are searched for, beside its words; none where it is a plain word or number."""
    if version := _VERSION.fullmatch(core):
        if version[1] != core:
            yield version[1]
        return
    if emphasised := _EMPHASIS.fullmatch(core):
        core = emphasised[1]
    if not _HYPHENATED.fullmatch(core):
        yield from _parts(core)
    if (before or after) and not core.isdecimal():
        yield before + core + after
        first = _CHAIN.split(_PATH.split(core)[0])[0]
        if before and first != core:
            yield before + first
        if after[2:]:
            yield core + after[:2]


def _parts(core: str) -> Iterator[str]:
    """An identifier, a file in its folder, the neighbours in a chain, and what of these has a `_`."""
    steps = _PATH.split(core)
    if len(steps) > 1:
        yield core
    if len(steps) > 2:
        yield "/".join(steps[-2:])
    for step in steps:
        units = _CHAIN.split(step)
        if len(units) > 1 or (not step.isalnum() and not _HYPHENATED.fullmatch(step)):
            yield step
        if len(units) > 3:
            yield from islice(("".join(units[place : place + 3]) for place in range(0, len(units) - 2, 2)), _PAIRS)
        if len(units) > 1:
            yield from (unit for unit in units[::2] if "_" in unit and unit.strip("_"))
