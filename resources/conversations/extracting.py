"""Answer with the passages' own sentences. Pure: a question and passages in, places of sentences out.

A sentence is judged by the question's words it holds, rare words of these passages counting more (idf, Spärck Jones
1972), by those that the sentence before it and the section's title add, by its vector's nearness where vectors are at
hand, and by its passage's score. Weights and floors were set on one half of SQuAD 2.0's development questions and
measured on the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import NDArray

from resources.conversations.records import Extract, Passage
from resources.conversations.sentencing import Place, is_heading, sentences, terms

Embed = Callable[[Sequence[str]], NDArray[numpy.float32]]

MOST_SENTENCES = 3
CONTEXT_WEIGHT = 0.5
NEARNESS_WEIGHT = 1.0
PASSAGE_WEIGHT = 0.5
# A further sentence is quoted when it comes this near to the best one.
NEAR_THE_BEST = 0.6
# These floors lose 1 right answer in 100 on SQuAD 2.0. A question about something else is refused in half of the
# cases with vectors, in a fifth with words alone; one that only seems answered, hardly ever. The first floor fits the
# embedded model's vectors.
LEAST_CONFIDENCE = 0.27
LEAST_LEXICAL_CONFIDENCE = 0.18


@dataclass(frozen=True)
class _Candidate:
    passage: Passage
    place: Place
    terms: frozenset[str]
    context: frozenset[str]
    is_heading: bool

    @property
    def text(self) -> str:
        return self.passage.content[slice(*self.place)]


def extracts(
    question: str, passages: Sequence[Passage], *, embed: Embed | None = None, most: int = MOST_SENTENCES
) -> list[Extract]:
    """Return at most `most` sentences that answer, the best first; none when no sentence speaks to the question.

    `embed` returns rows of length 1. Without it words alone decide, which finds about one answer in a hundred less.
    """
    everything = [candidate for passage in passages for candidate in _candidates(passage)]
    candidates = [candidate for candidate in everything if not candidate.is_heading] or everything
    if not candidates:
        return []
    lexical = _lexical(terms(question), candidates)
    nearness = _nearness(question, candidates, embed) if embed else numpy.zeros(len(candidates))
    scores = (1 + CONTEXT_WEIGHT) * lexical + NEARNESS_WEIGHT * nearness + PASSAGE_WEIGHT * _standing(candidates)
    confidences = numpy.clip((lexical + nearness) / 2 if embed else lexical, 0.0, 1.0)
    floor = LEAST_CONFIDENCE if embed else LEAST_LEXICAL_CONFIDENCE
    order = numpy.argsort(-scores, kind="stable")
    near = NEAR_THE_BEST * scores[order[0]]
    speaking = [at for at in order if scores[at] >= near and confidences[at] >= floor]
    # where the best does not speak to the question, the others are chance
    chosen = _distinct(candidates, speaking)[:most] if confidences[order[0]] >= floor else []
    return [Extract(candidates[at].passage, *candidates[at].place, float(confidences[at])) for at in chosen]


def told(extracts: Iterable[Extract]) -> str:
    """Return the answer: each quote as it stands, with its marker, in paragraphs of their own."""
    return "\n\n".join(f"{extract.quote} [{extract.passage.index}]" for extract in extracts)


def _candidates(passage: Passage) -> list[_Candidate]:
    """Return a passage's sentences. Their context is the names of their place, the heading above, the sentence before,
    and for the row of a table its first row."""
    names = terms(f"{passage.title} {passage.section_title or ''}")
    candidates = []
    before = heading = header = frozenset[str]()
    was_row = False
    for place in sentences(passage.content):
        text = passage.content[slice(*place)]
        own = terms(text)
        is_row = " | " in text
        header = own if is_row and not was_row else header if is_row else frozenset()
        names_what_follows = is_heading(passage.content, place, passage.section_title)
        heading = own if names_what_follows else heading
        context = own | before | names | heading | header
        candidates.append(_Candidate(passage, place, own, context, names_what_follows))
        before, was_row = own, is_row
    return candidates


def _lexical(asked: frozenset[str], candidates: Sequence[_Candidate]) -> NDArray[numpy.float64]:
    """Return for each candidate the weighted share of the question's terms that it holds, in [0, 1]."""
    held = {term: sum(term in candidate.terms for candidate in candidates) for term in asked}
    weights = {term: math.log(1 + (len(candidates) - count + 0.5) / (count + 0.5)) for term, count in held.items()}
    whole = (1 + CONTEXT_WEIGHT) * sum(weights.values()) or 1.0

    def share(candidate: _Candidate) -> float:
        own = sum(weights[term] for term in asked & candidate.terms)
        around = sum(weights[term] for term in asked & candidate.context)
        return (own + CONTEXT_WEIGHT * around) / whole

    return numpy.array([share(candidate) for candidate in candidates])


def _nearness(question: str, candidates: Sequence[_Candidate], embed: Embed) -> NDArray[numpy.float64]:
    vectors = embed([question, *(candidate.text for candidate in candidates)]).astype(numpy.float64)
    return numpy.asarray(vectors[1:] @ vectors[0])


def _standing(candidates: Sequence[_Candidate]) -> NDArray[numpy.float64]:
    """Return each candidate's passage score as a share of the best one."""
    scores = numpy.array([max(candidate.passage.score, 0.0) for candidate in candidates])
    return scores / (scores.max() or 1.0)


def _distinct(candidates: Sequence[_Candidate], order: Iterable[int]) -> list[int]:
    """Leave out sentences that say again what a better one said word for word."""
    said: set[str] = set()
    kept = []
    for at in order:
        words = " ".join(candidates[at].text.split()).casefold()
        if words not in said:
            said.add(words)
            kept.append(int(at))
    return kept
