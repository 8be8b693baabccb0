"""The suites are silent about healthy rows and fail for every fault, for one organization at a time."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from uuid import UUID

import dagster as dg
import pytest

from pipelines.checks import CHUNKS, DOCUMENTS, EMBEDDINGS, Held, hold
from pipelines.definitions import build_definitions
from pipelines.execution import House, sync
from resources.foundation.database import Database, Server
from resources.knowledge.records import DataSource
from tests.conftest import make_organization
from tests.factories.faults import FAULTS, Fault, plant

SUITES = {"documents_hold": DOCUMENTS, "chunks_hold": CHUNKS, "embeddings_hold": EMBEDDINGS}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture
def healthy(house: House, source: DataSource, capsys: pytest.CaptureFixture[str]) -> House:
    """A house with one synced source."""
    assert sync(house, "acme", []) == 0
    return house


def results(house: House) -> dict[str, dg.AssetCheckEvaluation]:
    """What the job `check_knowledge` finds."""
    job = build_definitions(**house.resources).resolve_job_def("check_knowledge")
    result = job.execute_in_process(instance=house.instance)
    return {evaluation.check_name: evaluation for evaluation in result.get_asset_check_evaluations()}


def test_a_healthy_source_passes_every_suite_and_a_fault_fails_its_own(healthy: House, organization_id: UUID) -> None:
    found = results(healthy)
    assert {name: evaluation.passed for name, evaluation in found.items()} == dict.fromkeys(SUITES, True)
    assert found["chunks_hold"].metadata["expectations"].value == len(CHUNKS)
    with healthy.database.transaction(organization_id) as connection:
        plant(connection, FAULTS[0])
    found = results(healthy)
    assert not found["embeddings_hold"].passed
    assert found["embeddings_hold"].description == "acme: not always true that a visible chunk has a vector"
    assert found["documents_hold"].passed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.says)
def test_every_fault_is_noticed(healthy: House, server: Server, organization_id: UUID, fault: Fault) -> None:
    with healthy.database.transaction(organization_id) as connection:
        plant(connection, fault)
    assert broken(server, healthy.database, fault.suite)


def test_a_vector_that_no_chunk_needs_is_noticed(healthy: House, server: Server, organization_id: UUID) -> None:
    with healthy.database.transaction(organization_id) as connection:
        connection.execute("delete from knowledge.chunks")
    assert "a vector's text stands in a chunk" in {
        one.rule.says for one in broken(server, healthy.database, "embeddings_hold")
    }


def test_each_organization_is_held_apart(healthy: House, server: Server, organization_id: UUID) -> None:
    make_organization(healthy.database, "other")
    with healthy.database.transaction(organization_id) as connection:
        plant(connection, FAULTS[0])
    held = list(hold(server, healthy.database, "embeddings_hold", EMBEDDINGS))
    assert {one.organization for one in held} == {"acme", "other"}
    assert {one.organization for one in held if not one.passed} == {"acme"}
    assert all(one.rows == 0 for one in held if one.organization == "other")


def test_no_word_of_a_document_reaches_dagster(healthy: House, organization_id: UUID) -> None:
    with healthy.database.transaction(organization_id) as connection:
        connection.execute("update knowledge.chunks set token_count = 0")
    evaluation = results(healthy)["chunks_hold"]
    assert not evaluation.passed
    told = json.dumps([str(entry) for entry in evaluation.metadata.values()]) + str(evaluation.description)
    assert "wheel" not in told


def broken(server: Server, database: Database, suite: str) -> list[Held]:
    """What a suite finds wrong."""
    return [one for one in hold(server, database, suite, SUITES[suite]) if not one.passed]
