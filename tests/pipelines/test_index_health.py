"""The job that makes vector indexes, and its checks: what they see, and what they say when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import dagster as dg
import psycopg

from pipelines.definitions import build_definitions
from pipelines.execution import House
from resources.foundation.database import Server
from resources.knowledge.search import vector_indexes
from tests.factories.vectors import points, stock

MANY = vector_indexes.PAYS_FROM


def index(house: House) -> Mapping[str, dg.AssetCheckEvaluation]:
    """Run the job; its checks by name."""
    job = build_definitions(**house.resources).resolve_job_def("index_vectors")
    result = job.execute_in_process(instance=house.instance)
    assert result.success
    return {check.check_name: check for check in result.get_asset_check_evaluations()}


def test_the_job_makes_an_index_and_its_checks_hold_it_against_an_exact_search(
    house: House, server: Server, organization_id: UUID
) -> None:
    sources = {"much": points(MANY - 1_000, 16, seed=1), "some": points(1_000, 16, seed=2)}
    model_id, _ = stock(server, organization_id, sources)
    with house.database.transaction(organization_id) as connection:
        assert "have no index" in str(vector_indexes.problem(connection, organization_id, model_id))
    checks = index(house)
    assert {name: check.passed for name, check in checks.items()} == {
        "indexes_are_sound": True, "indexes_find_the_nearest": True, "statistics_agree": True,
    }  # fmt: skip
    least = checks["indexes_find_the_nearest"].metadata["least"].value
    assert isinstance(least, float)
    assert 0.95 < least <= 1
    assert f"{MANY:,} passages: recall@10" in str(checks["indexes_find_the_nearest"].metadata["recall"].value)
    with house.database.transaction(organization_id) as connection:
        assert vector_indexes.problem(connection, organization_id, model_id) is None


def test_counts_that_are_not_true_are_told(house: House, server: Server, organization_id: UUID) -> None:
    stock(server, organization_id, {"few": points(40, 16, seed=1)})
    with psycopg.connect(server.admin_conninfo(), autocommit=True) as admin:
        admin.execute("update knowledge.text_statistics set chunk_count = 41, average_length = 3")
        admin.execute(
            "insert into knowledge.lexeme_frequencies (organization_id, recipe, lexeme, chunk_count) "
            "select organization_id, recipe, 'passage', 39 from knowledge.text_statistics"
        )
    told = index(house)["statistics_agree"]
    assert not told.passed
    assert "40 passages in simple where 41 are noted, of 1.0 words where they are weighed by 3.0" in str(
        told.description
    )
    assert "1 of 50 words stand in more or fewer passages" in str(told.description)
