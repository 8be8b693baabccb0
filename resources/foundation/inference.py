"""What the product asks of models: vectors, words, an order. The models themselves live in files of their own."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy
from numpy.typing import NDArray

from resources.foundation.counting import estimated_tokens
from resources.foundation.errors import Refused, Unavailable

Vectors = NDArray[numpy.float32]
Message = dict[str, str]
HIGHEST = sys.float_info.max


class Embedder(Protocol):
    """Turns texts into vectors. `name` and `version` say together which vectors may be compared with each other."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 of shape (len(texts), dimension), each row of length 1; raises rather than return less."""
        ...


class Reranker(Protocol):
    """Judges passages against a question better than the search could; rerankers.py has those that there are."""

    @property
    def name(self) -> str: ...

    def rank(self, question: str, passages: Sequence[str]) -> Verdict:
        """Return one score for each passage; raises rather than judge fewer, or one twice."""
        ...


class Conversation(Protocol):
    """What a remote model is told. The conversations domain has the record that answers to this."""

    @property
    def temperature(self) -> float | None: ...
    @property
    def max_completion_tokens(self) -> int | None: ...

    def messages(self) -> list[Message]:
        """Return messages with `role` and `content`, in order."""
        ...


@runtime_checkable
class Steered(Protocol):
    """A conversation that asks more of the model, such as `top_p`, by the names that its provider knows."""

    @property
    def parameters(self) -> Mapping[str, object]: ...


@dataclass(frozen=True)
class Usage:
    """What an answer cost. Estimated where the model did not say, as when the reader left before the end."""

    prompt_tokens: int
    completion_tokens: int
    is_estimated: bool


@dataclass(frozen=True)
class Verdict:
    """A reranker's scores, one for each passage in their order, higher is better; `usage` where it is told."""

    scores: tuple[float, ...]
    usage: Usage | None = None


@dataclass(frozen=True)
class Ending:
    """How a model's answer ended: `stop`, or `length` and `content_filter` when it is cut."""

    finish_reason: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Speech(Iterator[str]):
    """An answer as it comes. When it has ended, `usage` and `finish_reason` are known; `close` ends it early."""

    def __init__(self, words: Generator[str, None, Ending], *, prompt_tokens: int) -> None:
        self._words = words
        self._prompt_tokens = prompt_tokens
        self._heard: list[str] = []
        self._ending: Ending | None = None

    def __next__(self) -> str:
        try:
            word = next(self._words)
        except StopIteration as stop:
            # a generator that is asked again after its end has no value any more
            self._ending = self._ending or stop.value
            raise
        self._heard.append(word)
        return word

    def close(self) -> None:
        """End the answer here and release what carries it."""
        self._words.close()

    @property
    def text(self) -> str:
        """All that was heard until now."""
        return "".join(self._heard)

    @property
    def finish_reason(self) -> str | None:
        """None while it speaks, and for ever when it was closed or broke off."""
        return self._ending.finish_reason if self._ending else None

    @property
    def usage(self) -> Usage:
        """The model's own count, or an estimate from what was heard."""
        told = self._ending
        if told is None or told.prompt_tokens is None or told.completion_tokens is None:
            return Usage(self._prompt_tokens, estimated_tokens(self.text), is_estimated=True)
        return Usage(told.prompt_tokens, told.completion_tokens, is_estimated=False)


class UnsoundVectors(Unavailable):
    """A model gave vectors that must not be stored: too few, of another size, not finite, or without length."""


class UnsoundScores(Unavailable):
    """A reranker's answer must not be used: scores that are missing, repeated, not finite or of no passage."""


class RefusedTexts(Refused):
    """The model took some texts and refused others.

    `positions` are the refused ones, counted from 0 in the texts given; `vectors` belong to all others, in order.
    """

    def __init__(self, positions: tuple[int, ...], vectors: Vectors, reason: str) -> None:
        super().__init__(
            f"The embedding model refused {len(positions)} of {len(positions) + len(vectors)} texts "
            f"(at {', '.join(map(str, positions[:10]))}): {reason}. Cut them shorter or leave them out."
        )
        self.positions = positions
        self.vectors = vectors


def checked(vectors: object, *, count: int, dimension: int) -> Vectors:
    """Return the vectors as float32 rows of length 1, shape (count, dimension), or raise UnsoundVectors."""
    try:
        rows = numpy.asarray(vectors, dtype=numpy.float64)
    except (TypeError, ValueError, OverflowError):
        raise UnsoundVectors("The embedding model returned something that is not a table of numbers.") from None
    if count == 0 and rows.size == 0:
        return numpy.empty((0, dimension), dtype=numpy.float32)
    if rows.ndim != 2 or rows.shape[0] != count:
        raise UnsoundVectors(f"The embedding model returned {rows.shape} numbers for {count} texts.")
    if rows.shape[1] != dimension:
        raise UnsoundVectors(
            f"The embedding model returned vectors of {rows.shape[1]} numbers where {dimension} are expected. "
            "Set the dimension that this model has, or name the model that was meant."
        )
    largest = numpy.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    # NaN and infinity travel through abs and max, so that one test finds them and zero alike
    if not numpy.all(numpy.isfinite(largest) & (largest > 0)):
        raise UnsoundVectors("The embedding model returned a vector that is not finite or has no length.")
    # dividing by the largest first keeps the squares from overflow and underflow
    rows = rows / largest
    unit: Vectors = (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).astype(numpy.float32)
    return unit


def checked_scores(scored: Iterable[tuple[object, object]], *, count: int) -> tuple[float, ...]:
    """Return the scores of `count` passages in their order, of (position from 0, score) in any; else UnsoundScores."""
    scores: dict[int, float] = {}
    for position, score in scored:
        if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position < count:
            raise UnsoundScores(f"The reranker judged passage {position!r:.20}, where there are {count}.")
        if position in scores:
            raise UnsoundScores(f"The reranker judged passage {position} twice.")
        if not isinstance(score, int | float) or isinstance(score, bool) or not -HIGHEST <= score <= HIGHEST:
            raise UnsoundScores(f"The reranker gave passage {position} no score that is a finite number.")
        scores[position] = float(score)
    if len(scores) != count:
        raise UnsoundScores(f"The reranker judged {len(scores)} of {count} passages.")
    return tuple(scores[position] for position in range(count))


def well_formed(text: str) -> str:
    """Return the text with lone surrogates, which no wire and no tokenizer takes, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
