"""Say what a passage is part of. Pure: the text that is hashed and embedded for a chunk, and that which is indexed."""

from __future__ import annotations

from hashlib import sha256
from itertools import groupby

_PATH = " › "
_MARKUP = "#=*_!` \t"


def contextual(title: str | None, section_title: str | None, content: str) -> str:
    """The document's title, the path of headings and the passage, on lines of their own; empty ones are left out.

    What the passage itself begins with, or the path repeats, is not said twice: a repeated word counts for more.
    """
    path = [part.strip() for part in (section_title or "").split(_PATH)]
    names = [name for name, _ in groupby(filter(None, [(title or "").strip(), *path]))]
    while names and _begins_with(content, names[-1]):
        names.pop()
    is_titled = bool(names) and names[0] == (title or "").strip()
    lines = [names[0], _PATH.join(names[1:])] if is_titled else [_PATH.join(names)]
    return "\n".join(filter(None, [*lines, content]))


def indexed(title: str | None, section_title: str | None, content: str) -> str:
    """What a passage is found by: its contextual text, and the document's title once more, which so counts double."""
    return "\n".join(filter(None, [(title or "").strip(), contextual(title, section_title, content)]))


def content_hash(text: str) -> bytes:
    """The 32 bytes of SHA-256 over the UTF-8 of a contextual text: equal texts share their vector."""
    return sha256(text.encode()).digest()


def _begins_with(content: str, name: str) -> bool:
    first = content.lstrip().split("\n", 1)[0]
    return first.strip(_MARKUP) == name
