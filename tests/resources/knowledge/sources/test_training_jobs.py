"""A job tells how a sync stands and what it did."""

from __future__ import annotations

from uuid import uuid4

import pytest

from resources.foundation.errors import Missing
from resources.knowledge.records import SyncCounts
from resources.knowledge.sources import training_jobs
from tests.factories.workshops import Workshop


def test_counts_add_up_and_a_job_ends_once(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        job_id = training_jobs.start(connection, workshop.organization_id, workshop.source_id, run_id="run-1")
        assert training_jobs.find_open(connection, workshop.organization_id, workshop.source_id) == job_id
        training_jobs.advance(
            connection, workshop.organization_id, job_id, SyncCounts(listed=3, changed=2, unchanged=1)
        )
        training_jobs.advance(connection, workshop.organization_id, job_id, SyncCounts(chunks=7, failed=1))
        training_jobs.complete(connection, workshop.organization_id, job_id)
        training_jobs.fail(connection, workshop.organization_id, job_id, reason="too late")
        job = training_jobs.get(connection, workshop.organization_id, job_id)
        assert training_jobs.find_open(connection, workshop.organization_id, workshop.source_id) is None
    assert (job.status, job.listed, job.changed, job.unchanged, job.chunks, job.failed) == ("completed", 3, 2, 1, 7, 1)
    assert job.reason is None


def test_a_sync_ends_the_one_that_never_did(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        first = training_jobs.start(connection, workshop.organization_id, workshop.source_id, run_id=None)
        training_jobs.start(connection, workshop.organization_id, workshop.source_id, run_id=None)
        ended = training_jobs.get(connection, workshop.organization_id, first)
        assert len(training_jobs.select_latest(connection, workshop.organization_id)) == 2
        with pytest.raises(Missing):
            training_jobs.get(connection, workshop.organization_id, uuid4())
    assert (ended.status, ended.completed_at is not None) == ("failed", True)


def test_a_sync_that_was_asked_for_is_the_one_that_begins(workshop: Workshop) -> None:
    organization_id, source_id = workshop.organization_id, workshop.source_id
    with workshop.database.transaction(organization_id) as connection:
        queued = training_jobs.queue(connection, organization_id, source_id)
        assert training_jobs.queue(connection, organization_id, source_id) == queued
        assert training_jobs.get(connection, organization_id, queued).status == "queued"
        running = training_jobs.start(connection, organization_id, source_id, run_id="run-1")
        assert running == queued
        later = training_jobs.queue(connection, organization_id, source_id)
        assert later != queued
        training_jobs.end_open(connection, organization_id, source_id)
        assert training_jobs.get(connection, organization_id, later).status == "queued"
        assert training_jobs.start(connection, organization_id, source_id, run_id="run-2") == later


def test_a_job_tells_its_stage_and_how_far_it_is_there(workshop: Workshop) -> None:
    organization_id = workshop.organization_id
    with workshop.database.transaction(organization_id) as connection:
        job_id = training_jobs.start(connection, organization_id, workshop.source_id, run_id=None)
        assert training_jobs.get(connection, organization_id, job_id).stage == "listing"
        training_jobs.set_progress(connection, organization_id, job_id, stage="fetching", done=3, total=10)
        first = training_jobs.get(connection, organization_id, job_id)
        training_jobs.set_progress(connection, organization_id, job_id, stage="fetching", done=6, total=12)
        second = training_jobs.get(connection, organization_id, job_id)
        training_jobs.set_progress(connection, organization_id, job_id, stage="cutting", done=0, total=12)
        third = training_jobs.get(connection, organization_id, job_id)
    assert (first.stage, first.done, first.total) == ("fetching", 3, 10)
    assert (second.done, second.total) == (6, 12)
    assert second.stage_started_at == first.stage_started_at
    assert third.stage_started_at is not None
    assert second.stage_started_at is not None
    assert third.stage_started_at > second.stage_started_at
