"""Find what a person means among what a chatbot reads: documents by their names, quotes in their texts. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from resources.bots.records import KnownDocument

MOST_NAMED = 3


class Unmatched(Exception):
    """Nothing is meant, or it is not plain what; the message says which."""


class Ambiguous(Unmatched):
    """Several may be meant."""


class Shelf:
    """Documents by every name that they may go by: id, path, title, the path's end, the file's name without ending."""

    def __init__(self, documents: Sequence[KnownDocument]) -> None:
        self._ways = [
            _indexed(documents, way)
            for way in (
                lambda one: [str(one.id)],
                lambda one: [one.path],
                lambda one: [_plain(one.title)],
                lambda one: _ends(one.path),
                lambda one: [_plain(PurePosixPath(one.path).stem)],
            )
        ]

    def match(self, name: str, *, source: str | None = None) -> KnownDocument:
        """The document of a name; `source:path` names the source too. Raises Unmatched for none, and for several."""
        for index in self._ways:
            for key in dict.fromkeys((name, _plain(name))):
                found = [one for one in index.get(key, []) if source is None or one.source == source]
                if len(found) == 1:
                    return found[0]
                if found:
                    raise Ambiguous(f"{name!r} may be {_named(found)}: write source:path")
        before, colon, after = name.partition(":")
        if colon and source is None and after:
            try:
                return self.match(after, source=before)
            except Ambiguous:
                raise
            except Unmatched:
                pass
        where = f" in source {source!r}" if source else ""
        raise Unmatched(f"there is no document {name!r}{where}")


def find_quote(text: str, quote: str, *, start: int | None = None) -> tuple[str, int] | None:
    """The words of a quote as they stand in a text, and at which character; None where they do not.

    Blanks and line ends may differ. `start`: where they are expected; else the first place counts.
    """
    words = quote.split()
    if not words:
        return None
    if start is not None and text.startswith(quote, start):
        return quote, start
    place = text.find(quote)
    if place >= 0:
        return quote, place
    found = re.search(r"\s+".join(map(re.escape, words)), text)
    return (found[0], found.start()) if found else None


def _indexed(
    documents: Sequence[KnownDocument], way: Callable[[KnownDocument], list[str]]
) -> dict[str, list[KnownDocument]]:
    index: dict[str, list[KnownDocument]] = defaultdict(list)
    for document in documents:
        for key in way(document):
            if key:
                index[key].append(document)
    return dict(index)


def _ends(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[first:]) for first in range(1, len(parts))]


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _named(found: Sequence[KnownDocument]) -> str:
    names = [f"{one.source}:{one.path}" for one in found[:MOST_NAMED]]
    return " or ".join(names) + (f" or one of {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else "")
