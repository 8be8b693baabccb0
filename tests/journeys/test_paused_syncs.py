"""A sync that sleeps, loses its source to another one and wakes up again commits nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from resources.foundation.database import Database, Server
from resources.foundation.errors import Conflict
from tests.conftest import make_organization
from tests.factories.workshops import Row, Workshop, make_workshop

ROOT = Path(__file__).resolve().parents[2]
POINTS = ["fetching 1", "fetching 6", "cutting", "embedding"]
FILES = 6


@contextmanager
def sleeper(server: Server, workshop: Workshop) -> Iterator[subprocess.Popen[str]]:
    """A process that syncs the same source when it is told to."""
    arguments = [
        server.conninfo("millrace_pipeline"), workshop.organization_id, workshop.source_id, workshop.folder,
        workshop.store.root,
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.paused_sync", *map(str, arguments)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert heard(process) == "ready"
        yield process
    finally:
        process.kill()
        process.wait()


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def wait_until_stopped(process: subprocess.Popen[str], *, patience_s: float = 30) -> None:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        pid, status = os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG)
        if pid:
            assert os.WIFSTOPPED(status)
            return
    pytest.fail(f"it did not come to the point where it stops: {heard(process)}")


def edit(workshop: Workshop, turn: int) -> None:
    """Every file says something new; one has another name."""
    for path in workshop.folder.glob("moving-*"):
        path.unlink()
    for n in range(FILES - 1):
        workshop.write(f"{n}.txt", f"Sack {n} of turn {turn}.", age_s=9_000 - turn - n / 100)
    workshop.write(f"moving-{turn}.txt", "The sluice.", age_s=9_000)


def everything(workshop: Workshop) -> dict[str, list[Row]]:
    """What readers see, and what people see of the syncs."""
    return workshop.snapshot() | {
        "versions": workshop.rows(
            b"select document_id, number, checksum, status from knowledge.document_versions order by 1, 2"
        ),
        "jobs": workshop.rows(b"select id, status, reason from knowledge.training_jobs order by 1"),
        "sources": workshop.rows(b"select status, last_sync from knowledge.data_sources"),
        "leases": workshop.rows(b"select holder, fence from knowledge.leases"),
    }  # fmt: skip


def test_a_sync_that_slept_through_another_writes_nothing(database: Database, server: Server, tmp_path: Path) -> None:
    workshop = make_workshop(database, make_organization(database, "paused"), tmp_path)
    with sleeper(server, workshop) as process:
        for turn, point in enumerate(POINTS):
            edit(workshop, turn)
            tell(process, point)
            wait_until_stopped(process)
            with pytest.raises(Conflict, match="being synced already"):
                workshop.sync()
            workshop.expire_lease()
            workshop.sync()
            before = everything(workshop)
            process.send_signal(signal.SIGCONT)
            assert heard(process).startswith("overtaken"), point
            assert everything(workshop) == before, point
        tell(process, "nowhere")
        assert heard(process) == "synced"
        assert workshop.visible()["0.txt"] == f"Sack 0 of turn {len(POINTS) - 1}."


@pytest.mark.campaign
def test_a_sync_stopped_at_any_moment_writes_nothing_after_another(
    database: Database, server: Server, tmp_path: Path
) -> None:
    """500 times. Stopped inside a transaction it keeps its source: nobody takes it over, and it goes on."""
    dice = random.Random(7)  # noqa: S311
    workshop = make_workshop(database, make_organization(database, "paused"), tmp_path)
    workshop.sync()
    outcomes: dict[str, int] = {}
    with sleeper(server, workshop) as process:
        for turn in range(500):
            edit(workshop, turn)
            tell(process, "nowhere")
            time.sleep(dice.uniform(0, 0.4))
            process.send_signal(signal.SIGSTOP)
            wait_until_stopped(process)
            workshop.expire_lease()
            try:
                workshop.sync()
            except Conflict:
                process.send_signal(signal.SIGCONT)
                assert heard(process) == "synced"
                outcomes["kept"] = outcomes.get("kept", 0) + 1
                continue
            before = everything(workshop)
            process.send_signal(signal.SIGCONT)
            outcome = heard(process).partition(":")[0]
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if outcome == "overtaken":
                assert everything(workshop) == before
            else:  # it had ended before it was stopped, or began after the other had ended
                assert outcome == "synced"
                assert workshop.snapshot() == {name: before[name] for name in workshop.snapshot()}
    assert outcomes["overtaken"] > 100, outcomes
    print(outcomes)  # noqa: T201
