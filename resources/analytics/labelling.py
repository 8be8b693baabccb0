"""Choose the words that tell a group of questions from all others. Pure.

By the log-likelihood ratio of Dunning (1993): how much more often a word stands in the group than elsewhere, and how
surely. A word counts once for each question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from math import log

from resources.knowledge.chunks.segmenting import searchable

WORDS = 4
_LEAST_SHARE = 0.15
_WORD = re.compile(r"\w(?:[\w'’.+#-]*[\w+#])?")
_LONGEST = 2_000


def words_of(question: str) -> set[str]:
    """The words of a question in small letters; pairs of characters where words are not spaced."""
    return {word for word in _WORD.findall(searchable(question[:_LONGEST]).casefold()) if len(word) > 1}


def counted(questions: Iterable[set[str]]) -> Counter[str]:
    """In how many questions each word stands."""
    counts: Counter[str] = Counter()
    for words in questions:
        counts.update(words)
    return counts


def telling(
    group: Counter[str], size: int, elsewhere: Counter[str], others: int, *, stop_words: Collection[str] = ()
) -> list[str]:
    """At most four words of a group of `size` questions, the most telling first.

    Only such as stand in at least 15 % of its questions, and in two: no single question names a group.
    """
    least = max(2, _LEAST_SHARE * size)
    weighed = [
        (_surprise(count, size, elsewhere[word], others), word)
        for word, count in group.items()
        if count >= least and word not in stop_words and not word.isdigit()
    ]
    weighed.sort(key=lambda each: (-each[0], each[1]))
    return _unlike([word for surprise, word in weighed if surprise > 0])[:WORDS]


def in_order(words: Sequence[str], question: str) -> list[str]:
    """The words as a question has them one after the other; those that it has not come last."""
    text = searchable(question[:_LONGEST]).casefold()
    return sorted(words, key=lambda word: (word not in text, text.find(word)))


def _surprise(count: int, size: int, elsewhere: int, others: int) -> float:
    """Twice the log-likelihood ratio; 0 where the word is no commoner here than elsewhere."""
    if others and count / size <= elsewhere / others:
        return 0.0
    both = (count + elsewhere) / (size + others)
    return 2 * (_log(count, size, both) + _log(elsewhere, others, both)) if others else float(count)


def _log(count: int, of: int, expected: float) -> float:
    """How much better `count` of `of` is told by its own share than by the expected one."""
    if not of:
        return 0.0
    return sum(part * log(part / of / share) for part, share in ((count, expected), (of - count, 1 - expected)) if part)


def _unlike(words: Sequence[str]) -> list[str]:
    """Without plurals and the like: what begins as one before it does, but for three letters."""
    kept: list[str] = []
    for word in words:
        if not any(_is_form(word, other) for other in kept):
            kept.append(word)
    return kept


def _is_form(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    return len(short) > 3 and long.startswith(short) and len(long) - len(short) <= 3
