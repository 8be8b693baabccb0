"""Hold an answer to its passages. Pure: an answer and passages in, verified quotations out.

A marker `[n]` (or `[1][2]`, `[1, 2]`) cites passage n for the claim before it. It stays when passage n holds the claim
word for word (white space and the marks of tables and emphasis aside), or a sentence that carries enough of the claim's
words and all of its numbers. Every other marker is taken out of the text and counted. Brackets in code, and in a quote
that its own marker covers, are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from resources.conversations.answering.sentencing import Place, place_of, sentences, terms
from resources.conversations.records import Cited, Passage, Quotation

# The share of a claim's terms that one sentence of the passage must hold. On 600 claims made from SQuAD's questions and
# answers, 93 % find their sentence, 3 % one in another article and 18 % one in the most similar other paragraph.
LEAST_SUPPORT = 0.45
LEAST_SHARED_TERMS = 2
# Shorter texts are found word for word by chance.
LEAST_VERBATIM_CHARACTERS = 12
# A claim of fewer terms, such as "and" between two markers, is part of the claim before.
LEAST_CLAIM_TERMS = 2

_MARKER = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?!\s*\n))+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")


@dataclass(frozen=True)
class _Marker:
    """`text[start:end]` cites `indexes` for `claim`; `together` are the passages of all markers of this claim."""

    start: int
    end: int
    indexes: tuple[int, ...]
    claim: str
    together: tuple[int, ...]


def cited(answer: str, passages: Sequence[Passage]) -> Cited:
    """Return the answer with the markers that hold, what they quote (in order, each once), and how many fell."""
    by_index = {passage.index: passage for passage in passages}
    citations: dict[tuple[int, int, int], Quotation] = {}
    text: list[str] = []
    dropped = done = 0
    for marker in _markers(answer, by_index):
        kept = [quotation for index in marker.indexes if (quotation := _quotation(marker, index, by_index))]
        for quotation in kept:
            citations.setdefault((quotation.index, quotation.start, quotation.end), quotation)
        before = answer[done : marker.start]
        if len(kept) == len(marker.indexes):
            text += [before, answer[marker.start : marker.end]]
        elif kept:
            text += [before, f"[{', '.join(str(quotation.index) for quotation in kept)}]"]
        else:
            text.append(before.rstrip(" "))
        dropped += len(marker.indexes) - len(kept)
        done = marker.end
    return Cited("".join([*text, answer[done:]]), tuple(citations.values()), dropped)


def verify(citation: Quotation, version_text: str) -> bool:
    """Whether the quote stands at its offsets in the version's text."""
    within = 0 <= citation.start < citation.end <= len(version_text)
    return within and version_text[citation.start : citation.end] == citation.quote


def _markers(answer: str, passages: Mapping[int, Passage]) -> Iterator[_Marker]:
    """Yield the markers, in order, with their claims."""
    code = [block.span() for block in _CODE.finditer(answer)]
    for paragraph in _PARAGRAPH.finditer(answer):
        found = list(_MARKER.finditer(answer, *paragraph.span()))
        in_code = {match.start() for match in found if any(start <= match.start() < end for start, end in code)}
        yield from _claimed(answer, paragraph.start(), found, in_code, passages)


def _claimed(
    answer: str, start: int, found: Sequence[re.Match[str]], in_code: set[int], passages: Mapping[int, Passage]
) -> list[_Marker]:
    """Give each marker of a paragraph its claim: a quote word for word, brackets included, or what precedes it."""
    markers: list[_Marker] = []
    at = 0
    while at < len(found):
        quoting = _quoting(answer, start, found[at:], passages)
        if quoting is None and found[at].start() in in_code:
            at += 1
            continue
        at += quoting or 0
        said = answer[start : found[at].start()].strip()
        claim = said if quoting is not None else _last_sentence(said)
        indexes = tuple(int(index) for index in re.findall(r"\d+", found[at][1]))
        start = found[at].end()
        if markers and quoting is None and len(terms(claim)) < LEAST_CLAIM_TERMS:
            markers = _joined(markers, _Marker(*found[at].span(), indexes, markers[-1].claim, ()))
        else:
            markers.append(_Marker(*found[at].span(), indexes, claim, indexes))
        at += 1
    return markers


def _joined(markers: Sequence[_Marker], beside: _Marker) -> list[_Marker]:
    """Return the markers with one more that stands beside the last and shares its claim."""
    together = markers[-1].together + beside.indexes
    first = len(markers) - 1
    while first > 0 and (markers[first - 1].claim, markers[first - 1].together) == (beside.claim, markers[-1].together):
        first -= 1
    return [*markers[:first], *(replace(marker, together=together) for marker in [*markers[first:], beside])]


def _quoting(answer: str, start: int, found: Sequence[re.Match[str]], passages: Mapping[int, Passage]) -> int | None:
    """Return which of the next markers cites all that stands before it word for word, brackets included."""
    for at, match in enumerate(found):
        said = answer[start : match.start()].strip()
        for index in re.findall(r"\d+", match[1]):
            passage = passages.get(int(index))
            if passage and len(said) >= LEAST_VERBATIM_CHARACTERS and place_of(said, passage.content):
                return at
    return None


def _last_sentence(text: str) -> str:
    last: Place = (0, 0)
    for place in sentences(text):
        last = place
    return _BULLET.sub("", text[slice(*last)], count=1) if _BULLET.match(text, *last) else text[slice(*last)]


def _quotation(marker: _Marker, index: int, passages: Mapping[int, Passage]) -> Quotation | None:
    """Return the sentences of the passage that say what is claimed, or None."""
    passage = passages.get(index)
    if passage is None:
        return None
    said = _said(passage.content)
    verbatim = place_of(marker.claim, passage.content) if len(marker.claim) >= LEAST_VERBATIM_CHARACTERS else None
    if verbatim:
        return _quoted(passage, _widened(verbatim, [place for place, _ in said]), 1.0)
    others = [passages[other].content for other in marker.together if other != index and other in passages]
    asked = terms(marker.claim)
    # where several passages share a claim, each carries a part of it, and its numbers may stand in any of them
    numbers = _numbers(marker.claim) - _numbers("\n".join(others))
    least = LEAST_SUPPORT / 2 if others else LEAST_SUPPORT
    supports = [
        (_support(asked, numbers, passage.content[slice(*place)], known), -place[0], place) for place, known in said
    ]
    share, _, place = max(supports, default=(0.0, 0, (0, 0)))
    return _quoted(passage, place, share) if share >= least else None


@lru_cache(maxsize=64)
def _said(content: str) -> tuple[tuple[Place, frozenset[str]], ...]:
    """Return the sentences of a passage and their terms, which are asked for at each of its markers."""
    return tuple((place, terms(content[slice(*place)])) for place in sentences(content))


def _widened(place: Place, places: Sequence[Place]) -> Place:
    """Return the place widened to whole sentences."""
    touched = [one for one in places if one[0] < place[1] and place[0] < one[1]]
    return min([place[0], *(start for start, _ in touched)]), max([place[1], *(end for _, end in touched)])


def _support(asked: frozenset[str], numbers: frozenset[str], sentence: str, known: frozenset[str]) -> float:
    """Return the share of a claim's terms that a sentence holds; 0 when it is a word, or a number is another one."""
    shared = asked & known
    if not shared or len(shared) < min(LEAST_SHARED_TERMS, len(asked)) or not numbers <= _numbers(sentence):
        return 0.0
    return len(shared) / len(asked)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", text)))


def _quoted(passage: Passage, place: Place, support: float) -> Quotation:
    start, end = place
    return Quotation(
        index=passage.index,
        chunk_id=passage.chunk_at(passage.start + start, passage.start + end),
        document_id=passage.document_id,
        version_id=passage.version_id,
        quote=passage.content[start:end],
        start=passage.start + start,
        end=passage.start + end,
        support=support,
    )
