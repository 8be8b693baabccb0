"""A run counts as under way while its process lives, and no longer."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
import psutil

from pipelines import runs
from pipelines.partitions import PARTITION_TAG
from pipelines.shared_syncs import sync_due


@dg.job
def nothing() -> None:
    """A job that does nothing."""


def started(instance: dg.DagsterInstance, partition: str) -> str:
    """A run of a source that has begun and not ended."""
    run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED, tags={PARTITION_TAG: partition})
    return run.run_id


def test_a_run_of_this_process_is_under_way() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        runs.claim(instance, started(instance, "acme/docs"))
        assert [run.keys for run in runs.select_under_way(instance)] == [("acme/docs",)]


def test_a_run_that_nobody_has_claimed_yet_is_under_way() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        started(instance, "acme/docs")
        assert [run.keys for run in runs.select_under_way(instance)] == [("acme/docs",)]


def test_a_run_whose_process_was_killed_is_reported_as_failed() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    created = int(psutil.Process(child.pid).create_time())
    mark = f"{runs.HOST}:{child.pid}:{created}"
    assert runs.is_alive(mark)
    child.kill()
    child.communicate()
    with dg.DagsterInstance.ephemeral() as instance:
        run_id = started(instance, "acme/docs")
        instance.add_run_tags(run_id, {runs.PROCESS_TAG: mark})
        assert runs.select_under_way(instance) == []
        run = instance.get_run_by_id(run_id)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE


def test_a_process_that_took_over_the_number_is_not_the_one_that_died() -> None:
    assert not runs.is_alive(f"{runs.HOST}:{psutil.Process().pid}:1")


def test_nobody_judges_a_process_of_another_machine() -> None:
    assert runs.is_alive("somewhere-else:1:1")


def test_a_shared_run_is_under_way_for_each_source_that_it_was_asked_to_sync() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.create_run_for_job(
            sync_due, status=dg.DagsterRunStatus.NOT_STARTED, run_config=runs.asked_config(["acme/docs", "acme/more"])
        )
        (waiting,) = runs.select_under_way(instance)
        assert waiting.keys == ("acme/docs", "acme/more")
        assert waiting.working_for is None


def test_runs_that_sync_nothing_do_not_count() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        assert runs.select_under_way(instance) == []
