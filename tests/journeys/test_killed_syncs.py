"""A sync that is ended at any of 24 points, in three ways, and run again ends in the rows of one left in peace."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from resources.foundation.database import Database, Server
from resources.knowledge.intake import publications
from resources.knowledge.sources import reconciliation
from tests.conftest import make_organization
from tests.factories.crashes import (
    POINTS,
    Reaper,
    WatchedDatabase,
    WatchedEmbedder,
    WatchedParsers,
    WatchedStore,
    watch_reading,
)
from tests.factories.files import zipped
from tests.factories.workshops import Row, Workshop, make_workshop
from tests.journeys.killed_sync import RULE

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("RAISE", "TERM", "KILL")
ENDS = {"TERM": 1, "KILL": -signal.SIGKILL}


class Fault(BaseException):
    """Something that nobody foresaw."""


@dataclass
class Tide:
    """A folder that is in one of two states, and goes from each to the other with every kind of change at once."""

    workshop: Workshop
    turns: int = 0

    def turn(self) -> int:
        """Go to the other state; which that is."""
        state = self.turns % 2
        self.turns += 1
        folder = self.workshop.folder
        for path in [*folder.glob("only-*"), *folder.glob("moving-*")]:
            path.unlink()
        for n in range(6):
            self._write(f"{n % 2}/{n}.md", f"# Sheet {n}\n\n" + _sacks(n, 4 + n) + ("\n\n" + _sacks(50 + n, 2)) * state)
        self._write("fresh.md", f"State {state} is new.\n\n" + _sacks(80 + state, 3))
        self._write(f"only-{state}.md", _sacks(90 + state, 3))
        self._write(f"moving-{state}.md", _sacks(70, 3))
        self._write("copy.md", _sacks(70, 3) + "\n\n" + _sacks(0, 4))
        self._write("torn.pdf", b"%PDF-1.7 torn" + b"!" * state)
        self._write("box.zip", zipped({"a.md": _sacks(60, 2), f"{state}.md": _sacks(61 + state, 2)}))
        return state

    def _write(self, path: str, content: str | bytes) -> None:
        self.workshop.write(path, content, age_s=90_000 - 10 * self.turns)


def _sacks(seed: int, paragraphs: int) -> str:
    dice = random.Random(seed)  # noqa: S311
    return "\n\n".join(
        f"Sack {dice.randrange(40)} of rye of field {dice.randrange(40)}. " * 5 for _ in range(paragraphs)
    )


def rows(workshop: Workshop) -> dict[str, list[Row]]:
    """What can be compared; archives say in their bytes when they were packed."""
    taken = workshop.snapshot()
    return taken | {"documents": [(*row[:5], *row[6:]) for row in taken["documents"]]}


def calm(database: Database, home: Path) -> dict[int, dict[str, list[Row]]]:
    """The rows of both states, when nothing is disturbed."""
    tide = Tide(make_workshop(database, make_organization(database, "calm"), home / "calm"))
    tide.workshop.rule = RULE
    found = {}
    for _ in range(4):
        state = tide.turn()
        tide.workshop.sync()
        agrees(tide.workshop)
        found[state] = rows(tide.workshop)
    return found


@contextmanager
def executioner(server: Server, workshop: Workshop) -> Iterator[subprocess.Popen[str]]:
    """A process that has others killed in their syncs."""
    arguments = [
        server.conninfo("millrace_pipeline"), workshop.organization_id, workshop.source_id, workshop.folder,
        workshop.store.root,
    ]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.killed_sync", *map(str, arguments)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert _heard(process) == "ready"
        yield process
        process.stdin.close()  # type: ignore[union-attr]


def _heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end_at(process: subprocess.Popen[str], way: str, moment: str) -> int:
    """How the process of a sync ended that met its end at a moment."""
    assert process.stdin is not None
    process.stdin.write(f"{way} {moment}\n")
    process.stdin.flush()
    answer = _heard(process)
    assert answer.lstrip("-").isdigit(), answer
    return int(answer)


def raise_at(server: Server, workshop: Workshop, moment: str) -> None:
    """The same in this process, by an exception that nobody expects."""

    def strike() -> None:
        raise Fault(moment)

    reaper = Reaper(moment, strike)
    watch_reading(reaper)
    with WatchedDatabase(server.conninfo("millrace_pipeline"), reaper) as database:
        doomed = replace(
            workshop, database=database, store=WatchedStore(workshop.store, reaper),
            embedder=WatchedEmbedder(workshop.embedder, reaper), parsers=WatchedParsers(reaper),
        )  # fmt: skip
        with pytest.raises(Fault):
            doomed.sync()


@pytest.mark.parametrize(
    ("way", "points"),
    [
        ("RAISE", list(POINTS)), ("TERM", list(POINTS)[1::8]), ("KILL", list(POINTS)[::4]),
        pytest.param("TERM", list(POINTS), marks=pytest.mark.campaign),
        pytest.param("KILL", list(POINTS), marks=pytest.mark.campaign),
    ],
    ids=["raised everywhere", "terminated at some", "killed at some", "terminated everywhere", "killed everywhere"],
)  # fmt: skip
def test_a_sync_ended_anywhere_is_made_good_by_the_next(
    way: str, points: list[str], database: Database, server: Server, tmp_path: Path
) -> None:
    wanted = calm(database, tmp_path)
    workshop = make_workshop(database, make_organization(database, "disturbed"), tmp_path / "disturbed")
    workshop.rule = RULE
    tide = Tide(workshop)
    tide.turn()
    workshop.sync()
    with executioner(server, workshop) as process:
        for point in points:
            state = tide.turn()
            if way == "RAISE":
                raise_at(server, workshop, POINTS[point])
            else:
                assert end_at(process, way, POINTS[point]) == ENDS[way], point
            if way == "KILL" or point == "lease taken":  # nobody was left, or had it yet, to let go of it
                workshop.expire_lease()
            workshop.sync()
            assert rows(workshop) == wanted[state], point
            assert workshop.sync().changed == 0, point
            agrees(workshop)


def agrees(workshop: Workshop) -> None:
    """Nothing is left that contradicts itself, waits, or seems to be at work."""
    with workshop.database.transaction(workshop.organization_id) as connection:
        agreement = reconciliation.get(connection, workshop.organization_id, workshop.source_id)
        assert reconciliation.count_orphaned_vectors(connection, workshop.organization_id) == 0
    assert not agreement.waiting, agreement
    assert workshop.rows(b"select from knowledge.training_jobs where status in ('queued', 'processing')") == []


@pytest.mark.parametrize(
    "point",
    ["batch of vectors staged",
     *(pytest.param(point, marks=pytest.mark.campaign)
       for point in ("batch sent to the model", "batch received from the model", "versions flipped",
                     "versions flipped and committed"))],
)  # fmt: skip
def test_what_a_killed_sync_asked_of_the_model_in_vain_is_bounded(
    point: str, database: Database, server: Server, tmp_path: Path
) -> None:
    """At most the batch that is being written, and the one that the model thinks about meanwhile."""
    workshop = make_workshop(database, make_organization(database, "thrifty"), tmp_path / "thrifty")
    workshop.rule = RULE
    for n in range(220):
        workshop.write(f"{n:03}.md", "\n\n".join(f"Sack {n} of field {m} holds rye. " * 7 for m in range(8)))
    with executioner(server, workshop) as process:
        assert end_at(process, "KILL", POINTS[point]) == -signal.SIGKILL
        workshop.expire_lease()
        assert end_at(process, "KILL", "never") == 0
    asked = [int(line) for line in workshop.store.root.with_suffix(".asked").read_text().split()]
    vectors = workshop.vectors()
    assert vectors > 3 * publications.BATCH
    wasted = sum(asked) - vectors
    print(f"\n{point}: {wasted} of {sum(asked)} texts in vain, in batches of {publications.BATCH}")  # noqa: T201
    assert 0 <= wasted <= 2 * publications.BATCH
