"""Small honest embedding models: equal texts have equal vectors, and what was asked is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy

from resources.foundation.errors import Unavailable
from resources.foundation.inference import RefusedTexts, Vectors, checked


class HashEmbedder:
    """Vectors of length 1 from the hash of a text."""

    def __init__(self, *, name: str = "hash", version: str = "1", dimension: int = 8) -> None:
        self.name = name
        self.version = version
        self.dimension = dimension
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        rows = numpy.array([self._row(text) for text in texts], dtype=numpy.float32).reshape(-1, self.dimension)
        return checked(rows, count=len(texts), dimension=self.dimension)

    def _row(self, text: str) -> list[int]:
        seed = sha256(text.encode()).digest()
        return [1 + seed[place % len(seed)] for place in range(self.dimension)]


class FailingEmbedder(HashEmbedder):
    """Answers a number of times, then is out of reach until it is `mended`."""

    def __init__(self, *, answers: int) -> None:
        super().__init__()
        self.answers = answers

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.answers <= 0:
            raise Unavailable("the embedding model does not answer: try again later")
        self.answers -= 1
        return super().embed(texts)

    def mend(self) -> None:
        self.answers = 1_000_000


class ChoosyEmbedder(HashEmbedder):
    """Refuses texts that hold a word."""

    def __init__(self, *, refused_word: str) -> None:
        super().__init__()
        self.refused_word = refused_word

    def embed(self, texts: Sequence[str]) -> Vectors:
        refused = tuple(place for place, text in enumerate(texts) if self.refused_word in text)
        taken = [text for text in texts if self.refused_word not in text]
        if refused:
            raise RefusedTexts(refused, super().embed(taken), "it does not like them")
        return super().embed(taken)
