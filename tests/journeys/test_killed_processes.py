"""Dagster's processes are killed while a source is synced; it is in step again by itself, with no lease left behind.

One after the other, by SIGKILL: the process of the run, the code server (with it whatever runs in it), the daemon. Each
time the source is in step again within five minutes of the kill. What a supervisor does is done here: `dagster dev` is
started again when it has ended, and its code server as `millrace up` does.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from pipelines import runs
from pipelines.instance import open_instance, write_instance
from resources.bindings import house_server
from resources.bots import chatbots, starter
from resources.foundation.database import Database, Server, open_database
from resources.foundation.migrations import migrate
from resources.foundation.settings import Settings
from resources.knowledge.sources import data_sources, reconciliation, training_jobs
from serving.commands.processes import Process, reload_dead_code, start_dagster
from tests.conftest import make_organization
from tests.factories.leases import find_holder

PROMISED_S = 300
DOCUMENTS = 600


@dataclass
class Plant:
    """Dagster at work on a folder that is synced as often as may be."""

    settings: Settings
    database: Database
    organization_id: UUID
    source_id: UUID
    folder: Path
    running: ExitStack
    dagster: Process
    edition: int = 0

    def write(self) -> None:
        """New words in every document: some seconds of work."""
        self.edition += 1
        for number in range(DOCUMENTS):
            words = f"In edition {self.edition} of page {number} the wheel turns {number * self.edition} times. "
            (self.folder / f"{number}.md").write_text(f"# Page {number}\n\n{words * 8}\n")

    def holder(self) -> str | None:
        """The run that works on the source."""
        with self.database.transaction(self.organization_id) as connection:
            return find_holder(connection, self.source_id)

    def is_in_step(self) -> bool:
        """Whether readers see the present edition of every document, and nobody works on the source."""
        with self.database.transaction(self.organization_id) as connection:
            found = connection.execute(
                "select count(*) from knowledge.chunks where is_active and content like %s",
                [f"%In edition {self.edition} of%"],
            ).fetchone()
            agreement = reconciliation.get(connection, self.organization_id, self.source_id)
        return found is not None and found[0] >= DOCUMENTS and not agreement.waiting and self.holder() is None

    def wait_until_at_work(self) -> psutil.Process:
        """Wait until a run is in the middle of the source; its process."""
        waits_until = time.monotonic() + PROMISED_S
        while time.monotonic() < waits_until:
            self.dagster.require_alive(for_s=0.2)
            holder = self.holder()
            if holder is not None and self._stage() in ("cutting", "embedding"):
                with open_instance(self.settings) as instance:
                    run = instance.get_run_by_id(holder)
                assert run is not None
                return psutil.Process(int(run.tags[runs.PROCESS_TAG].split(":")[1]))
        raise AssertionError("no run took the source up")

    def _stage(self) -> str | None:
        with self.database.transaction(self.organization_id) as connection:
            job = training_jobs.select_latest(connection, self.organization_id, at_most=1)[0]
        return job.stage if job.status == "processing" else None

    def wait_until_in_step(self) -> float:
        """Wait until all is well again; how long that took, in seconds."""
        began_at = time.monotonic()
        while not self.is_in_step():
            reload_dead_code(self.settings)
            assert time.monotonic() - began_at < PROMISED_S, "the source is not in step after five minutes"
            time.sleep(2)
        return time.monotonic() - began_at

    def process(self, mark: str) -> psutil.Process:
        """The process of Dagster whose command line has these words."""
        (found,) = (
            child
            for child in psutil.Process(self.dagster.child.pid).children(recursive=True)
            if mark in " ".join(child.cmdline())
        )
        return found

    def start_again(self) -> None:
        """As a supervisor does when `dagster dev` has ended."""
        self.running.close()
        self.dagster = self.running.enter_context(start_dagster(self.settings))


@pytest.fixture
def plant(server_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """An installation of its own, with an embedded server, in which Dagster runs."""
    for name in ("DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("MILLRACE_HOME", str(server_folder / "killed-processes"))
    monkeypatch.setenv("MILLRACE_DAGSTER_PORT", str(port))
    settings = Settings.from_environment()
    server = Server(settings)
    migrate(server)
    write_instance(settings, server)
    folder = tmp_path / "pages"
    folder.mkdir()
    try:
        with open_database(server, "millrace_pipeline", most=2) as database, ExitStack() as running:
            organization_id = make_organization(database, "acme")
            with database.transaction(organization_id) as connection:
                source = data_sources.create(
                    connection, organization_id, name="pages", config={"location": str(folder)}, sync_frequency=10
                )
                bot = starter.ensure_chatbot(
                    connection, organization_id, name="pages", embedding_model=settings.embedding_model,
                    llm_model=settings.chat_model,
                )  # fmt: skip
                chatbots.attach_source(connection, organization_id, bot.id, source.id)
            dagster = running.enter_context(start_dagster(settings))
            plant = Plant(settings, database, organization_id, source.id, folder, running, dagster)
            plant.write()
            yield plant
    finally:
        house_server().close()  # looking up a run attached to it, for the life of this process
        house_server.cache_clear()
        server.close()


@pytest.mark.campaign
def test_whatever_of_dagster_is_killed_the_source_is_in_step_again_by_itself(plant: Plant) -> None:
    took: dict[str, float] = {}

    plant.wait_until_at_work().kill()
    took["the run"] = plant.wait_until_in_step()

    plant.write()
    worker = plant.wait_until_at_work()
    plant.process("dagster api grpc").kill()
    worker.kill()  # it may live on without its server
    took["the code server"] = plant.wait_until_in_step()

    plant.write()
    plant.wait_until_at_work()
    os.kill(plant.process("dagster._daemon").pid, signal.SIGKILL)
    plant.dagster.child.wait(60)
    plant.start_again()
    took["the daemon"] = plant.wait_until_in_step()

    assert max(took.values()) < PROMISED_S, took
