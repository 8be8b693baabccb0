"""The clock of the sources: one sensor that reads when each is due, since schedules cannot be made while running."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from pipelines import runs
from pipelines.jobs import sync_sources
from pipelines.partitions import PARTITIONS_NAME, key, source_partitions
from resources.foundation.database import Database
from resources.knowledge import data_sources
from resources.knowledge.records import SourceListing

PATIENCE = timedelta(minutes=5)


@dg.sensor(
    job=sync_sources,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Keeps a partition for each source of each organization, and asks for a sync when a source is due.",
)
def due_sources(context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]) -> dg.SensorResult:
    """A source is due when its frequency has passed since its last sync, whether that succeeded or failed.

    One whose run was killed before it could say either is asked for again within five minutes. A run key names the run
    before it: it is the same until the new run exists, and another afterwards, however that run ends.
    """
    with database.directory() as connection:
        entries = {
            key(entry.organization_slug, entry.name): entry for entry in data_sources.select_directory(connection)
        }
    present = set(context.instance.get_dynamic_partitions(PARTITIONS_NAME))
    under_way = runs.select_under_way(context.instance)
    now = datetime.now(UTC)
    requests = [
        request
        for name, entry in entries.items()
        if is_due(entry, now) and name not in under_way
        if (request := find_request(context.instance, name, entry, now)) is not None
    ]
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if new := sorted(entries.keys() - present):
        changes.append(source_partitions.build_add_request(new))
    if gone := sorted(present - entries.keys()):
        changes.append(source_partitions.build_delete_request(gone))
    return dg.SensorResult(run_requests=requests, dynamic_partitions_requests=changes)


def is_due(entry: SourceListing, now: datetime) -> bool:
    """Whether the source is to be synced by itself, and its frequency has passed since it was."""
    if not entry.auto_sync or entry.status == "inactive":
        return False
    return entry.last_sync is None or entry.last_sync + timedelta(seconds=entry.sync_frequency) <= now


def find_request(instance: dg.DagsterInstance, name: str, entry: SourceListing, now: datetime) -> dg.RunRequest | None:
    """The run to ask for; None when one was asked for a moment ago and has not shown yet what became of it."""
    last = runs.find_last(instance, name, sync_sources.name)
    if last is not None and last[1] + min(timedelta(seconds=entry.sync_frequency), PATIENCE) > now:
        return None
    return dg.RunRequest(run_key=f"{entry.id}:{last[0] if last else 'first'}", partition_key=name)
