"""A sync that is killed anywhere and run again ends in the rows of one that was left in peace."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from resources.foundation.database import Database, Server
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop
from tests.journeys.killed_sync import RULE

ROOT = Path(__file__).resolve().parents[2]


def fill(workshop: Workshop, *, seed: int) -> None:
    """Sixty files, some long, some equal, one torn."""
    dice = random.Random(seed)  # noqa: S311
    for n in range(60):
        lines = [f"# Sheet {n}"] if n % 3 else []
        lines += [
            f"Sack {dice.randrange(40)} of rye, number {m} of sheet {n}. " * 6 for m in range(dice.randrange(1, 30))
        ]
        workshop.write(f"{n % 7}/{n}.md", "\n\n".join(lines), age_s=9_000 - n - 100 * seed)
    workshop.write("copy.md", (workshop.folder / "0/0.md").read_bytes())
    workshop.write("torn.pdf", b"%PDF-1.7 torn")


@pytest.mark.parametrize(
    "points",
    [
        ["bytes stored"], ["cutting 33"], ["while embedding"],
        pytest.param(["fetching 40"], marks=pytest.mark.campaign),
        pytest.param(["cutting 1"], marks=pytest.mark.campaign),
        pytest.param(["embedding"], marks=pytest.mark.campaign),
        pytest.param(["bytes stored", "cutting 10", "while embedding"], marks=pytest.mark.campaign),
    ],
    ids=" then ".join,
)  # fmt: skip
def test_a_killed_sync_is_made_good_by_the_next(
    points: list[str], database: Database, server: Server, tmp_path: Path
) -> None:
    disturbed, peaceful = (
        make_workshop(database, make_organization(database, name), tmp_path / name)
        for name in ("disturbed", "peaceful")
    )
    disturbed.rule = peaceful.rule = RULE
    for seed in (1, 2):
        fill(disturbed, seed=seed)
        fill(peaceful, seed=seed)
        for point in points:
            killed = sync_in_a_process(server, disturbed, point)
            assert killed == -signal.SIGKILL
            disturbed.expire_lease()
        disturbed.sync()
        peaceful.sync()
        assert disturbed.snapshot() == peaceful.snapshot()
    assert versions(disturbed) == versions(peaceful)


def versions(workshop: Workshop) -> list[tuple[object, ...]]:
    return workshop.rows(
        b"""select d.file_path, v.number, v.checksum, v.status, v.valid_from is null, v.valid_to is null
            from knowledge.document_versions v join knowledge.documents d
                on d.organization_id = v.organization_id and d.id = v.document_id
            order by 1, 2"""
    )


def sync_in_a_process(server: Server, workshop: Workshop, point: str) -> int:
    """The exit status; it is killed when it reaches the point."""
    arguments = [
        server.conninfo("millrace_pipeline"), workshop.organization_id, workshop.source_id, workshop.folder,
        workshop.store.root, point,
    ]  # fmt: skip
    run = subprocess.run(
        [sys.executable, "-m", "tests.journeys.killed_sync", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    return run.returncode
