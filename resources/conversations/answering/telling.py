"""Show quotes as an answer reads, each with a marker that holds. Pure: extracts in, text out.

White space is folded, marks of lists and emphasis are left off, a table's row names its columns; what a citation quotes
stays word for word. Where citing.py would not find the quote behind its text again, the quote is told as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from resources.conversations.answering import citing
from resources.conversations.answering.sentencing import without_mark
from resources.conversations.records import Extract, Passage
from resources.foundation.counting import estimated_tokens

# 2**3**4 and __init__ are no emphasis: marks stand at the ends of words, and __ around more than one.
_EMPHASIS = re.compile(
    r"(?<![\w*])\*\*(?=\S)([^\n*]+)(?<=\S)\*\*(?![\w*])|(?<!\w)__(?=\S)([^\n_]*\s[^\n_]*)(?<=\S)__(?!\w)"
)
_CELLS = re.compile(r"\s*\|\s+|\s+\|\s*|\t+")
_RULE = re.compile(r"[\s|:=+-]+")
_DIGIT = re.compile(r"\d")


def told(extracts: Iterable[Extract]) -> str:
    """Return the answer, each quote in a paragraph of its own."""
    return "\n\n".join(_told(extract) for extract in extracts)


def cut(told: str, passage: Passage, most_tokens: int) -> str:
    """The first words of a quote that was told, in so many tokens: one at least, its marker where that still holds."""
    said, _, marker = told.rpartition(" [")
    words = said.split(" ")
    while len(words) > 1 and estimated_tokens(f"{' '.join(words)} [{marker}") > most_tokens:
        words.pop()
    return citing.cited(f"{' '.join(words)} [{marker}", [passage]).text


def _told(extract: Extract) -> str:
    wordings = [f"{wording} [{extract.passage.index}]" for wording in _wordings(extract)]
    return next((wording for wording in wordings if _holds(wording, extract)), wordings[-1])


def _wordings(extract: Extract) -> Iterator[str]:
    """Yield ways to say the quote, the best to read first, the last as it stands."""
    if " | " in extract.quote:
        cells = _cells(extract.quote)
        header = _header(extract.passage, extract.start)
        # a last cell that is empty leaves only its bar
        if header and len(cells) <= len(header) <= len(cells) + 1:
            named = zip(header, [*cells, ""][: len(header)], strict=True)
            yield ", ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)
        yield " · ".join(filter(None, cells))
    else:
        plain = " ".join(without_mark(extract.quote).split())
        yield _without_emphasis(plain)
        yield plain
    yield extract.quote


def _holds(wording: str, extract: Extract) -> bool:
    """Whether the marker's citation is this very quote."""
    cited = citing.cited(wording, [extract.passage])
    places = [(one.start, one.end) for one in cited.citations]
    return places == [(extract.passage.start + extract.start, extract.passage.start + extract.end)]


def _cells(row: str) -> list[str]:
    return [" ".join(_without_emphasis(cell).split()) for cell in _CELLS.split(row.strip().strip("|").strip())]


def _without_emphasis(text: str) -> str:
    return _EMPHASIS.sub(lambda found: found[1] or found[2], text)


def _header(passage: Passage, start: int) -> list[str] | None:
    """Return the names of the columns of the table in which a row starts; None where its first row is not there, or
    may be a row like the others."""
    above = passage.content[:start].split("\n")[:-1]
    first = len(above)
    while first > 0 and ("|" in above[first - 1] or _RULE.fullmatch(above[first - 1])):
        first -= 1
    table = above[first:]
    begins_here = first > 0 or passage.start == 0
    if not table or not begins_here or " | " not in table[0]:
        return None
    is_ruled = len(table) > 1 and _RULE.fullmatch(table[1]) is not None
    return _cells(table[0]) if is_ruled or not _DIGIT.search(table[0]) else None
