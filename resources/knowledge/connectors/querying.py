"""Hold a query of a database source to what it may be: one statement that selects, fit to stand in parentheses."""

from __future__ import annotations

import re

from resources.foundation.errors import Misconfigured

_PIECES = re.compile(
    r"""
    (?P<comment>--[^\n]*|/\*.*?\*/)
    | (?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|(?<![\w$])(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag))
    | (?P<broken>['"`]|/\*)
    | (?P<sign>[();])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_AMBIGUOUS = re.compile(r"\\['\"`]")


def single_select(query: str) -> str:
    """The query without what ends it. Raises Misconfigured unless it is one SELECT (or WITH … SELECT).

    Where databases read a text differently (a backslash before a quote), it is refused rather than guessed.
    """
    depth, end, kept = 0, None, []
    for found in _PIECES.finditer(query):
        piece = found[0]
        if end is not None and not found["comment"] and piece.strip(" \t\r\n;"):
            raise Misconfigured("the query has a ';' with more behind it: a source reads by one SELECT")
        if found["broken"] or (found["quoted"] and _AMBIGUOUS.search(piece) and not found["tag"]):
            raise Misconfigured(f"the query's quoting near {piece[:20]!r} is ambiguous: no backslash before quotes")
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if depth < 0:
            break
        if found["sign"] and piece == ";":
            end = end or found.start()
        elif end is None:
            kept.append(" " if found["comment"] else piece)
    if depth != 0:
        raise Misconfigured("the query's parentheses do not close: a source reads by one SELECT")
    statement = "".join(kept).strip()
    if re.match(r"(?is)(select|with|values|table)\b", statement.lstrip("( \t\r\n")) is None:
        raise Misconfigured(f"the query begins with {statement[:20]!r}: a source reads by one SELECT")
    return statement
