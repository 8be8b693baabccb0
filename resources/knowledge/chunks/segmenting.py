"""Make texts of any writing system fit for PostgreSQL's full-text parser. Pure: text in, text out.

PostgreSQL cuts words at spaces and punctuation. Chinese, Japanese, Thai, Lao, Khmer and Burmese do not write spaces,
so a whole sentence would be one word; Korean does, but joins particles to its words, for which PostgreSQL has no
stemmer. Runs of their letters become overlapping pairs of characters, which needs no dictionary: the idea of Lucene's
CJKBigramFilter (org.apache.lucene.analysis.cjk), here for all scripts without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

CONFIGURATIONS = frozenset(_CONFIGURATIONS.values()) | {"simple"}

UNSPACED = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff\u19e0-\u19ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # Han: radicals, marks, numerals
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3105-\u312f\u31a0-\u31bf"  # Bopomofo
    "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"  # Hangul
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003fffd"
    "]+"
)


def configuration(language: str | None) -> str:
    """The text search configuration of an ISO 639-1 code (`en`, `pt-BR`): `simple` where PostgreSQL has no stemmer."""
    code = re.split("[-_]", language or "", maxsplit=1)[0].lower()
    return _CONFIGURATIONS.get(code, "simple")


def searchable(text: str) -> str:
    """The text for to_tsvector: compatibility forms made plain (NFKC), unspaced scripts as pairs of characters."""
    if text.isascii():  # has one form and is spaced
        return text.replace("\0", " ")
    return UNSPACED.sub(_pairs, unicodedata.normalize("NFKC", text).replace("\0", " "))


def _pairs(run: re.Match[str]) -> str:
    characters = run[0]
    if len(characters) == 1:
        return f" {characters} "
    return f" {' '.join(map(''.join, pairwise(characters)))} "
