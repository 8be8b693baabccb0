"""A sync in a process of its own that kills itself at a named point. Arguments: conninfo, ids, folders, point."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.inference import Vectors
from resources.knowledge import intake
from resources.knowledge.records import ChunkingRule
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop

RULE = ChunkingRule(size=250)


def die() -> None:
    """As by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(ObjectStore):
    """Keeps bytes a number of times, and dies before it can say so."""

    left = 25

    def put(self, organization_id: UUID, data: bytes) -> str:
        checksum = super().put(organization_id, data)
        self.left -= 1
        if self.left == 0:
            die()
        return checksum


class DyingEmbedder(HashEmbedder):
    """Thinks a number of times, and dies before it answers."""

    left = 2

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.left -= 1
        if self.left == 0:
            die()
        return super().embed(texts)


def main(conninfo: str, organization_id: str, source_id: str, folder: str, objects: str, point: str) -> None:
    """Sync until the point is reached."""
    with Database(conninfo, most=1) as database:
        workshop = Workshop(
            database, UUID(organization_id), Path(folder), UUID(source_id),
            DyingStore(Path(objects)) if point == "bytes stored" else ObjectStore(Path(objects)),
            rule=RULE, embedder=DyingEmbedder() if point == "while embedding" else HashEmbedder(),
        )  # fmt: skip

        deadly, _, after = point.partition(" ")

        def watch(stage: str, done: int, _total: int) -> None:
            if stage == deadly and done >= int(after or 0):
                die()

        intake.sync(
            database, workshop.organization_id, workshop.source_id, store=workshop.store, parsers=workshop.parsers,
            recipes=workshop.recipes(), progress=watch,
        )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
