"""Sources share a run, and neither a failure nor a fault of one touches the others."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import dagster as dg
import pytest

from pipelines import runs
from pipelines.definitions import build_definitions
from pipelines.execution import House, sync
from resources.foundation.files import ObjectStore
from resources.knowledge.intake import leases
from resources.knowledge.records import DataSource, TrainingJob
from resources.knowledge.sources import data_sources, training_jobs
from tests.factories.leases import find_holder

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run_shared(house: House, *keys: str) -> dg.ExecuteInProcessResult:
    """The job `sync_due` for these partitions."""

    def silent(_stage: str, _done: int, _total: int) -> None:
        return None

    job = build_definitions(**house.resources, progress=silent).resolve_job_def("sync_due")
    return job.execute_in_process(
        instance=house.instance, run_config={**runs.asked_config(keys), **QUIET}, raise_on_error=False
    )


def add(house: House, organization_id: UUID, location: Path, name: str) -> DataSource:
    """Another source of acme, with one document if its folder is there."""
    with house.database.transaction(organization_id) as connection:
        return data_sources.create(connection, organization_id, name=name, config={"location": str(location)})


def jobs(house: House, organization_id: UUID, source: DataSource) -> list[TrainingJob]:
    """The syncs of a source, newest first."""
    with house.database.transaction(organization_id) as connection:
        return training_jobs.select_latest(connection, organization_id, source_id=source.id)


def told(result: dg.ExecuteInProcessResult) -> dict[str, list[str]]:
    """The assets that were materialized, by partition."""
    found: dict[str, list[str]] = {}
    for event in result.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        found.setdefault(materialization.partition or "", []).append(materialization.asset_key.to_user_string())
    return found


CHECKS = ("source_agrees", "items_succeed", "deletions_decided")
ALL = ["data_sources", "raw_documents", "chunks", "embeddings"]


def test_each_source_has_an_outcome_of_its_own(
    house: House, source: DataSource, organization_id: UUID, folder: Path
) -> None:
    gone = add(house, organization_id, folder.parent / "nowhere", "a gone one")
    other = add(house, organization_id, folder, "z")
    result = run_shared(house, "acme/a gone one", "acme/docs", "acme/z")
    assert not result.success
    assert [event.step_key for event in result.all_events if event.is_step_failure] == [
        "sync_source[acme_a_gone_one__0]"
    ]
    assert told(result) == {"acme/a gone one": ["data_sources"], "acme/docs": ALL, "acme/z": ALL}
    for synced, status in ((gone, "failed"), (source, "completed"), (other, "completed")):
        (job,) = jobs(house, organization_id, synced)
        assert (job.status, job.dagster_run_id) == (status, result.run_id)
    assert [(check.check_name, check.partition, check.passed) for check in result.get_asset_check_evaluations()] == [
        (name, partition, True) for partition in ("acme/docs", "acme/z") for name in CHECKS
    ]


def test_the_counts_stand_with_the_asset_of_the_partition(house: House, source: DataSource) -> None:
    result = run_shared(house, "acme/docs")
    assert result.success
    event = house.instance.get_latest_materialization_event(dg.AssetKey("embeddings"))
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.partition == "acme/docs"
    assert event.asset_materialization.metadata["embedded"].value == 3
    assert house.instance.get_materialized_partitions(dg.AssetKey("raw_documents")) == {"acme/docs"}


def test_a_fault_that_nobody_foresaw_ends_its_sync_as_failed_and_the_others_go_on(
    house: House, source: DataSource, organization_id: UUID, folder: Path, tmp_path: Path
) -> None:
    sunk = tmp_path / "sunk"
    sunk.mkdir()
    (sunk / "stone.txt").write_text("A stone that sinks.\n")
    other = add(house, organization_id, sunk, "other")

    class Sea(ObjectStore):
        """A store with a fault that no error of ours describes."""

        def put(self, organization_id: UUID, data: bytes) -> str:
            if b"sinks" in data:
                raise ZeroDivisionError
            return super().put(organization_id, data)

    at_sea = House(house.instance, house.database, {**house.resources, "store": Sea(tmp_path / "sea")})
    result = run_shared(at_sea, "acme/other", "acme/docs")
    assert not result.success
    assert told(result)["acme/docs"] == ALL
    (job,) = jobs(house, organization_id, other)
    assert job.status == "failed"
    assert "ZeroDivisionError" in str(job.reason)
    with house.database.transaction(organization_id) as connection:
        assert data_sources.get(connection, organization_id, other.id).last_sync is not None
        assert find_holder(connection, other.id) is None


def test_a_source_that_was_synced_in_the_meantime_costs_nothing(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    sync(house, "acme", ["docs"])
    result = run_shared(house, "acme/docs")
    assert result.success
    assert told(result) == {}
    assert len(jobs(house, organization_id, source)) == 1


def test_a_source_that_another_sync_works_on_is_passed_over(
    house: House, source: DataSource, organization_id: UUID
) -> None:
    with house.database.transaction(organization_id) as connection:
        leases.take(connection, organization_id, source.id, holder="somebody else")
    result = run_shared(house, "acme/docs")
    assert result.success
    assert told(result) == {}


def test_a_source_that_was_removed_in_the_meantime_is_passed_over(
    house: House, source: DataSource, organization_id: UUID
) -> None:
    assert run_shared(house, "acme/no such source").success


def test_the_run_says_which_process_works_on_it(house: House, source: DataSource) -> None:
    result = run_shared(house, "acme/docs")
    run = house.instance.get_run_by_id(result.run_id)
    assert run is not None
    assert runs.is_alive(run.tags[runs.PROCESS_TAG])
    assert runs.partitions_of(run) == ("acme/docs",)
