"""The clock of the sources: one sensor that reads when each is due, since schedules cannot be made while running.

The truth is in the product's tables: leases, training jobs, last syncs. What the sensor remembers (its cursor) only
keeps it from asking twice in a moment; a cursor that is lost or reset loses no sync.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

import dagster as dg

from pipelines import checks, recovery, runs, turns
from pipelines.jobs import deliver_notifications
from pipelines.partitions import PARTITIONS_NAME, key, source_partitions
from pipelines.shared_syncs import sync_due
from resources.foundation.database import Database
from resources.identity import notification_deliveries
from resources.knowledge.records import SourceListing
from resources.knowledge.sources import announcements, directory, scheduling

LANE_TAG = "millrace/lane"
LONGEST_RUN_S = 24 * 3600


@dataclass(frozen=True)
class Memory:
    """What one tick tells the next; nothing that could not be lost.

    `asked_at`: when each partition was asked for. `late_since`: since when each has been seen to be overdue. `told`:
    those of which it was told; None where that is not known.
    """

    asked_at: Mapping[str, datetime] = field(default_factory=dict)
    late_since: Mapping[str, datetime] = field(default_factory=dict)
    told: frozenset[str] | None = None

    def dumped(self) -> str:
        """As a cursor."""
        moments = {"asked_at": self.asked_at, "late_since": self.late_since}
        written = {what: {name: at.isoformat() for name, at in known.items()} for what, known in moments.items()}
        return json.dumps({**written, "told": sorted(self.told or ())})

    @classmethod
    def loaded(cls, cursor: str | None) -> "Memory":
        """From a cursor; nothing is remembered where it is none of ours."""
        try:
            said = json.loads(cursor or "")
            asked_at, late_since = (
                {name: datetime.fromisoformat(at) for name, at in said[what].items()}
                for what in ("asked_at", "late_since")
            )
            return cls(asked_at, late_since, frozenset(said["told"]))
        except (ValueError, AttributeError, TypeError, KeyError):
            return cls()


@dg.sensor(
    job=sync_due,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Keeps a partition for each source of each organization, and asks for a sync when a source is due.",
)
def due_sources(context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]) -> dg.SensorResult:
    """A source is due by its cron or frequency since its last sync, whether that went well or not, or when asked for.

    One whose run was killed before it could say either is asked for at the next tick after that shows, and within five
    minutes in any case.
    """
    entries = _entries(database)
    memory = Memory.loaded(context.cursor)
    freed = {name for name, entry in entries.items() if recovery.free(context.instance, database, entry)}
    if freed:
        entries = _entries(database)
    asked_at = {name: at for name, at in memory.asked_at.items() if name not in freed}
    wanted = turns.turns(entries, under_way=runs.select_under_way(context.instance), asked_at=asked_at)
    late_since = _late_since(memory, entries)
    late = {name: entries[name] for name, since in late_since.items() if since + turns.PATIENCE <= entries[name].now}
    _announce(database, entries, late=late.keys(), told=memory.told)
    return dg.SensorResult(
        run_requests=[_request(turn, number, entries) for number, turn in enumerate(wanted)],
        dynamic_partitions_requests=_partition_changes(context.instance, entries),
        asset_events=[] if late.keys() == memory.told else [checks.evaluation_of_punctuality(late.values())],
        cursor=Memory(_still_asked(memory, entries, wanted), late_since, frozenset(late)).dumped(),
    )


def _entries(database: Database) -> dict[str, SourceListing]:
    with database.directory() as connection:
        return {key(entry.organization_slug, entry.name): entry for entry in directory.select_all(connection)}


def _late_since(memory: Memory, entries: Mapping[str, SourceListing]) -> Mapping[str, datetime]:
    """Since when sources have been seen to be overdue.

    It is told after a while: where sources were paused or nothing ran for a time, most are in step again in a minute.
    """
    return {
        name: memory.late_since.get(name, entry.now) for name, entry in entries.items() if scheduling.is_overdue(entry)
    }  # fmt: skip


def _announce(
    database: Database, entries: Mapping[str, SourceListing], *, late: Set[str], told: frozenset[str] | None
) -> None:
    """Tell people of what has become overdue, and let what is so no longer be news again."""
    for name in late - (told or frozenset()):
        with database.transaction(entries[name].organization_id) as connection:
            announcements.overdue(connection, entries[name].organization_id, entries[name])
    for name in (told or frozenset()) - late:
        if name in entries:
            with database.transaction(entries[name].organization_id) as connection:
                announcements.on_time(connection, entries[name].organization_id, entries[name].id)


@dg.sensor(
    job=deliver_notifications,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for a run that tells people what happened, when somebody is to be told.",
)
def waiting_notifications(
    context: dg.SensorEvaluationContext, database: dg.ResourceParam[Database]
) -> dg.RunRequest | dg.SkipReason:
    """One question each minute; a run only when deliveries are due and none is under way."""
    with database.directory() as connection:
        waiting = notification_deliveries.select_organizations(connection)
    if not waiting:
        return dg.SkipReason("nobody is to be told anything")
    if runs.is_under_way(context.instance, deliver_notifications.name):
        return dg.SkipReason("a run that tells is under way")
    return dg.RunRequest()


def _request(turn: turns.Turn, number: int, entries: Mapping[str, SourceListing]) -> dg.RunRequest:
    """A run key is never used twice, so that no run of the past can stand in the way of this one."""
    return dg.RunRequest(
        run_key=f"{entries[turn.keys[0]].now.isoformat()}/{number}",
        run_config=runs.asked_config(turn.keys),
        tags={
            LANE_TAG: turn.lane,
            "millrace/sources": str(len(turn.keys)),
            "dagster/max_runtime": str(LONGEST_RUN_S),
            "dagster/max_retries": "0",  # what such a run leaves behind is asked for at the next tick
        },
    )


def _still_asked(
    memory: Memory, entries: Mapping[str, SourceListing], wanted: Sequence[turns.Turn]
) -> Mapping[str, datetime]:
    """When each source was asked for, until it was synced after that."""
    earlier = {
        name: moment
        for name, moment in memory.asked_at.items()
        if name in entries and ((last := entries[name].last_sync) is None or last < moment)
    }
    return earlier | {name: entries[name].now for turn in wanted for name in turn.keys}


def _partition_changes(
    instance: dg.DagsterInstance, entries: Mapping[str, SourceListing]
) -> list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest]:
    present = set(instance.get_dynamic_partitions(PARTITIONS_NAME))
    changes: list[dg.AddDynamicPartitionsRequest | dg.DeleteDynamicPartitionsRequest] = []
    if new := sorted(entries.keys() - present):
        changes.append(source_partitions.build_add_request(new))
    if gone := sorted(present - entries.keys()):
        changes.append(source_partitions.build_delete_request(gone))
    return changes
