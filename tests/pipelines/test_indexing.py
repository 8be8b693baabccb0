"""A sync that brings many vectors leaves them indexed, however it runs, and is none the worse where that fails."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import dagster as dg
import pytest

from pipelines import runs
from pipelines.definitions import build_definitions
from pipelines.execution import House, sync
from resources.foundation.database import Server
from resources.knowledge.records import DataSource
from resources.knowledge.search import vector_indexes
from resources.knowledge.search.vector_indexes import VectorIndex
from tests.factories.vectors import points, stock

MANY = vector_indexes.PAYS_FROM
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def as_assets(house: House) -> None:
    """As `millrace sync` does it."""
    assert sync(house, "acme", ["docs"]) == 0


def shared(house: House) -> None:
    """As the sensor asks for it."""

    def silent(_stage: str, _done: int, _total: int) -> None:
        return None

    job = build_definitions(**house.resources, progress=silent).resolve_job_def("sync_due")
    config = {**runs.asked_config(["acme/docs"]), **QUIET}
    assert job.execute_in_process(instance=house.instance, run_config=config).success


def index_of(house: House, organization_id: UUID) -> VectorIndex:
    """The index of the vectors that were many."""
    with house.database.transaction(organization_id) as connection:
        return next(
            one for one in vector_indexes.select_all(connection, organization_id) if one.model == "points"
        )  # fmt: skip


def told(house: House, name: str) -> object:
    """What the sync says of its last step."""
    event = house.instance.get_latest_materialization_event(dg.AssetKey("embeddings"))
    assert event is not None
    assert event.asset_materialization is not None
    value = event.asset_materialization.metadata.get(name)
    return None if value is None else value.value


@pytest.mark.parametrize("synced", [as_assets, shared])
def test_a_sync_leaves_many_vectors_indexed(
    house: House, source: DataSource, server: Server, organization_id: UUID, synced: Callable[[House], None]
) -> None:
    stock(server, organization_id, {"many": points(MANY, 16, seed=1)})
    synced(house)
    assert told(house, "indexed") == "points"
    assert index_of(house, organization_id).serves
    synced(house)
    with house.database.transaction(organization_id) as connection:
        assert len(vector_indexes.select_all(connection, organization_id)) == 2
    assert sum(index.is_indexed for index in _all(house, organization_id)) == 1, "few vectors are compared"


def test_a_sync_is_none_the_worse_where_an_index_cannot_be_made(
    house: House, source: DataSource, server: Server, organization_id: UUID
) -> None:
    stock(server, organization_id, {"many": points(MANY, 16, seed=1)})
    nowhere = House(house.instance, house.database, {**house.resources, "server": server.with_database("nowhere")})
    as_assets(nowhere)
    assert "nowhere" in str(told(house, "index_problem"))
    assert not index_of(house, organization_id).is_indexed
    assert "have no index" in str(vector_indexes.problem_of(index_of(house, organization_id)))
    as_assets(house)
    assert index_of(house, organization_id).serves


def _all(house: House, organization_id: UUID) -> list[VectorIndex]:
    with house.database.transaction(organization_id) as connection:
        return vector_indexes.select_all(connection, organization_id)
