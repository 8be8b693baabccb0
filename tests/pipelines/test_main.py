"""`python -m pipelines` as another process sees it: JSON lines, exit status, and a run in Dagster's own history."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines.__main__ import main
from pipelines.storage import HouseStorage, address
from resources.foundation.database import Database, Server
from resources.knowledge.records import DataSource
from tests.factories.leases import find_holder

Told = subprocess.CompletedProcess[str]


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> dict[str, str]:
    """An operator's settings: a server of their own, a home in the test's folder."""
    return {
        "PATH": os.environ["PATH"], "DATABASE_URL": server.admin_conninfo(), "MILLRACE_HOME": str(tmp_path / "home"),
    }  # fmt: skip


def run(environment: dict[str, str], *arguments: str) -> Told:
    """Run it from the repository's root."""
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        capture_output=True, text=True, check=False, env=environment, timeout=600,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip


def test_a_sync_says_what_it_did_and_stands_in_the_history(
    environment: dict[str, str], server: Server, source: DataSource
) -> None:
    told = run(environment, "sync", "--organization", "acme")
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.returncode == 0, told.stderr
    assert events[-1]["event"] == "synced"
    assert (events[-1]["source"], events[-1]["listed"], events[-1]["embedded"]) == ("docs", 3, 3)
    assert "Traceback" not in told.stderr
    history = HouseStorage(address(server)).run_storage
    (kept,) = history.get_runs(dg.RunsFilter(run_ids=[events[-1]["run_id"]]))
    assert kept.is_success


def test_a_source_that_is_none_is_wrong_use(
    environment: dict[str, str],
    source: DataSource,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["sync", "--organization", "acme", "nowhere"]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "acme has no source 'nowhere'" in capsys.readouterr().err


def test_a_sync_that_is_stopped_lets_go_of_its_source_at_once(
    environment: dict[str, str], database: Database, source: DataSource, folder: Path, organization_id: UUID
) -> None:
    for number in range(600):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nThe wheel turned {number} times.\n" * 20)
    child = subprocess.Popen(
        [sys.executable, "-m", "pipelines", "sync", "--organization", "acme"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line).get("stage") == "cutting":
            break
    with database.transaction(organization_id) as connection:
        assert find_holder(connection, source.id) is not None
    child.terminate()
    said = [json.loads(line) for line in child.communicate(timeout=600)[0].splitlines()]
    assert child.returncode == 1
    assert "interrupted" in said[-1]["reason"]
    with database.transaction(organization_id) as connection:
        assert find_holder(connection, source.id) is None
