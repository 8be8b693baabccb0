"""Weigh the sentences of passages against a question. Pure: texts in, scores out.

A sentence's evidence: the question's words in it (rare ones count more: idf, Spärck Jones 1972), in its surroundings
(title, section, heading, table header, first words of its paragraph) and in the sentence before; words also meet by
their vectors, as in late interaction (Khattab and Zaharia, ColBERT, 2020). Then its vector's nearness with and without
its neighbours, the kind of answer wanted, and its passage's score and rank. The weights are those of a conditional
logit model of which sentence holds the answer, so a difference of 1 means odds of e.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy
from numpy.typing import NDArray

from resources.conversations.answering import hinting
from resources.conversations.answering.sentencing import Place, is_heading, is_item, sentences, words
from resources.conversations.records import Passage

Embed = Callable[[Sequence[str]], NDArray[numpy.float32]]
Numbers = NDArray[numpy.float64]

# Words that no sentence holds because it answers, beside the function words.
_IDLE = frozenset(
    re.findall(
        r"\w+",
        """
        get gets got getting take takes taking go goes going come comes happen happens happened need needs must make
        makes made put give gives given use used using want wants thing things anybody somebody someone anyone
        everybody nobody one still after before during under over out up only very well there
        """,
    )
)
_HOW = re.compile(r"\bhow (\w+)")
_RULE = re.compile(r"[|\s:-]*--[|\s:-]*")
_BREAK = re.compile(r"\n[^\S\n]*\n")
# Cosine of two words' vectors from which on they say something of each other.
UNRELATED = 0.25
LONGEST_LABEL = 60
SHORT = 25
# As many other sentences are taken to be there, so that few passages are weighed as many are.
ALWAYS_OTHERS = 10
ACROSS_WORDS = 0.4
FIRST_UNSPACED = "\u0e00"
# Words of unspaced scripts are pairs of characters, and what so short a word means its vector does not tell.
LONGEST_PAIR = 2


@dataclass
class _Vocabulary:
    """Numbers words, so that each is compared once."""

    numbers: dict[str, int] = field(default_factory=dict)
    stems: list[str] = field(default_factory=list)

    def of(self, text: str) -> tuple[int, ...]:
        return tuple(self._number(word, stem) for word, stem in words(text))

    def _number(self, word: str, stem: str) -> int:
        if word not in self.numbers:
            self.numbers[word] = len(self.stems)
            self.stems.append(stem)
        return self.numbers[word]


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage; `rank` counts passages from 0. `follows`: the sentence before it is in its paragraph.

    A table's first row is a heading where it names the columns.
    """

    passage: Passage
    rank: int
    place: Place
    is_heading: bool
    is_row: bool
    is_item: bool
    follows: bool
    words: tuple[int, ...]
    surroundings: tuple[int, ...]

    @property
    def text(self) -> str:
        return self.passage.content[slice(*self.place)]


@dataclass(frozen=True)
class Weighed:
    """Sentences with what speaks for each.

    `held[word, sentence]`: how far a sentence holds a word of the question, in [0, 1]; `weights` of these words sum to
    1. `kind` is the share of the wanted kind of answer that each shows. `evidence`: rows as in FLOOR_WEIGHTS.
    """

    sentences: list[Sentence]
    scores: Numbers
    held: Numbers
    weights: Numbers
    kind: Numbers
    evidence: dict[str, Numbers]


SCORE_WEIGHTS = {
    "around": 3.9, "before": 3.2, "near": 1.8, "near_window": 4.0, "pairs": 1.5,
    "number": 2.1, "date": 1.0, "name": 1.2, "standing": 3.1, "rank": 0.7, "asks": -1.4, "short": -1.1,
}  # fmt: skip


def weighed(question: str, passages: Sequence[Passage], embed: Embed | None) -> Weighed | None:
    """Return all sentences of the passages, weighed; None when there is none. `embed` returns rows of length 1."""
    vocabulary = _Vocabulary()
    found = [one for rank, passage in enumerate(passages) for one in _sentences(passage, rank, vocabulary)]
    if not found:
        return None
    asked = _asked(question)
    same, alike, near, window = _compared(question, asked, found, vocabulary, embed)
    own = _held(same, [one.words for one in found])
    held = _held(alike, [one.words for one in found])
    around = numpy.maximum(held, _held(alike, [one.surroundings for one in found]))
    before = numpy.maximum(around, _before(held, found))
    weights = _weights([word for word, _ in asked], own.sum(axis=1), len(found))
    kind = hinting.wanted(question)
    shown = numpy.array([hinting.shown(kind, one.text, question) for one in found])
    evidence = {
        "own": weights @ own,
        "alike": weights @ held,
        "around": weights @ around,
        "before": weights @ before,
        "near": near,
        "near_window": window,
        "pairs": _pairs([stem for _, stem in asked], found, vocabulary),
        "number": shown * (kind == "number"),
        "date": shown * (kind == "date"),
        "name": shown * (kind == "name"),
        "standing": _standing(found),
        "rank": numpy.array([1 / (1 + one.rank) for one in found]),
        "asks": numpy.array([float(one.text.endswith(("?", "？", "؟"))) for one in found]),
        "short": numpy.array([float(len(one.text) < SHORT) for one in found]),
    }
    scores = sum((weight * evidence[name] for name, weight in SCORE_WEIGHTS.items()), numpy.zeros(len(found)))
    return Weighed(found, scores, held, weights, shown, evidence)


def _weights(asked: Sequence[str], counts: Numbers, sentences: int) -> Numbers:
    """Return what each word of the question counts; all together 1.

    Pairs of characters that nobody wrote mostly stand across two words of the question, and tell little.
    """
    everything = sentences + ALWAYS_OTHERS
    weights = numpy.log(1 + (everything - counts + 0.5) / (counts + 0.5))
    across = numpy.array([count == 0 and _is_pair(word) for word, count in zip(asked, counts, strict=True)], dtype=bool)
    weights[across] *= ACROSS_WORDS
    return weights / (weights.sum() or 1.0)


def _is_pair(word: str) -> bool:
    return len(word) == LONGEST_PAIR and word[0] >= FIRST_UNSPACED


def _asked(question: str) -> list[tuple[str, str]]:
    """Return the question's words that can be looked for, each once."""
    every = list(dict.fromkeys(words(question)))
    degrees = set(_HOW.findall(question.casefold()))
    return [pair for pair in every if pair[0] not in _IDLE and pair[0] not in degrees] or every


def _sentences(passage: Passage, rank: int, vocabulary: _Vocabulary) -> list[Sentence]:
    names = vocabulary.of(f"{passage.title} {passage.section_title or ''}")
    found: list[Sentence] = []
    heading: tuple[int, ...] = ()
    label: tuple[int, ...] = ()
    header: tuple[int, ...] = ()
    announced: tuple[int, ...] = ()
    for place in sentences(passage.content):
        text = passage.content[slice(*place)]
        own = vocabulary.of(text)
        is_row = " | " in text
        last = found[-1] if found else None
        opens = last is None or _BREAK.search(passage.content, last.place[1], place[0]) is not None
        names_columns = is_row and not (last and last.is_row) and _names_columns(passage, place)
        names_what_follows = names_columns or is_heading(passage.content, place, passage.section_title)
        heading = own if names_what_follows and not is_row else heading
        header = () if not is_row else header if last and last.is_row else own
        label = vocabulary.of(_label(text)) if opens or is_item(text) else label
        announced = announced if is_item(text) else own if text.endswith((":", "：")) else ()
        found.append(
            Sentence(
                passage, rank, place, names_what_follows, is_row, is_item(text),
                last is not None and not (opens or last.is_heading or is_row or last.is_row or is_item(text)),
                own, names + heading + header + label + announced,
            )
        )  # fmt: skip
    return found


def _names_columns(passage: Passage, place: Place) -> bool:
    """Whether the first row of a table that is seen here is its header, and not a row of a table begun before."""
    start, end = place
    line = passage.content[end:].split("\n", 2)[1:2]
    if line and _RULE.fullmatch(line[0]):
        return True
    begins_here = passage.start == 0 or bool(passage.content[:start].strip())
    return begins_here and " | " in "".join(line) and not any(map(str.isdigit, passage.content[start:end]))


def _label(text: str) -> str:
    """Return what a paragraph is about, where its first sentence says so: "Weir: ...", or a short line."""
    return text.split(":")[0] if ":" in text[:LONGEST_LABEL] else text if len(text) < LONGEST_LABEL else ""


def _compared(
    question: str,
    asked: Sequence[tuple[str, str]],
    found: Sequence[Sentence],
    vocabulary: _Vocabulary,
    embed: Embed | None,
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return which words are the same, how far words are alike, and how near each sentence is, alone and in its window.

    Pairs of characters of unspaced scripts, and numbers, are alike only when they are the same.
    """
    stems = numpy.array(vocabulary.stems)
    same = numpy.array([stems == stem for _, stem in asked], dtype=float).reshape(len(asked), len(stems))
    if embed is None:
        return same, same, numpy.zeros(len(found)), numpy.zeros(len(found))
    sought = [at for at, (word, _) in enumerate(asked) if _has_meaning(word)]
    there = [at for word, at in vocabulary.numbers.items() if _has_meaning(word)] if sought else []
    known = list(vocabulary.numbers)
    texts = [question, *(one.text for one in found), *(asked[at][0] for at in sought), *(known[at] for at in there)]
    vectors = embed(texts).astype(numpy.float64)
    alike = same.copy()
    of_words = vectors[1 + len(found) :]
    if there:
        cosines = of_words[: len(sought)] @ of_words[len(sought) :].T
        near = numpy.clip((cosines - UNRELATED) / (1 - UNRELATED), 0.0, 1.0)
        alike[numpy.ix_(sought, there)] = numpy.maximum(same[numpy.ix_(sought, there)], near)
    of_sentences = vectors[1 : 1 + len(found)]
    return same, alike, of_sentences @ vectors[0], _windows(of_sentences, found) @ vectors[0]


def _has_meaning(word: str) -> bool:
    return len(word) > LONGEST_PAIR and word.isalpha()


def _windows(vectors: Numbers, found: Sequence[Sentence]) -> Numbers:
    """Return the vectors of sentences with half of their neighbours of the same passage; longer ones weigh more."""
    weighty = vectors * numpy.sqrt([len(one.text) for one in found])[:, None]
    together = numpy.array([later.rank == earlier.rank for earlier, later in pairwise(found)])
    windows = weighty.copy()
    if len(found) > 1:
        windows[1:] += 0.5 * weighty[:-1] * together[:, None]
        windows[:-1] += 0.5 * weighty[1:] * together[:, None]
    lengths = numpy.linalg.norm(windows, axis=1, keepdims=True)
    return windows / numpy.where(lengths > 0, lengths, 1.0)


def _held(alike: Numbers, texts: Sequence[tuple[int, ...]]) -> Numbers:
    """Return for each word of the question and each text the nearest of the text's words."""
    with_nothing = numpy.hstack([alike, numpy.zeros((len(alike), 1))])
    nothing = (alike.shape[1],)
    flat = [number for text in texts for number in text + nothing]
    starts = numpy.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    return numpy.asarray(numpy.maximum.reduceat(with_nothing[:, flat], starts, axis=1))


def _before(held: Numbers, found: Sequence[Sentence]) -> Numbers:
    """Return what the sentence before each holds; entries of a list do not go on with one another."""
    before = numpy.zeros_like(held)
    for at in range(1, len(found)):
        if (
            found[at].rank == found[at - 1].rank
            and not (found[at].is_item and found[at - 1].is_item)
            and not (found[at].is_row and found[at - 1].is_row)
        ):
            before[:, at] = held[:, at - 1]
    return before


def _pairs(asked: Sequence[str], found: Sequence[Sentence], vocabulary: _Vocabulary) -> Numbers:
    """Return the share of the question's neighbouring words that are neighbours in each sentence."""
    wanted = list(pairwise(asked))
    if not wanted:
        return numpy.zeros(len(found))

    def share(one: Sentence) -> float:
        stems = [vocabulary.stems[number] for number in one.words]
        there = set(pairwise(stems))
        return sum(pair in there for pair in wanted) / len(wanted)

    return numpy.array([share(one) for one in found])


def _standing(found: Sequence[Sentence]) -> Numbers:
    """Return each sentence's passage score as a share of the best one."""
    scores = numpy.array([max(one.passage.score, 0.0) for one in found])
    return numpy.asarray(scores / (scores.max() or 1.0))
