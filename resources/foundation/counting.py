"""Guess how many tokens a text costs, for any model. Pure; the provider's own count is used where there is one."""

from __future__ import annotations

# Byte-pair vocabularies spend about a token on four Latin letters, and one on nearly each character outside Latin.
LATIN_CHARACTERS_PER_TOKEN = 4
LAST_LATIN_CHARACTER = "ɏ"


def estimated_tokens(text: str) -> int:
    """Return a guess in tokens, 0 for an empty text: near for English prose, on the high side for other scripts."""
    latin = len(text) if text.isascii() else sum(character <= LAST_LATIN_CHARACTER for character in text)
    return len(text) - latin + -(-latin // LATIN_CHARACTERS_PER_TOKEN)
