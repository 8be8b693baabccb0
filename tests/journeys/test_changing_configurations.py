"""A change of model and chunk size under questions: killed three times, finished, activated and taken back, no mix."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from benchmarks import configurations
from resources.bots.configurations import builds, model_config_versions
from resources.bots.evaluation import readiness
from resources.bots.evaluation.readiness import Terms
from resources.bots.records import Chatbot, ModelConfigVersion, NewVersion
from resources.bots.retrieval import retrieval
from resources.conversations import retrieval_logs
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database, Server
from resources.foundation.embedded_model import EmbeddedModel
from tests.factories.library import open_chatbot, shelve
from tests.factories.workshops import Workshop, make_workshop

DOCUMENTS = 60
PARAGRAPHS = 60


@pytest.fixture
def workshop(database: Database, organization_id: UUID, tmp_path: Path) -> Workshop:
    workshop = make_workshop(database, organization_id, tmp_path)
    workshop.embedder = EmbeddedModel()
    for number in range(DOCUMENTS):
        paragraphs = (
            f"In mill {number} the miller keeps sack {place} of rye beside wheel {number * place} and the owl."
            for place in range(PARAGRAPHS)
        )
        workshop.write(f"{number}.txt", "\n\n".join(paragraphs))
    workshop.sync()
    return workshop


def small_chunks(server: Server) -> int:
    with psycopg.connect(server.admin_conninfo()) as admin:
        row = admin.execute("select count(*) from knowledge.chunks where chunk_size = 150").fetchone()
    assert row is not None
    return int(row[0])


def build(server: Server, home: Path, version: ModelConfigVersion) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": server.admin_conninfo(), "MILLRACE_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", "build-configuration", "--organization", "acme", str(version.id)],
        env=environment, cwd=Path(__file__).resolve().parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def asking(database: Database, organization_id: UUID, chatbot: Chatbot) -> Iterator[list[set[int]]]:
    """Questions all the while; of each the chunk sizes among what it found."""
    sizes: list[set[int]] = []
    ended, embedder = threading.Event(), EmbeddedModel()

    def ask() -> None:
        while not ended.is_set():
            with database.transaction(organization_id) as connection:
                config = model_config_versions.get_active(connection, organization_id, chatbot.id)
            found = retrieval.search(
                database, organization_id, chatbot=chatbot, config=config, question="Which sack of rye has the owl?",
                embedder=embedder, reranker=None,
            )  # fmt: skip
            with database.transaction(organization_id) as connection:
                rows = connection.execute(
                    "select chunk_size from knowledge.chunks where id = any (%s)",
                    [[hit.chunk_id for hit in found.offered]],
                ).fetchall()
            assert len(rows) == len(found.offered) == config.retrieval_k
            sizes.append({row[0] for row in rows})

    with ThreadPoolExecutor(2) as clients:
        under_way = [clients.submit(ask) for _ in range(2)]
        try:
            yield sizes
        finally:
            ended.set()
    for client in under_way:
        client.result()


@pytest.mark.campaign
def test_a_build_that_is_killed_three_times_finishes_and_nobody_who_asks_notices(
    server: Server, database: Database, organization_id: UUID, workshop: Workshop, tmp_path: Path
) -> None:
    chatbot = open_chatbot(database, organization_id, workshop.source_id, name="miller")
    with database.transaction(organization_id) as connection:
        first = model_config_versions.get_active(connection, organization_id, chatbot.id)
        smaller = NewVersion("wordllama-256", "extractive", chunk_size=150)
        draft = model_config_versions.create(connection, organization_id, chatbot.id, smaller)
    with asking(database, organization_id, chatbot) as sizes:
        for _ in range(3):
            before = small_chunks(server)
            running = build(server, tmp_path / "home", draft)
            while small_chunks(server) == before and running.poll() is None:
                time.sleep(0.005)
            running.kill()
            assert running.wait() == -9
        assert build(server, tmp_path / "home", draft).wait() == 0
        assert set.union(*sizes) == {1600}
        for version in (draft, first, draft, first):
            with database.transaction(organization_id) as connection:
                current = model_config_versions.get(connection, organization_id, version.id)
                assert builds.count_missing(connection, organization_id, current) == 0
                model_config_versions.activate(connection, organization_id, current)
            seen = len(sizes)
            while len(sizes) < seen + 6:
                time.sleep(0.01)
    assert all(len(one) == 1 for one in sizes), "an answer mixed two versions"
    assert set.union(*sizes) == {1600, 150}


def test_going_back_and_forth_under_questions_mixes_nothing_and_fails_nobody(
    database: Database, organization_id: UUID
) -> None:
    texts = {
        f"{number}.txt": f"In mill {number} the miller keeps the sack of rye beside the owl." for number in range(12)
    }
    chatbot = open_chatbot(database, organization_id, shelve(database, organization_id, texts), name="miller")
    with database.transaction(organization_id) as connection:
        first = model_config_versions.get_active(connection, organization_id, chatbot.id)
        fewer = replace(model_config_versions.values_of(first), retrieval_k=3)
        second = model_config_versions.create(connection, organization_id, chatbot.id, fewer)
        readiness.activate(connection, organization_id, second, terms=Terms(is_unmeasured=True))
    models, ended = ProviderModels(), threading.Event()
    given: list[Answered] = []

    def ask() -> None:
        while not ended.is_set():
            asked = Asked("Where does the miller keep the sack of rye?")
            *_, answered = answers.answer(database, organization_id, chatbot=chatbot, asked=asked, models=models)
            assert isinstance(answered, Answered)
            assert answered.outcome == "answered"
            given.append(answered)

    with ThreadPoolExecutor(3) as clients:
        under_way = [clients.submit(ask) for _ in range(3)]
        for _ in range(10):
            with database.transaction(organization_id) as connection:
                readiness.roll_back(connection, organization_id, chatbot.id, activated_by="mia")
            seen = len(given)
            while len(given) < seen + 2 and not any(client.done() for client in under_way):
                time.sleep(0.005)
        ended.set()
    for client in under_way:
        client.result()
    with database.transaction(organization_id) as connection:
        for answered in given:
            log = retrieval_logs.find_for_message(connection, organization_id, answered.message_id)
            assert log is not None
            served = first if answered.configuration == first.number else second
            assert (log.model_config_version_id, log.retrieval_k) == (
                served.id,
                fewer.retrieval_k if served is second else 8,
            )
            assert len(log.retrieved_chunk_ids) <= log.retrieval_k
        assert model_config_versions.get_active(connection, organization_id, chatbot.id).id == second.id
    assert {answered.configuration for answered in given} == {1, 2}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.campaign
def test_the_benchmark_of_changes_finds_no_failed_and_no_mixed_answer(server_folder: Path) -> None:
    home = server_folder / "changes"
    home.mkdir()
    report = configurations.measure(None, chunks=400, home=home, port=free_port(), pause_s=0.05, calm_s=2)
    assert (report["failures"], report["mixed"], report["found_nothing"]) == ([], 0, 0)
    assert report["versions_that_answered"] == ["1", "2", "3", "4", "5"]
    made = report["builds"]
    assert isinstance(made, list)
    assert [one["killed"] for one in made] == [1, 2, 0, 0]
    assert [one["missing"] for one in made] == [0, 0, 0, 0]
    assert made[2]["last_run_made"]["chunks"] == 0, "the smaller passages were there already"
    assert made[3]["last_run_made"] == {"chunks": 0, "vectors": 0, "reused": 0}
