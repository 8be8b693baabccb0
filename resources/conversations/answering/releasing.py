"""Let an answer out as it comes, without the markers that cite nothing. Pure: words in, words out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from resources.conversations.answering import citing
from resources.conversations.records import Passage

# What may still become a marker, with the blanks before it, which go when the marker goes.
_UNFINISHED = re.compile(r"\s*\[[\d\s,;]{0,40}\Z|\s+\Z")


def released(words: Iterable[str], passages: Sequence[Passage]) -> Iterator[str]:
    """Yield the words as soon as it is sure that they stay: a marker waits until its claim has been judged.

    With no passages, no marker stays. All that is yielded, joined, is what `citing.cited` makes of the whole answer,
    but where a later marker shows that an earlier one was part of a quote.
    """
    spoken = told = ""
    done = 0
    for word in words:
        spoken += word
        unfinished = _UNFINISHED.search(spoken, done)
        end = unfinished.start() if unfinished else len(spoken)
        more = _more(spoken, done, end, told, passages)
        done, told = end, told + more
        if more:
            yield more
    rest = _more(spoken, done, len(spoken), told, passages)
    if rest:
        yield rest


def _more(spoken: str, done: int, end: int, told: str, passages: Sequence[Passage]) -> str:
    """What may be told after `told`, which is what was made of `spoken[:done]`, when `spoken[:end]` is known."""
    if "]" not in spoken[done:end]:
        return spoken[done:end]
    judged = citing.cited(spoken[:end], passages).text
    # what has been told cannot be taken back
    return judged[len(told) :] if judged.startswith(told) else spoken[done:end]
