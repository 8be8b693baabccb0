"""The embedding model that ships with the product: WordLlama's matrix and tokenizer, offline, without its padding.

Idea: a static model's vector is the mean of its tokens' rows (https://github.com/dleemiller/WordLlama). WordLlama pads
a batch to its longest text; adding up each text's own rows gives the same vectors at twice the rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy

from resources.foundation.errors import Misconfigured
from resources.foundation.inference import Vectors, checked, well_formed
from resources.foundation.model_names import EMBEDDED_MODEL

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIMENSION = 256
TEXTS_PER_BATCH = 64
CHARACTERS_PER_BATCH = 200_000
TOKENS_PER_SUM = 16_384
_LOADING = Lock()


class EmbeddedModel:
    """An Embedder. Safe to share between threads; loads in a quarter of a second, when first asked in a process."""

    name = EMBEDDED_MODEL
    version = "l2_supercat_256"
    dimension = DIMENSION

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), 256), rows of length 1.

        A text without any token, which is the empty one alone, gets the first unit vector: near to nothing, never zero.
        """
        vectors = numpy.zeros((len(texts), DIMENSION), dtype=numpy.float32)
        first = 0
        for batch in _batches(texts):
            vectors[first : first + len(batch)] = self._sums(batch)
            first += len(batch)
        vectors[~vectors.any(axis=1), 0] = 1.0
        return checked(vectors, count=len(texts), dimension=DIMENSION)

    def _sums(self, texts: list[str]) -> Vectors:
        """Return each text's token rows added up; a sum points where the mean points."""
        with _LOADING:
            tokenizer, matrix = _loaded()
        tokens = [encoded.ids for encoded in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]
        sums = numpy.zeros((len(texts), DIMENSION), dtype=numpy.float32)
        for position, ids in enumerate(tokens):
            for start in range(0, len(ids), TOKENS_PER_SUM):
                sums[position] += matrix.take(ids[start : start + TOKENS_PER_SUM], axis=0).sum(axis=0)
        return sums


@cache
def _loaded() -> tuple[Tokenizer, Vectors]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = _model_folder()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    matrix = load_file(folder / "weights" / "l2_supercat_256.safetensors")["embedding.weight"]
    return tokenizer, matrix.astype(numpy.float32)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield runs of texts, in order, bounded in number and in characters, which bound the tokens: at most four each."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        if batch and (len(batch) == TEXTS_PER_BATCH or characters + len(text) > CHARACTERS_PER_BATCH):
            yield batch
            batch, characters = [], 0
        batch.append(well_formed(text))
        characters += len(text)
    if batch:
        yield batch


def _model_folder() -> Path:
    """Find the package's folder without importing it: its import configures logging and loads an HTTP client."""
    from importlib.util import find_spec

    found = find_spec("wordllama")
    if found is None or not found.submodule_search_locations:
        raise Misconfigured("The package wordllama, which carries the embedding model, is not installed.")
    return Path(found.submodule_search_locations[0])
