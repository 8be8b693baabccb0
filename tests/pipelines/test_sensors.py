"""Each source is asked for when it is due, once, and never while it is under way."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import dagster as dg
import psutil
import pytest

from pipelines import runs
from pipelines.execution import House, sync
from pipelines.jobs import deliver_notifications
from pipelines.partitions import PARTITIONS_NAME
from pipelines.sensors import LANE_TAG, Memory, due_sources, waiting_notifications
from pipelines.shared_syncs import sync_due
from resources.foundation.database import Database
from resources.foundation.secrets import Keyring
from resources.foundation.settings import Settings
from resources.identity import notification_channels, notifications
from resources.knowledge.intake import leases
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources


def tick(house: House, cursor: str | None = None) -> dg.SensorResult:
    """What the sensor asks for now. Partitions come and go as it says; runs are left to the caller."""
    context = dg.build_sensor_context(instance=house.instance, resources={"database": house.database}, cursor=cursor)
    result = due_sources(context)
    assert isinstance(result, dg.SensorResult)
    for change in result.dynamic_partitions_requests or []:
        if isinstance(change, dg.AddDynamicPartitionsRequest):
            house.instance.add_dynamic_partitions(PARTITIONS_NAME, change.partition_keys)
        else:
            for name in change.partition_keys:
                house.instance.delete_dynamic_partition(PARTITIONS_NAME, name)
    return result


def asked_for(result: dg.SensorResult) -> list[list[str]]:
    """The partitions of each run that was asked for."""
    return [request.run_config["ops"]["asked_for"]["config"]["sources"] for request in result.run_requests or []]


def age(database: Database, organization_id: UUID, interval: str) -> None:
    """As if all syncs had been so long ago."""
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set last_sync = last_sync - %s::interval", [interval])


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
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked_for(tick(house)) == [["acme/docs"]]
    assert sync(house, "acme", ["docs"]) == 0
    assert asked_for(tick(house)) == []
    age(house.database, organization_id, "1 hour")
    assert asked_for(tick(house)) == [["acme/docs"]]


def test_what_was_asked_for_a_moment_ago_is_not_asked_for_again(house: House, source: DataSource) -> None:
    first = tick(house)
    second = tick(house, first.cursor)
    assert asked_for(second) == []
    assert second.cursor == first.cursor


def test_a_lost_cursor_loses_no_sync_and_no_run_of_the_past_stands_in_the_way(house: House, source: DataSource) -> None:
    (first,) = tick(house).run_requests or []
    for cursor in (None, "", "[]", '{"asked_at": 3}', '{"asked_at": {"acme/docs": "yesterday"}}', "not even JSON"):
        (again,) = tick(house, cursor).run_requests or []
        assert again.run_config == first.run_config
        assert again.run_key != first.run_key


def test_what_is_remembered_of_sources_that_are_gone_or_in_step_is_forgotten(
    house: House, source: DataSource, organization_id: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tick(house).cursor
    assert set(Memory.loaded(before).asked_at) == {"acme/docs"}
    assert sync(house, "acme", ["docs"]) == 0
    assert Memory.loaded(tick(house, before).cursor).asked_at == {}
    stale = Memory({"acme/gone": datetime.now(UTC)}, {"acme/gone": datetime.now(UTC)}, frozenset()).dumped()
    assert Memory.loaded(tick(house, stale).cursor).asked_at == {}


def test_after_a_sync_that_failed_the_source_waits_for_its_next_time(
    house: House, source: DataSource, organization_id: UUID, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.rename(folder.parent / "moved")
    assert sync(house, "acme", ["docs"]) == 1
    assert asked_for(tick(house)) == []
    age(house.database, organization_id, "1 hour")
    assert asked_for(tick(house)) == [["acme/docs"]]


def test_a_source_under_way_is_not_asked_for(house: House, source: DataSource) -> None:
    @dg.job
    def sync_sources() -> None:
        """Stands for a run of the job."""

    house.instance.create_run_for_job(
        sync_sources, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "acme/docs"}
    )
    assert asked_for(tick(house)) == []


def test_a_request_names_partitions_and_a_lane_and_nothing_else(house: House, source: DataSource) -> None:
    (request,) = tick(house).run_requests or []
    assert request.run_config == {"ops": {"asked_for": {"config": {"sources": ["acme/docs"]}}}}
    assert request.tags[LANE_TAG] == "quick"
    assert "location" not in str(request)


def told(result: dg.SensorResult) -> list[bool]:
    """What was said about being on time."""
    events = [event for event in result.asset_events or [] if isinstance(event, dg.AssetCheckEvaluation)]
    assert all(event.check_name == "sources_on_time" for event in events)
    return [event.passed for event in events]


def later(result: dg.SensorResult, minutes: int) -> str:
    """The cursor of a tick that was so long ago."""
    memory = Memory.loaded(result.cursor)
    earlier = {name: at - timedelta(minutes=minutes) for name, at in memory.late_since.items()}
    return Memory({}, earlier, memory.told).dumped()


def announced(house: House, organization_id: UUID) -> list[tuple[str, str, bool]]:
    """What people were told: the event, its subject, and whether it is over."""
    with house.database.transaction(organization_id) as connection:
        return [
            (each.event, each.subject, each.closed_at is not None)
            for each in notifications.select_latest(connection, organization_id)
        ]


def test_a_source_that_stays_overdue_is_told_once_and_once_more_when_it_is_in_step_again(
    house: House, source: DataSource, organization_id: UUID
) -> None:
    first = tick(house)
    assert told(first) == [True]
    assert told(tick(house, first.cursor)) == []
    with house.database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set last_sync = clock_timestamp() - interval '5 hours'")
    seen = tick(house, first.cursor)
    assert told(seen) == []
    assert told(tick(house, later(seen, 4))) == []
    assert announced(house, organization_id) == []
    late = tick(house, later(seen, 5))
    assert told(late) == [False]
    assert announced(house, organization_id) == [("source_overdue", "Source docs is overdue", False)]
    (event,) = late.asset_events or []
    assert isinstance(event, dg.AssetCheckEvaluation)
    assert "acme/docs" in str(event.description)
    assert told(tick(house, late.cursor)) == []
    age(house.database, organization_id, "-5 hours")
    well = tick(house, late.cursor)
    assert announced(house, organization_id) == [("source_overdue", "Source docs is overdue", True)]
    assert told(well) == [True]
    assert Memory.loaded(well.cursor).late_since == {}


def test_a_run_that_tells_is_asked_for_only_when_somebody_is_to_be_told(
    house: House, organization_id: UUID, tmp_path: Path
) -> None:
    def asked() -> object:
        with dg.build_sensor_context(instance=house.instance, resources={"database": house.database}) as context:
            return waiting_notifications(context)

    assert isinstance(asked(), dg.SkipReason)
    with house.database.transaction(organization_id) as connection:
        channel, _ = notification_channels.create(
            connection, organization_id, name="ada", kind="email", target="ada@acme.example",
            keyring=Keyring.from_settings(Settings(home=tmp_path)),
        )  # fmt: skip
        notifications.raise_test(connection, organization_id, channel_id=channel.id)
    assert isinstance(asked(), dg.RunRequest)
    run = house.instance.create_run_for_job(deliver_notifications, status=dg.DagsterRunStatus.STARTED)
    runs.claim(house.instance, run.run_id)
    assert isinstance(asked(), dg.SkipReason)


def test_a_source_whose_run_was_killed_is_asked_for_at_once_though_its_lease_has_not_expired(
    house: House, source: DataSource, organization_id: UUID
) -> None:
    asked = tick(house)
    (request,) = asked.run_requests or []
    run = house.instance.create_run_for_job(sync_due, status=dg.DagsterRunStatus.STARTED, run_config=request.run_config)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark = f"{runs.HOST}:{child.pid}:{int(psutil.Process(child.pid).create_time())}"
    house.instance.add_run_tags(run.run_id, {runs.PROCESS_TAG: mark})
    with house.database.transaction(organization_id) as connection:
        lease = leases.take(connection, organization_id, source.id, holder=run.run_id)
    assert asked_for(tick(house, asked.cursor)) == []
    child.kill()
    child.communicate()
    assert asked_for(tick(house, asked.cursor)) == [["acme/docs"]]
    with house.database.transaction(organization_id) as connection:
        assert not leases.is_held(connection, organization_id, lease)
