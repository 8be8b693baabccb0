"""Each source is asked for when it is due, once, and never while it is under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import dagster as dg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.execution import House, sync_one
from pipelines.partitions import PARTITIONS_NAME
from pipelines.sensors import due_sources, find_request, is_due
from resources.knowledge import data_sources
from resources.knowledge.records import DataSource, SourceListing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOURLY = SourceListing(uuid4(), "acme", uuid4(), "docs", "active", True, 3600, None)


def tick(house: House) -> dg.SensorResult:
    """What the sensor asks for now. Partitions come and go as it says; runs are left to the caller."""
    context = dg.build_sensor_context(instance=house.instance, resources={"database": house.database})
    result = due_sources(context)
    assert isinstance(result, dg.SensorResult)
    for change in result.dynamic_partitions_requests or []:
        if isinstance(change, dg.AddDynamicPartitionsRequest):
            house.instance.add_dynamic_partitions(PARTITIONS_NAME, change.partition_keys)
        else:
            for name in change.partition_keys:
                house.instance.delete_dynamic_partition(PARTITIONS_NAME, name)
    return result


def asked_for(result: dg.SensorResult) -> list[str | None]:
    """The partitions of the runs that were asked for."""
    return [request.partition_key for request in result.run_requests or []]


@given(st.integers(10, 10**6), st.integers(-(10**6), 10**6))
def test_a_source_is_due_exactly_when_its_frequency_has_passed(frequency: int, late_s: int) -> None:
    synced_at = NOW - timedelta(seconds=frequency + late_s)
    assert is_due(replace(HOURLY, sync_frequency=frequency, last_sync=synced_at), NOW) == (late_s >= 0)


def test_a_source_that_is_held_back_is_never_due() -> None:
    assert is_due(HOURLY, NOW)
    assert not is_due(replace(HOURLY, auto_sync=False), NOW)
    assert not is_due(replace(HOURLY, status="inactive"), NOW)


def test_a_source_that_failed_is_due_again() -> None:
    assert is_due(replace(HOURLY, status="error", last_sync=NOW - timedelta(hours=2)), NOW)


def test_partitions_follow_the_sources(house: House, source: DataSource, organization_id: UUID) -> None:
    house.instance.add_dynamic_partitions(PARTITIONS_NAME, ["acme/long gone"])
    tick(house)
    assert house.instance.get_dynamic_partitions(PARTITIONS_NAME) == ["acme/docs"]
    with house.database.transaction(organization_id) as connection:
        data_sources.remove(connection, organization_id, source.id)
    result = tick(house)
    assert house.instance.get_dynamic_partitions(PARTITIONS_NAME) == []
    assert asked_for(result) == []


def test_a_new_source_is_asked_for_and_a_synced_one_is_not(
    house: House, source: DataSource, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked_for(tick(house)) == ["acme/docs"]
    assert sync_one(house, "acme/docs")
    assert asked_for(tick(house)) == []


def test_asking_twice_before_the_run_exists_asks_for_the_same_run(house: House, source: DataSource) -> None:
    first, second = (tick(house).run_requests or [] for _ in range(2))
    assert [request.run_key for request in first] == [request.run_key for request in second]


def test_after_a_run_that_failed_the_source_is_asked_for_anew_as_another_run(
    house: House, source: DataSource, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = tick(house).run_requests or []
    folder.rename(folder.parent / "moved")
    assert not sync_one(house, "acme/docs")
    assert asked_for(tick(house)) == []
    now = datetime.now(UTC)
    assert find_request(house.instance, "acme/docs", HOURLY, now + timedelta(minutes=4)) is None
    after = find_request(house.instance, "acme/docs", HOURLY, now + timedelta(minutes=6))
    assert after is not None
    assert after.run_key != before.run_key


def test_a_source_under_way_is_not_asked_for(house: House, source: DataSource) -> None:
    @dg.job
    def sync_sources() -> None:
        """Stands for a run of the job."""

    house.instance.create_run_for_job(
        sync_sources, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "acme/docs"}
    )
    assert asked_for(tick(house)) == []
