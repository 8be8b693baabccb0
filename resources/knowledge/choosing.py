"""Choose items by glob patterns on their paths: which of them a source takes in, and which it leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from resources.foundation.errors import Misconfigured


class Choice:
    """What `include` takes and `exclude` leaves out; nothing included means everything.

    Patterns hold for the path below the root, and for folders above an item; one without a slash is held against the
    name at any depth; `?` and `*` stay within a name, `**` crosses folders, [abc] and [!abc] are sets of characters.
    Names that begin with a dot are hidden. Raises Misconfigured for a pattern that makes no sense.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._included = _matcher(include) if include else _everything
        self._excluded = _matcher(exclude) if exclude else _nothing

    def enters(self, path: str) -> bool:
        """Whether a folder, or an item, is neither hidden by its own name nor excluded."""
        return not path.rpartition("/")[2].startswith(".") and not self._excluded(path)

    def takes(self, path: str) -> bool:
        """Whether an item of a whole path is taken: nothing on the way to it is hidden, no pattern is against it."""
        hidden = path.startswith(".") or "/." in path
        return not hidden and self._included(path) and not self._excluded(path)


def _everything(_path: str) -> bool:
    return True


def _nothing(_path: str) -> bool:
    return False


def expression(patterns: Sequence[str]) -> str:
    """Glob patterns as one regular expression of whole paths: a path, or a folder above it, fits one of them.

    Only what Python and PostgreSQL understand alike: every character that is not a wildcard stands for itself.
    """
    anchored = [_glob(p.strip("/")) for p in patterns if "/" in p.strip("/")]
    by_name = [_glob(p.strip("/")) for p in patterns if "/" not in p.strip("/")]
    alternatives = []
    if anchored:
        alternatives.append(f"(?:{'|'.join(anchored)})(?:/.*)?")
    if by_name:
        alternatives.append(f"(?:.*/)?(?:{'|'.join(by_name)})(?:/.*)?")
    return f"^(?:{'|'.join(alternatives)})$"


def _matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a path, or a folder above it, fits one of the patterns."""
    try:
        compiled = re.compile(expression(patterns), re.DOTALL)
    except re.error as error:
        raise Misconfigured(f"the patterns {list(patterns)} make no sense: {error}") from error
    return lambda path: compiled.fullmatch(path) is not None


def _glob(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(known.get(part) or _set(part) or _literal(part) for part in parts)


def _set(part: str) -> str:
    if len(part) < 3 or not (part.startswith("[") and part.endswith("]")):
        return ""
    inner, sign = (part[2:-1], "^/") if part.startswith("[!") else (part[1:-1], "")
    # a hyphen makes a range between two letters or digits, and stands for itself elsewhere
    members = re.findall(r"[^\W_]-[^\W_]|.", inner, re.DOTALL)
    return f"[{sign}{''.join(one if len(one) == 3 else _literal(one) for one in members)}]"


def _literal(text: str) -> str:
    r"""Each character as itself: both know `\` before ASCII's signs, and all others as they are."""
    return "".join("\\" + one if one.isascii() and not one.isalnum() and one.isprintable() else one for one in text)
