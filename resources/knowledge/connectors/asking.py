"""Take the configuration of a source apart, each value held to the kind it must be of. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from resources.foundation.errors import Misconfigured

_NOTHING: tuple[object, ...] = (None, "", [], {})
_SECRET_WORDS = re.compile(r"passw|passphrase|pwd|secret|token|passfile|credential|api_?key", re.IGNORECASE)
_PATTERNS = ("include", "exclude")


@dataclass(frozen=True)
class Asked:
    """A configuration as it was given, and the kind of source it is for. Everything here raises Misconfigured."""

    kind: str
    config: Mapping[str, object]

    def knows(self, keys: Sequence[str]) -> None:
        """Refuse what this kind does not know: a misspelt key would be passed over in silence."""
        unknown = sorted(key for key, value in self.config.items() if key not in keys and value not in _NOTHING)
        if unknown:
            raise Misconfigured(f"a {self.kind} source here has no {unknown[0]!r}, only {', '.join(keys)}")

    def text(self, name: str, *, needed: str) -> str:
        """A text that must be there; `needed` says what it is."""
        value = self.config.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Misconfigured(f"a source of the type {self.kind} needs {needed} as {name}")
        return value.strip()

    def find(self, name: str) -> str | None:
        """A text, or None."""
        return None if self.config.get(name) in (None, "") else self.text(name, needed="a text")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list; where only one is meant, as a key column, its text alone will do. Not so for patterns."""
        value = self.config.get(name) or []
        if isinstance(value, str) and name not in _PATTERNS:
            value = [value]
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) and each for each in value):
            raise Misconfigured(f"{name} of a {self.kind} source is a list of texts, not {value!r}")
        return tuple(value)

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        """A whole number, 1 or more if nothing else is said."""
        value = self.config.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            kind = "a positive whole number" if least == 1 else f"a whole number from {least}"
            raise Misconfigured(f"{name} of a {self.kind} source is {kind}, not {value!r}")
        return value

    def seconds(self, name: str, default: float) -> float:
        """A length of time, 0 or more."""
        value = self.config.get(name, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < float("inf"):
            raise Misconfigured(f"{name} of a {self.kind} source is a number of seconds, not {value!r}")
        return float(value)

    def truth(self, name: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.config.get(name, default)
        if not isinstance(value, bool):
            raise Misconfigured(f"{name} of a {self.kind} source is true or false, not {value!r}")
        return value

    def choice(self, name: str, among: Sequence[str], default: str) -> str:
        """One of several words."""
        value = self.config.get(name) or default
        if value not in among:
            raise Misconfigured(f"{name} of a {self.kind} source is one of {', '.join(among)}, not {value!r}")
        return str(value)

    def pairs(self, name: str) -> dict[str, str]:
        """Texts by name."""
        value = self.config.get(name) or {}
        if not isinstance(value, Mapping) or not all(isinstance(x, str) and x for pair in value.items() for x in pair):
            raise Misconfigured(f"{name} of a {self.kind} source holds texts by name")
        return dict(value)

    def part(self, name: str) -> Asked | None:
        """A configuration within, or None."""
        value = self.config.get(name)
        if value in _NOTHING:
            return None
        if not isinstance(value, Mapping):
            raise Misconfigured(f"{name} of a {self.kind} source holds values by name, not {value!r}")
        return Asked(self.kind, value)


def require_no_secret(name: str, url: str) -> None:
    """Raise Misconfigured, without saying it again, for a URL with a secret in it."""
    try:
        parts = urlsplit(url)
        has_password = parts.password is not None
    except ValueError:
        raise Misconfigured(f"{name} is no address that can be read") from None
    named = [key for key, value in parse_qsl(parts.query, keep_blank_values=True) if _SECRET_WORDS.search(key)]
    if has_password or named:
        raise Misconfigured(
            f"{name} carries {'a password' if has_password else named[0]}: leave it out there and give it as a "
            "credential, which is kept sealed"
        )
