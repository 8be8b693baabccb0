"""Recognise in which language a text is written. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_SAMPLE = 3_000
_LONG_SAMPLE = 24_000
_FEWEST_LETTERS = 8
_LEAST_CONFIDENCE = 0.6
_FEWEST_ENGLISH_WORDS = 15
_LETTERS = re.compile(r"[^\W\d_]")
_ENGLISH = frozenset("the of and to in is that for it with as are be this on by or an not from".split())  # noqa: SIM905
_WORDS = re.compile(r"[a-z]+")


def language_of(text: str) -> str | None:
    """The language of a text's first 3,000 characters, else of its middle (after lists), ISO 639-1; None if unclear.

    It cannot be told from fewer than 8 letters, nor when the model (py3langid, calibrated) gives less than 0.6.
    Text full of English function words is taken for English without the model, which takes 0.8 s to load; so is a text
    that begins with some (among tables or code) and goes on with many.
    """
    if _has_english(text[:_SAMPLE]) and _is_plainly_english(text[:_LONG_SAMPLE]):
        return "en"
    language = _language_of_sample(text[:_SAMPLE])
    middle = len(text) // 2
    return language or (_language_of_sample(text[middle : middle + _SAMPLE]) if middle > _SAMPLE else None)


def _language_of_sample(sample: str) -> str | None:
    if len(_LETTERS.findall(sample)) < _FEWEST_LETTERS:
        return None
    if _is_plainly_english(sample):
        return "en"
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= _LEAST_CONFIDENCE and len(language) == 2 else None


def _has_english(sample: str) -> bool:
    words = _WORDS.findall(sample.lower())
    return words.count("the") * 200 >= len(words) > 0 and sum(word in _ENGLISH for word in words) * 10 >= len(words)


def _is_plainly_english(sample: str) -> bool:
    foreign = 0 if sample.isascii() else len(sample) - len(sample.encode("ascii", "ignore"))
    words = _WORDS.findall(sample.lower()) if foreign * 50 <= len(sample) else []
    return (
        len(words) >= _FEWEST_ENGLISH_WORDS
        and words.count("the") * 50 >= len(words)
        and sum(word in _ENGLISH for word in words) * (7 if len(words) >= 40 else 5) >= len(words)
    )


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
