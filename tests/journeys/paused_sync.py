"""Syncs in a process of its own that stops itself, as by SIGSTOP, where told to. Arguments: conninfo, ids, folders.

Each line of its input is a point: a stage, perhaps with how much of it is done, or `nowhere`. It answers each with one.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Conflict
from resources.foundation.files import ObjectStore
from resources.knowledge.intake import intake
from tests.factories.workshops import Workshop


def main(conninfo: str, organization_id: str, source_id: str, folder: str, objects: str) -> None:
    """Sync once for each line."""
    with Database(conninfo, most=1) as database:
        workshop = Workshop(
            database, UUID(organization_id), Path(folder), UUID(source_id), ObjectStore(Path(objects))
        )  # fmt: skip
        answer("ready")
        for line in sys.stdin:
            answer(sync(workshop, line.strip()))


def sync(workshop: Workshop, point: str) -> str:
    """How the sync ended."""
    passed = False

    def watch(stage: str, done: int, _total: int) -> None:
        nonlocal passed
        if not passed and point in (stage, f"{stage} {done}"):
            passed = True
            os.kill(os.getpid(), signal.SIGSTOP)

    try:
        intake.sync(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
            parsers=workshop.parsers, recipes=workshop.recipes(), progress=watch,
        )  # fmt: skip
    except Conflict as error:
        return f"overtaken: {error}" if "overtaken" in str(error) else f"refused: {error}"
    return "synced"


def answer(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
