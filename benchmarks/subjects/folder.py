"""What all subjects read, and the one embedding model that all are given; needs nothing but numpy and tokenizers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from resources.foundation.embedded_model import DIMENSION, EmbeddedModel
from resources.foundation.inference import Vectors

__all__ = ["DIMENSION", "SUFFIXES", "CountingModel", "say", "texts"]

SUFFIXES = (".md", ".rst", ".txt")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each text below a folder by its path, in order."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES:
            yield path.relative_to(folder).as_posix(), path.read_text(errors="replace")


class CountingModel:
    """The model that ships with Millrace; it counts the texts that it is asked for."""

    def __init__(self) -> None:
        self._model = EmbeddedModel()
        self.embedded = 0

    def embed(self, wanted: Sequence[str]) -> Vectors:
        """float32 (len(wanted), 256)."""
        self.embedded += len(wanted)
        return self._model.embed(wanted)


def say(**counts: object) -> None:
    """What was done, as the last line of standard output."""
    sys.stdout.write(json.dumps(counts) + "\n")
    sys.stdout.flush()
