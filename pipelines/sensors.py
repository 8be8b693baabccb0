"""The clock of the sources: one sensor that reads when each is due, since schedules cannot be made while running.

The truth is in the product's tables: leases, training jobs, last syncs. What the sensor remembers (its cursor) only
keeps it from asking twice in a moment; a cursor that is lost or reset loses no sync.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import dagster as dg

from pipelines import checks, runs, turns
from pipelines.partitions import PARTITIONS_NAME, key, source_partitions
from pipelines.shared_syncs import sync_due
from resources.foundation.database import Database
from resources.knowledge import directory
from resources.knowledge.records import SourceListing

LANE_TAG = "millrace/lane"
LONGEST_RUN_S = 24 * 3600


@dataclass(frozen=True)
class Memory:
    """What one tick tells the next: when each partition was asked for, and which were overdue (None: not known)."""

    asked_at: Mapping[str, datetime] = field(default_factory=dict)
    overdue: frozenset[str] | None = None

    def dumped(self) -> str:
        """As a cursor."""
        asked = {name: moment.isoformat() for name, moment in self.asked_at.items()}
        return json.dumps({"asked_at": asked, "overdue": sorted(self.overdue or ())})

    @classmethod
    def loaded(cls, cursor: str | None) -> "Memory":
        """From a cursor; nothing is remembered where it is none of ours."""
        try:
            said = json.loads(cursor or "")
            asked = {name: datetime.fromisoformat(moment) for name, moment in said["asked_at"].items()}
            return cls(asked, frozenset(said["overdue"]))
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

    One whose run was killed before it could say either is asked for again within five minutes.
    """
    with database.directory() as connection:
        entries = {key(entry.organization_slug, entry.name): entry for entry in directory.select_all(connection)}
    memory = Memory.loaded(context.cursor)
    wanted = turns.turns(entries, under_way=runs.select_under_way(context.instance), asked_at=memory.asked_at)
    overdue = frozenset(name for name, entry in entries.items() if turns.is_overdue(entry))
    is_news = overdue != memory.overdue
    return dg.SensorResult(
        run_requests=[_request(turn, number, entries) for number, turn in enumerate(wanted)],
        dynamic_partitions_requests=_partition_changes(context.instance, entries),
        asset_events=[checks.evaluation_of_punctuality(entries.values())] if is_news else [],
        cursor=Memory(_still_asked(memory, entries, wanted), overdue).dumped(),
    )


def _request(turn: turns.Turn, number: int, entries: Mapping[str, SourceListing]) -> dg.RunRequest:
    """A run key is never used twice, so that no run of the past can stand in the way of this one."""
    return dg.RunRequest(
        run_key=f"{entries[turn.keys[0]].now.isoformat()}/{number}",
        run_config=runs.asked_config(turn.keys),
        tags={
            LANE_TAG: turn.lane,
            "millrace/sources": str(len(turn.keys)),
            "dagster/max_runtime": str(LONGEST_RUN_S),
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
