"""Which runs of a source are under way. A run whose process is gone is told apart from one that works.

Dagster's monitoring does not see the death of a process that ran a job in itself, as `python -m pipelines` does, nor
that of the whole machine: such a run would be "started" for ever, and its source never synced again.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import dagster as dg
import psutil

from pipelines.partitions import PARTITION_TAG
from pipelines.turns import Asked

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


def select_under_way(instance: dg.DagsterInstance) -> list[Asked]:
    """The runs that live and sync something, or wait to. Runs of dead processes are reported as failed."""
    found = []
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=UNDER_WAY)):
        keys = partitions_of(record.dagster_run)
        if keys and _lives(instance, record.dagster_run):
            found.append(Asked(keys, _age(record.start_time)))
    return found


def has_ended(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run is over, or its process is gone: then it is reported as failed. What is no run has not ended."""
    run = instance.get_run_by_id(run_id)
    return run is not None and (run.is_finished or not _lives(instance, run))


def is_under_way(instance: dg.DagsterInstance, job_name: str) -> bool:
    """Whether a living run of a job works, or waits to. Runs of dead processes are reported as failed."""
    found = instance.get_runs(filters=dg.RunsFilter(job_name=job_name, statuses=UNDER_WAY))
    return any(_lives(instance, run) for run in found)


def _lives(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    if run.status != dg.DagsterRunStatus.STARTED or is_alive(run.tags.get(PROCESS_TAG)):
        return True
    instance.report_run_failed(run, "The process of this run is gone without a word: killed, or out of memory.")
    return False


def partitions_of(run: dg.DagsterRun) -> tuple[str, ...]:
    """The sources that a run was asked to sync."""
    if PARTITION_TAG in run.tags:
        return (run.tags[PARTITION_TAG],)
    match run.run_config:
        case {"ops": {"asked_for": {"config": {"sources": [*names]}}}}:
            return tuple(str(name) for name in names)
    return ()


def asked_config(keys: Sequence[str]) -> Mapping[str, object]:
    """The configuration of a run that syncs these partitions one after the other: names, nothing else."""
    return {"ops": {"asked_for": {"config": {"sources": list(keys)}}}}


def _age(start_time: float | None) -> timedelta | None:
    return None if start_time is None else datetime.now(UTC) - datetime.fromtimestamp(start_time, UTC)
