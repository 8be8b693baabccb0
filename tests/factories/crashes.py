"""Ends of a process at named points of a sync, found by watching what it asks of the database, the disk and the model.

Nothing of the product knows of this. A moment is told as words: `before chunks.create` and `after chunks.create` (a
named statement of sql/queries), `before commit of chunks.create` and `after commit of chunks.create` (the transaction
that ran it), `reading a.md`, `storing`, `stored`, `parsing`, `parsed`, `embedding`, `embedded`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

import psycopg

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Embedder, Vectors
from resources.foundation.statements import SQL_FOLDER, Connection, statements_in
from resources.knowledge.readers.conveying import ParseFailure
from resources.knowledge.records import Parsed
from tests.factories.workshops import DirectParsers

Watch = Callable[[str], None]

POINTS = {
    "listing page fetched": "after documents.select_known",
    "listing complete recorded": "before deletions.lock_open",
    "lease taken": "after commit of leases.take_over",
    "download begun": "reading fresh.md",
    "bytes stored": "stored",
    "raw document committed": "after commit of document_versions.create",
    "parsing begun": "parsing",
    "parsing done": "parsed",
    "parse result stored": "after document_versions.set_parsed",
    "cutting done": "before document_versions.set_parsed",
    "chunk rows staged": "after commit of chunks.create",
    "batch sent to the model": "embedding",
    "batch received from the model": "embedded",
    "batch of vectors staged": "after embeddings.create",
    "all batches staged": "before documents.publish",
    "versions flipped": "before commit of documents.publish",
    "versions flipped and committed": "after commit of documents.publish",
    "old versions deleted": "after chunks.remove_replaced",
    "a vanished document deleted": "after documents.remove",
    "a moved document in its place": "after documents.move",
    "words counted out": "after lexeme_frequencies.count_out",
    "metrics written": "after training_jobs.advance",
    "the source synced": "after data_sources.set_synced",
    "the sync completed": "before commit of training_jobs.complete",
}
"""Twenty-four points of a sync, by what reliability literature calls them, each with the moment that it is."""


class Reaper:
    """Does something at a moment, the first time it comes; others go by."""

    def __init__(self, moment: str, strike: Callable[[], None]) -> None:
        self._moment = moment
        self._strike = strike
        self._lock = threading.Lock()
        self.has_struck = False

    def __call__(self, moment: str) -> None:
        with self._lock:
            if moment != self._moment or self.has_struck:
                return
            self.has_struck = True
        self._strike()


class WatchedDatabase(Database):
    """A pool of its own whose statements and commits are told."""

    def __init__(self, conninfo: str, watch: Watch, *, most: int = 2) -> None:
        super().__init__(conninfo, most=most)
        self._watch = watch

    @contextmanager
    def transaction(self, organization_id: UUID) -> Iterator[Connection]:
        said: list[str] = []
        with super().transaction(organization_id) as connection:
            connection.cursor_factory = _watched(self._watch, said)
            yield connection
            for name in said:
                self._watch(f"before commit of {name}")
        for name in said:
            self._watch(f"after commit of {name}")


class WatchedStore(ObjectStore):
    """The same folder."""

    def __init__(self, store: ObjectStore, watch: Watch) -> None:
        super().__init__(store.root)
        self._watch = watch

    def put(self, organization_id: UUID, data: bytes) -> str:
        self._watch("storing")
        checksum = super().put(organization_id, data)
        self._watch("stored")
        return checksum


class WatchedParsers(DirectParsers):
    """Parses in this process."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        self._watch("parsing")
        parsed = super().parse(data, media_type=media_type, filename=filename, parser=parser)
        self._watch("parsed")
        return parsed


class WatchedEmbedder:
    """Another model, watched."""

    def __init__(self, embedder: Embedder, watch: Watch) -> None:
        self.name, self.version, self.dimension = embedder.name, embedder.version, embedder.dimension
        self._embedder = embedder
        self._watch = watch

    def embed(self, texts: Sequence[str]) -> Vectors:
        self._watch("embedding")
        vectors = self._embedder.embed(texts)
        self._watch("embedded")
        return vectors


_readers: list[Watch] = []


def watch_reading(watch: Watch) -> None:
    """Tell, from now on and until the process ends or another watches, of each file that is opened by its bare name."""
    if not _readers:
        sys.addaudithook(_heard)
    _readers[:] = [watch]


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str) and os.sep not in arguments[0]:
        _readers[0](f"reading {arguments[0]}")


@cache
def _names() -> dict[bytes, str]:
    """What each statement of the product is called."""
    return {
        statement.text.encode(): f"{path.stem}.{name}"
        for path in SQL_FOLDER.glob("queries/*/*.sql")
        for name, statement in statements_in(path).items()
    }


def _watched(watch: Watch, said: list[str]) -> type[psycopg.Cursor[Any]]:
    names = _names()

    class WatchedCursor(psycopg.Cursor[Any]):
        """Tells of each named statement, and remembers it for the commit."""

        def execute(self, query: Any, *arguments: Any, **others: Any) -> Any:
            name = names.get(query) if isinstance(query, bytes) else None
            if name is None:
                return super().execute(query, *arguments, **others)
            watch(f"before {name}")
            super().execute(query, *arguments, **others)
            said.append(name)
            watch(f"after {name}")
            return self

        def executemany(self, query: Any, *arguments: Any, **others: Any) -> None:
            name = names.get(query) if isinstance(query, bytes) else None
            watch(f"before {name}")
            super().executemany(query, *arguments, **others)
            if name is not None:
                said.append(name)
            watch(f"after {name}")

    return WatchedCursor
