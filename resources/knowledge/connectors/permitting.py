"""Know what the robots.txt of a site permits, by RFC 9309: the longest rule that fits counts, allow before disallow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

_MOST_CHARACTERS = 500_000  # RFC 9309 2.5 asks for 500 KiB at least
_SAFE = "/*$?&=:@!'()+,;~-._%"
_TOKEN = re.compile(r"[A-Za-z_-]+")


@dataclass(frozen=True)
class Rule:
    """Whether paths of a pattern may be fetched; `*` is any run of characters, `$` at the end the end of the path."""

    pattern: str
    allows: bool


@dataclass(frozen=True)
class Permissions:
    """What one crawler may do on one host. `delay_s`: what the site asks to wait between two requests."""

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def allow(self, path: str) -> bool:
        """Whether a path, with its query, may be fetched."""
        normal = _normal(path)
        fitting = [rule for rule in self.rules if _fits(rule.pattern, normal)]
        best = max(fitting, key=lambda rule: (len(rule.pattern), rule.allows), default=None)
        return best is None or best.allows


EVERYTHING = Permissions()
NOTHING = Permissions((Rule("/", allows=False),))


def permissions(text: str, agent: str) -> Permissions:
    """What a robots.txt says to a crawler, which is known by the first word of its user agent."""
    found = _TOKEN.match(agent)
    token = found[0].lower() if found else "*"
    groups = _groups(text[:_MOST_CHARACTERS].removeprefix("\ufeff"))
    mine = [lines for agents, lines in groups if token in agents]
    chosen = mine or [lines for agents, lines in groups if "*" in agents]
    lines = [line for group in chosen for line in group]
    rules = tuple(Rule(_normal(value), name == "allow") for name, value in lines if name != "crawl-delay" and value)
    return Permissions(rules, max((_seconds(value) for name, value in lines if name == "crawl-delay"), default=0.0))


def _groups(text: str) -> list[tuple[set[str], list[tuple[str, str]]]]:
    """The crawlers that each group is for, and its lines."""
    groups: list[tuple[set[str], list[tuple[str, str]]]] = []
    for name, value in _lines(text):
        if name == "user-agent":
            if not groups or groups[-1][1]:
                groups.append((set(), []))
            word = _TOKEN.match(value)
            groups[-1][0].add(word[0].lower() if word else value[:1])
        elif groups and name in ("allow", "disallow", "crawl-delay"):
            groups[-1][1].append((name, value))
    return groups


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0


def _normal(path: str) -> str:
    """Percent-encoded alike, so that /é fits %C3%A9; what was encoded on purpose (%2F) stays so."""
    kept = path.replace("%2F", "%252F").replace("%2f", "%252F")
    return quote(unquote(kept, errors="replace"), safe=_SAFE)


def _fits(pattern: str, path: str) -> bool:
    """Greedy from the left, so that no pattern takes longer than its length times that of the path."""
    is_whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if is_whole and not others:
        return place == len(path)
    for number, part in enumerate(others):
        if is_whole and number == len(others) - 1:
            return len(path) - len(part) >= place and path.endswith(part)
        place = path.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True
