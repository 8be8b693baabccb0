"""Which questions choose values and which report on them, and under which id a question is known. Pure."""

from __future__ import annotations

import unicodedata
from hashlib import sha256

from resources.bots.records import Split

TUNE_SHARE = 0.25
"""So many questions choose values; the others report, since the interval of what they report should be narrow."""

_BUCKETS = 2**32


def split_of(question: str, *, tune_share: float = TUNE_SHARE) -> Split:
    """`tune` or `report`, by a hash of the words: the same for the same question in whichever set it stands."""
    bucket = int.from_bytes(_digest("split", question)[:4]) / _BUCKETS
    return "tune" if bucket < tune_share else "report"


def id_of(question: str) -> str:
    """The id of a question that came without one: the same for the same words, whatever their case and spacing."""
    return f"q-{_digest('id', question).hex()[:12]}"


def _digest(purpose: str, question: str) -> bytes:
    words = " ".join(unicodedata.normalize("NFKC", question).casefold().split())
    return sha256(f"{purpose}\n{words}".encode("utf-8", "replace")).digest()
