"""Which runs of a source are under way. A run whose process is gone is told apart from one that works.

Dagster's monitoring does not see the death of a process that ran a job in itself, as `python -m pipelines` does, nor
that of the whole machine: such a run would be "started" for ever, and its source never synced again.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import dagster as dg
import psutil

from pipelines.partitions import PARTITION_TAG

PROCESS_TAG = ".dagster/millrace_process"  # tags of this prefix are kept, but not shown
HOST = socket.gethostname()
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING,
]  # fmt: skip


def claim(instance: dg.DagsterInstance, run_id: str) -> None:
    """Say in the run's tags which process works on it."""
    process = psutil.Process()
    instance.add_run_tags(run_id, {PROCESS_TAG: f"{HOST}:{process.pid}:{int(process.create_time())}"})


def is_alive(process: str | None) -> bool:
    """Whether a claimed process still runs. One that nobody claimed, or of another machine, is given the benefit."""
    if process is None:
        return True
    host, number, created = process.rsplit(":", 2)
    if host != HOST:
        return True
    try:
        return int(psutil.Process(int(number)).create_time()) == int(created)
    except psutil.NoSuchProcess:
        return False


def select_under_way(instance: dg.DagsterInstance) -> set[str]:
    """The partitions that a living run works on or waits to. Runs of dead processes are reported as failed."""
    partitions = set()
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=UNDER_WAY)):
        if PARTITION_TAG not in run.tags:
            continue
        if run.status == dg.DagsterRunStatus.STARTED and not is_alive(run.tags.get(PROCESS_TAG)):
            instance.report_run_failed(run, "The process of this run is gone without a word: killed, or out of memory.")
        else:
            partitions.add(run.tags[PARTITION_TAG])
    return partitions


def is_worked_on(instance: dg.DagsterInstance, partition_key: str) -> bool:
    """Whether a process that is known to live works on the partition now. Runs that only wait do not count."""
    wanted = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED], tags={PARTITION_TAG: partition_key})
    return any(PROCESS_TAG in run.tags and is_alive(run.tags[PROCESS_TAG]) for run in instance.get_runs(wanted))


def find_last(instance: dg.DagsterInstance, partition_key: str, job_name: str) -> tuple[str, datetime] | None:
    """The latest run of a job for a partition and when it was asked for; None when there was none."""
    wanted = dg.RunsFilter(job_name=job_name, tags={PARTITION_TAG: partition_key})
    for record in instance.get_run_records(filters=wanted, limit=1):
        return record.dagster_run.run_id, record.create_timestamp.astimezone(UTC)
    return None
