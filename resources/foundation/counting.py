"""Count: things in words, and tokens by a guess, for any model; the provider's own count is used where there is one."""

from __future__ import annotations

import re

# Byte-pair vocabularies spend about a token on four Latin letters, and one on nearly each character outside Latin.
LATIN_CHARACTERS_PER_TOKEN = 4
_BEYOND_LATIN = re.compile("[^\0-ɏ]+")


def estimated_tokens(text: str) -> int:
    """Return a guess in tokens, 0 for an empty text: near for English prose, on the high side for other scripts."""
    others = 0 if text.isascii() else sum(map(len, _BEYOND_LATIN.findall(text)))
    return others + -(-(len(text) - others) // LATIN_CHARACTERS_PER_TOKEN)


def counted(count: int, one: str, more: str | None = None) -> str:
    """So many of a thing: `1 secret is`, `2 secrets are`; `more` unless an s is all that differs."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
