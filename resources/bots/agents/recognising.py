"""Recognise a question that is known. Pure: texts in, whether they ask the same out.

The same: letter for letter but for case, white space and punctuation; by the same telling words; or nearly by the same
letters. Texts that differ in a number are never the same, nor those of which one denies: what denies is a telling
word.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from resources.bots.records import CannedAnswer
from resources.knowledge.chunks.segmenting import searchable

LEAST_LIKENESS = 0.88
LEAST_TELLING = 2
# What is said before and after a question without being part of it, and the words that every question has.
_IDLE = frozenset(
    re.findall(
        r"\w+",
        """
        what which whats s re a an the is are was were be do does did can could would will
        shall should may might i you we they it me my your
        our us of for to in on at please hi hello hey thanks thank tell know want ask question there this that and
        was welche welcher welches der die das ein eine einen ist sind war ich du sie wir es mein dein ihr unser
        bitte hallo danke kann können
        könnte darf zu in im am an von für mir mich und guten tag
        le la les un une des est sont je tu vous nous il elle mon ma votre notre de du à au aux en sur pour
        bonjour merci
        el los las una es son yo tú usted mi su nuestro por para con hola gracias favor que
        """,
    )
)
_CONTRACTION = re.compile(r"(\w+)n['’]t\b")
_ENDINGS = re.compile(r"(?<=\w{3})(?:ing|ies|es|s|en|e|n)$")


def digest(text: str) -> bytes:
    """A question's SHA-256, the same for all that is letter for letter the same question."""
    return hashlib.sha256(" ".join(_words(text)).encode()).digest()


def find(question: str, known: Sequence[CannedAnswer]) -> CannedAnswer | None:
    """The known question that this one is; the likeliest where it could be several, None where it is none."""
    scored = [(likeness(question, one.question), -at) for at, one in enumerate(known)]
    best, at = max(scored, default=(0.0, 0))
    return known[-at] if best >= LEAST_LIKENESS else None


def likeness(one: str, other: str) -> float:
    """How far two questions are the same, in [0, 1]; symmetric, 1 for the same words."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    if _numbers(first) != _numbers(second):
        return 0.0
    telling, others = _telling(first), _telling(second)
    if telling == others and len(telling) >= LEAST_TELLING:
        return 0.99
    if not telling or not others:
        return 0.0
    left, right = sorted([" ".join(first), " ".join(second)])
    # a question that shares most letters may still ask for another thing: each telling word must have its like
    if not (_all_alike(telling, others) and _all_alike(others, telling)):
        return 0.0
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _words(text: str) -> list[str]:
    plain = _CONTRACTION.sub(r"\1 not", unicodedata.normalize("NFKC", text).casefold())
    return re.findall(r"\w+(?:[+#]+)?", searchable(plain))


def _numbers(words: Sequence[str]) -> list[str]:
    return sorted(word for word in words if any(map(str.isdigit, word)))


def _telling(words: Sequence[str]) -> frozenset[str]:
    return frozenset(_ENDINGS.sub("", word) for word in words if word not in _IDLE)


def _all_alike(words: frozenset[str], others: frozenset[str]) -> bool:
    """Whether each word is among the others, or one of them with a slip of the pen."""
    return all(
        word in others or any(SequenceMatcher(None, word, other).ratio() >= 0.8 for other in others) for word in words
    )
