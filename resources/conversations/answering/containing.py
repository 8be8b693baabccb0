"""Keep an answer from making a browser fetch anything. Pure: words in, words out, as they come.

A model that obeys a poisoned passage can put what it was told into an address, and an image is fetched without a click
(EchoLeak, CVE-2025-32711). So nothing stays an image, no tag stays that fetches, and no address stays that is not one
of the passages' own, letter for letter. What is code is text, and stays as it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from resources.conversations.records import Passage

LEFT_OUT = "(address left out)"
# A line that is longer is looked at in pieces.
LONGEST_LINE = 4_000

_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}:)?//[\w.\[-][^\s<>\"'`)\]}]*", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?[^)\n]*\)")
_DEFINITION = re.compile(r"^( {0,3}\[[^\]\n]+\]:[ \t]*)<?([^\s>]+)>?", re.MULTILINE)
_FETCHING = re.compile(
    r"<(?=/?(?:a|applet|area|audio|base|body|button|embed|form|frame|iframe|image|img|input|link|math|meta|object|picture|"
    r"script|source|style|svg|table|td|track|video)\b)",
    re.IGNORECASE,
)
_LEADS_OUT = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|[\\/]{2})", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]+`")
# From here on a line is looked at as a whole; a marker like [1] is none.
_OPENER = re.compile(r"!\[|\[(?!\d)|<(?=[a-z/!])|`", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}```")


def contained(words: Iterable[str], passages: Sequence[Passage]) -> Iterator[str]:
    """Yield the words as soon as it is sure that they stay: at once, but for a word or line that may be an address."""
    known = frozenset(found[0].rstrip(".,;:!?*_") for one in passages for found in _ADDRESS.finditer(one.content))
    held, is_fenced, begins_line = "", False, True
    for word in words:
        held += word
        while cut := _cut(held, is_fenced=is_fenced):
            ready, held = held[:cut], held[cut:]
            is_fence = begins_line and _FENCE.match(ready) is not None
            yield ready if is_fenced or is_fence else _told(ready, known)
            is_fenced, begins_line = is_fenced != is_fence, ready.endswith("\n")
    if held:
        yield held if is_fenced else _told(held, known)


def _cut(held: str, *, is_fenced: bool) -> int:
    """How much may be told now: whole lines, and of a line that nothing has opened in, whole words; 0 for nothing."""
    line = held.find("\n") + 1
    if line or len(held) > LONGEST_LINE:
        return line or len(held)
    if is_fenced:
        return 0
    opener = _OPENER.search(held)
    until = opener.start() if opener else len(held)
    # a line that an opener stands in waits from there; before it, the last word may still become an address
    return max(held.rfind(" ", 0, until), held.rfind("\t", 0, until)) + 1


def _told(text: str, known: frozenset[str]) -> str:
    """The text without what leads out, code aside."""
    parts: list[str] = []
    done = 0
    for code in _CODE.finditer(text):
        parts += [_plain(text[done : code.start()], known), code[0]]
        done = code.end()
    return "".join([*parts, _plain(text[done:], known)])


def _plain(text: str, known: frozenset[str]) -> str:
    text = text.replace("![", "[")
    text = _FETCHING.sub("&lt;", text)
    text = _LINK.sub(lambda link: link[0] if _stays(link[2], known) else link[1], text)
    text = _DEFINITION.sub(lambda one: one[0] if _stays(one[2], known) else one[1] + LEFT_OUT, text)
    return _ADDRESS.sub(lambda address: address[0] if _stays(address[0], known) else LEFT_OUT, text)


def _stays(address: str, known: frozenset[str]) -> bool:
    """Whether an address is one of the passages', or leads nowhere else; entities are read as browsers do."""
    plain = html.unescape(address)
    return _LEADS_OUT.match(plain) is None or plain.rstrip(".,;:!?*_") in known
