"""Forks a process for each sync, and lets it be ended at a moment. Arguments: conninfo, ids, folders.

Each line of its input is a way (KILL, TERM) and a moment, as tests/factories/crashes.py calls it; it answers each with
how that process ended: a signal as a negative number, 0 when the sync came to its end, 1 when it was interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from resources.foundation.files import ObjectStore
from resources.foundation.inference import Vectors
from resources.knowledge.records import ChunkingRule
from tests.factories.crashes import (
    Reaper,
    WatchedDatabase,
    WatchedEmbedder,
    WatchedParsers,
    WatchedStore,
    watch_reading,
)
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop

RULE = ChunkingRule(size=250)


class CountingEmbedder(HashEmbedder):
    """Writes down how many texts it was asked for, before it answers."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def embed(self, texts: Sequence[str]) -> Vectors:
        with self._log.open("a") as log:
            log.write(f"{len(texts)}\n")
        return super().embed(texts)


def sync(arguments: list[str], way: str, moment: str) -> None:
    """In a process of its own: sync until the moment comes."""
    conninfo, organization_id, source_id, folder, objects = arguments
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as the product's doors take it
    reaper = Reaper(moment, partial(os.kill, os.getpid(), getattr(signal, f"SIG{way}")))
    with WatchedDatabase(conninfo, reaper) as database:
        workshop = Workshop(
            database, UUID(organization_id), Path(folder), UUID(source_id),
            WatchedStore(ObjectStore(Path(objects)), reaper), RULE,
            WatchedEmbedder(CountingEmbedder(Path(objects).with_suffix(".asked")), reaper), WatchedParsers(reaper),
        )  # fmt: skip
        watch_reading(reaper)
        workshop.sync()


def main(*arguments: str) -> None:
    """One process for each line."""
    tell("ready")
    for line in sys.stdin:
        way, _, moment = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            try:
                sync(list(arguments), way, moment)
            except KeyboardInterrupt:
                os._exit(1)
            except BaseException as error:  # noqa: BLE001  the child of a fork must not live on as its parent
                tell(f"failed: {error!r}")
                os._exit(2)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        tell(str(os.waitstatus_to_exitcode(status)))


def tell(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
