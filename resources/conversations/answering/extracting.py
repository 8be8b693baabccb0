"""Answer with the passages' own sentences. Pure: a question and passages in, places of sentences out.

The best sentence answers, together with a neighbour that is nearly as good or that says what it leaves open; a further
one is quoted only where it comes as near. The floors and margins were set on one half of SQuAD 2.0's development
questions and on questions of other kinds beside them, and measured on the other half.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy

from resources.conversations.answering.weighing import ALWAYS_OTHERS, Embed, Numbers, Weighed, weighed
from resources.conversations.records import Extract, Passage

MOST_SENTENCES = 3
# A further sentence is quoted when the odds for it are 1 : 2 against the best at worst; beside a quoted one, 1 : 7.
FURTHER = 0.7
NEIGHBOUR = 2.0
# The share of the question that the sentence before has to add to be quoted too, when it shows what is wanted.
ADDED_BEFORE = 0.2
LONGEST_LIST = 600
# What a sentence that says nothing to the question usually has.
OTHERS_NEARNESS = 0.1
OTHERS_SCORE = 3.5
# These floors lose 3 answers in 100 on SQuAD 2.0, and refuse two questions in three about something else. One that
# only seems answered is hardly ever refused.
LEAST_CONFIDENCE = 0.24
LEAST_LEXICAL_CONFIDENCE = 0.12


def extracts(
    question: str, passages: Sequence[Passage], *, embed: Embed | None = None, most: int = MOST_SENTENCES
) -> list[Extract]:
    """Return the places that answer, of at most `most` sentences in all, the best first; none when none does.

    Neighbouring sentences are one place. `embed` returns rows of length 1. Without it words alone decide, which finds
    fewer answers that are worded in another way.
    """
    found = weighed(question, passages, embed)
    if found is None:
        return []
    speaking = [at for at, one in enumerate(found.sentences) if not one.is_heading] or list(range(len(found.sentences)))
    order = _distinct(found, sorted(speaking, key=lambda at: -found.scores[at]))
    confidence = _confidence(found, order[0])
    if confidence < (LEAST_CONFIDENCE if embed else LEAST_LEXICAL_CONFIDENCE):
        return []
    return [_extract(found, run, confidence) for run in _runs(found, _chosen(found, order, most))]


def _chosen(found: Weighed, order: Sequence[int], most: int) -> list[int]:
    """Return the best sentence and those that are nearly as good, or that complete it."""
    best = order[0]
    chosen = [best]
    for at in order[1:]:
        behind = found.scores[best] - found.scores[at]
        if len(chosen) < most and behind <= (NEIGHBOUR if _is_beside(found, at, chosen) else FURTHER):
            chosen.append(at)
    if len(chosen) < most and best - 1 not in chosen and _completes(found, best):
        chosen.append(best - 1)
    return chosen


def _is_beside(found: Weighed, at: int, chosen: Sequence[int]) -> bool:
    after = at + 1 < len(found.sentences) and found.sentences[at + 1].follows and at + 1 in chosen
    return after or (found.sentences[at].follows and at - 1 in chosen)


def _completes(found: Weighed, at: int) -> bool:
    """Whether the sentence before says what this one leaves open: words of the question, and the answer's kind."""
    if not found.sentences[at].follows or found.kind[at - 1] < found.kind[at]:
        return False
    added = found.weights @ numpy.maximum(found.held[:, at - 1] - found.held[:, at], 0.0)
    return bool(added >= ADDED_BEFORE)


def _runs(found: Weighed, chosen: Sequence[int]) -> list[tuple[int, int]]:
    """Return first and last of each run of neighbours, in the order of the first that was chosen of each."""
    runs: list[tuple[int, int]] = []
    for at in chosen:
        if any(first <= at <= last for first, last in runs):
            continue
        first = last = at
        while found.sentences[first].follows and first - 1 in chosen:
            first -= 1
        while last + 1 in chosen and found.sentences[last + 1].follows:
            last += 1
        runs.append((first, last))
    return runs


def _extract(found: Weighed, run: tuple[int, int], confidence: float) -> Extract:
    first, last = found.sentences[run[0]], found.sentences[_with_list(found, run[1])]
    return Extract(first.passage, first.place[0], last.place[1], confidence)


def _with_list(found: Weighed, at: int) -> int:
    """Return the last of the entries that a sentence announces with a colon; the sentence itself when there is none."""
    announcing = found.sentences[at]
    last = at
    if not announcing.text.endswith((":", "：")):
        return at
    for after, one in enumerate(found.sentences[at + 1 :], start=at + 1):
        is_of_list = one.rank == announcing.rank and not one.is_heading and (one.is_item or one.follows)
        if not is_of_list or one.place[1] - announcing.place[0] > LONGEST_LIST:
            break
        last = after
    return last


def _confidence(found: Weighed, best: int) -> float:
    """Return how likely it is that a sentence answers the question and not only stands nearest to it, in [0, 1].

    A logistic model of the question's words found, and of how far the best stands out among all: what vectors say of
    a language they hardly know is the same for all sentences.
    """
    evidence = found.evidence
    logit = (
        -4.16
        + 0.7 * evidence["own"][best]
        + 1.8 * evidence["own"].max()
        + 2.2 * evidence["pairs"][best]
        + 1.35 * _above_others(evidence["near"], best, OTHERS_NEARNESS)
        + 0.54 * _above_others(found.scores, best, OTHERS_SCORE)
    )
    return float(1 / (1 + math.exp(-logit)))


def _above_others(values: Numbers, best: int, usual: float) -> float:
    """Return how far the best one's value is above the mean, as if some usual sentences stood there always: where
    there are few, they may all be good."""
    return float(values[best] - (values.sum() + ALWAYS_OTHERS * usual) / (len(values) + ALWAYS_OTHERS))


def _distinct(found: Weighed, order: Iterable[int]) -> list[int]:
    """Leave out sentences that say again what a better one said word for word."""
    said: set[str] = set()
    kept = []
    for at in order:
        words = " ".join(found.sentences[at].text.split()).casefold()
        if words not in said:
            said.add(words)
            kept.append(at)
    return kept
