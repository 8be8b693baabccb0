"""Choose which of the found chunks an answer may rest on. Pure: found chunks in, the best of them out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from resources.knowledge.records import Found, FoundPart, Twin

# Texts that share this much of their runs of three words say the same; one word that differs costs three runs. Of
# 30,000 candidates of real questions none was taken for another, and 97 of 100 copies were found of which 3 % of the
# words are others (benchmarks/duplicates.py).
NEAR = 0.7
RANK_CONSTANT = 60
# Chunks are cut between paragraphs: what lies between two neighbours is white space, or a heading that both bear.
WIDEST_GAP = 200
LONGEST_JOINED = 6_000

# A script without spaces has no words to be told apart by a pattern: each of its characters counts for one.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_DENIALS = frozenset({
    "no", "not", "t", "never", "nor", "without", "cannot", "kein", "keine", "nicht", "nie", "ohne", "ne", "pas",
    "jamais", "sans", "nunca", "sin", "non", "não", "niet", "geen",
})  # fmt: skip
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def best(
    found: Sequence[Found], *, k: int, most_per_document: int | None = None, scores: Sequence[float] | None = None
) -> list[Found]:
    """Return at most k, in the order given, or by a reranker's `scores` (one for each, higher is better; stable).

    A text that was already taken from another document is not taken again. Of one document come `most_per_document`;
    more of them only after all others, where k are not reached without.
    """
    if scores is not None:
        ranked = sorted(zip(scores, found, strict=True), key=lambda scored: -scored[0])
        found = [chunk for _, chunk in ranked]
    taken: list[Found] = []
    spare: list[Found] = []
    texts: set[str] = set()
    of_document: Counter[object] = Counter()
    for chunk in found:
        text = _spaced(chunk.content)
        if text in texts:
            continue
        texts.add(text)
        is_full = most_per_document is not None and of_document[chunk.document_id] >= most_per_document
        (spare if is_full else taken).append(chunk)
        of_document[chunk.document_id] += 1
        if len(taken) == k:
            break
    return [*taken, *spare][:k]


def distinct(found: Sequence[Found], *, k: int) -> list[Found]:
    """Return the first k that say something of their own; each names its twins, those that say the same elsewhere.

    The same: the same words in nearly the same order (the Jaccard similarity of their runs of three words is 0.7 or
    more; Broder 1997), and the same numbers and denials, each as often. So a new price, date or version is never taken
    for a repetition, nor what must not be for what must.
    """
    kept: list[_Kept] = []
    for chunk in found:
        sketch = _Sketch.of(chunk.content)
        twin = next((one for one in kept if sketch.is_near(one.sketch)), None)
        if twin is not None:
            twin.twins.append(chunk)
        elif len(kept) < k:
            kept.append(_Kept(chunk, sketch, []))
    return [
        replace(one.chunk, also_in=tuple(_as_twin(twin) for twin in one.twins)) if one.twins else one.chunk
        for one in kept
    ]


def fused(rankings: Sequence[Sequence[Found]], *, k: int) -> list[Found]:
    """Return the k that stand highest in several rankings together, with the scores of where each stands highest.

    Reciprocal rank fusion with the constant 60 (Cormack, Clarke and Büttcher, SIGIR 2009); one ranking stays as it is.
    """
    shares: dict[UUID, float] = defaultdict(float)
    highest: dict[UUID, Found] = {}
    for ranking in rankings:
        for place, chunk in enumerate(ranking, start=1):
            shares[chunk.chunk_id] += 1 / (RANK_CONSTANT + place)
            known = highest.setdefault(chunk.chunk_id, chunk)
            if chunk.score > known.score:
                highest[chunk.chunk_id] = chunk
    # sorted is stable: of equals the one stands first that an earlier ranking has
    return distinct(sorted(highest.values(), key=lambda chunk: -shares[chunk.chunk_id]), k=k)


def of_first_documents(found: Sequence[Found], most: int | None) -> list[Found]:
    """Return those of the first `most` documents, in the order given; all of them for None."""
    allowed = set(list(dict.fromkeys(chunk.document_id for chunk in found))[:most])
    return [chunk for chunk in found if chunk.document_id in allowed]


def neighbours(found: Sequence[Found]) -> list[tuple[Found, ...]]:
    """Return those that stand beside each other in one version, two or more together, in reading order.

    Together they span at most 6,000 characters.
    """
    of_version: dict[UUID, list[Found]] = defaultdict(list)
    for chunk in found:
        of_version[chunk.document_version_id].append(chunk)
    groups: list[list[Found]] = []
    for chunks in of_version.values():
        groups.append([])
        for chunk in sorted(chunks, key=lambda one: (one.start_char, one.end_char)):
            if not groups[-1] or not _is_beside(groups[-1], chunk):
                groups.append([])
            groups[-1].append(chunk)
    return [tuple(group) for group in groups if len(group) > 1]


def joined(found: Sequence[Found], groups: Iterable[tuple[Sequence[Found], str]]) -> list[Found]:
    """Return them with each group of neighbours as one, at the place of its best, with its best's scores.

    Beside each group: what stands in the version from its first character to its last.
    """
    group_of = {chunk.chunk_id: (group, text) for group, text in groups for chunk in group}
    result: list[Found] = []
    done: set[UUID] = set()
    for chunk in found:
        if chunk.chunk_id in done:
            continue
        if chunk.chunk_id in group_of:
            group, text = group_of[chunk.chunk_id]
            done.update(one.chunk_id for one in group)
            result.append(_as_one(chunk, group, text))
        else:
            result.append(chunk)
    return result


@dataclass(frozen=True)
class _Sketch:
    """What a text is compared by."""

    runs: frozenset[object]
    decisive: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> _Sketch:
        words = _WORD.findall(text.casefold())
        decisive = sorted(
            word for word in words if word in _DENIALS or (not word.isalpha() and any(map(str.isdigit, word)))
        )
        # a text too short for a run, or without words, is like none but itself
        runs: frozenset[object] = frozenset(zip(words, words[1:], words[2:], strict=False))
        return cls(runs or frozenset([_spaced(text)]), tuple(decisive))

    def is_near(self, other: _Sketch) -> bool:
        fewer, more = sorted((len(self.runs), len(other.runs)))
        # most texts differ so much in length or numbers that their runs need not be compared
        if fewer < NEAR * more or self.decisive != other.decisive:
            return False
        shared = len(self.runs & other.runs)
        return shared >= NEAR * (fewer + more - shared)


@dataclass(frozen=True)
class _Kept:
    chunk: Found
    sketch: _Sketch
    twins: list[Found]


def _as_twin(chunk: Found) -> Twin:
    return Twin(
        chunk.chunk_id, chunk.document_id, chunk.document_version_id, chunk.source_name, chunk.file_path, chunk.title,
        chunk.start_char, chunk.end_char,
    )  # fmt: skip


def _is_beside(group: Sequence[Found], chunk: Found) -> bool:
    end = max(one.end_char for one in group)
    return chunk.start_char - end <= WIDEST_GAP and max(end, chunk.end_char) - group[0].start_char <= LONGEST_JOINED


def _as_one(first: Found, group: Sequence[Found], text: str) -> Found:
    """`first` is the best of the group, which is in reading order."""
    twins = dict.fromkeys(twin for one in group for twin in one.also_in)
    return replace(
        first,
        content=text,
        start_char=group[0].start_char,
        end_char=max(one.end_char for one in group),
        section_title=group[0].section_title,
        page=group[0].page,
        also_in=tuple(twins),
        parts=tuple(FoundPart(one.chunk_id, one.start_char, one.end_char) for one in group),
    )


def _spaced(text: str) -> str:
    return " ".join(text.split())
