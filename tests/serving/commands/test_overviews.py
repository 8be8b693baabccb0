"""The command line says of each source when it is synced and how that stands."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.knowledge.documents import sync_failures
from resources.knowledge.intake import leases
from resources.knowledge.records import DataSource
from resources.knowledge.sources import data_sources, training_jobs
from serving.commands import overviews
from serving.commands.overviews import Overview


@pytest.fixture
def source(database: Database, organization_id: UUID) -> DataSource:
    """A source that is synced every quarter of an hour, and was a minute ago."""
    with database.transaction(organization_id) as connection:
        source = data_sources.create(
            connection, organization_id, name="docs", config={"location": "/docs"}, sync_frequency=900
        )
    put_back(database, organization_id, "1 minute")
    return source


def put_back(database: Database, organization_id: UUID, interval: str) -> None:
    """The last sync was so long ago."""
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set last_sync = clock_timestamp() - %s::interval", [interval])


def seen(database: Database, organization_id: UUID) -> Overview:
    """What is shown of it."""
    with database.transaction(organization_id) as connection:
        (found,) = overviews.select_all(connection, organization_id)
    return found


def begin(database: Database, organization_id: UUID, source: DataSource) -> UUID:
    """A sync that works on it."""
    with database.transaction(organization_id) as connection:
        leases.take(connection, organization_id, source.id, holder="a run")
        return training_jobs.start(connection, organization_id, source.id, run_id="a run")


def test_a_source_that_is_in_step_says_when_it_is_synced_next(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    with database.transaction(organization_id) as connection:
        job = training_jobs.start(connection, organization_id, source.id, run_id=None)
        training_jobs.complete(connection, organization_id, job)
    found = seen(database, organization_id)
    assert (found.type, found.location, found.schedule, found.state) == ("file", "/docs", "every 15m", "completed")
    assert found.last_sync is not None
    assert found.next_sync is not None
    assert (found.next_sync - found.last_sync).total_seconds() == 900
    assert not found.is_overdue


def test_a_source_whose_time_has_come_is_queued_and_after_four_times_overdue(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    put_back(database, organization_id, "16 minutes")
    assert (seen(database, organization_id).state, seen(database, organization_id).is_overdue) == ("queued", False)
    put_back(database, organization_id, "61 minutes")
    assert (seen(database, organization_id).state, seen(database, organization_id).is_overdue) == ("queued", True)


def test_a_source_that_somebody_asked_for_is_queued(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    with database.transaction(organization_id) as connection:
        training_jobs.queue(connection, organization_id, source.id)
    assert seen(database, organization_id).state == "queued"


def test_a_sync_says_how_far_it_is_and_when_its_stage_will_be_done(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    job = begin(database, organization_id, source)
    with database.transaction(organization_id) as connection:
        training_jobs.set_progress(connection, organization_id, job, stage="embedding", done=25, total=100)
        connection.execute("update knowledge.training_jobs set stage_started_at = clock_timestamp() - interval '10 s'")
    found = seen(database, organization_id)
    assert (found.state, found.stage, found.done, found.total) == ("processing", "embedding", 25, 100)
    assert found.time_left_s == pytest.approx(30, abs=3)


def test_a_sync_whose_process_is_gone_is_interrupted(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    begin(database, organization_id, source)
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.leases set expires_at = clock_timestamp()")
    found = seen(database, organization_id)
    assert (found.state, found.stage, found.time_left_s) == ("interrupted", None, None)


def test_a_sync_that_failed_says_why(database: Database, organization_id: UUID, source: DataSource) -> None:
    job = begin(database, organization_id, source)
    with database.transaction(organization_id) as connection:
        training_jobs.fail(connection, organization_id, job, reason="/docs is not there")
    found = seen(database, organization_id)
    assert (found.state, found.reason) == ("failed", "/docs is not there")


def test_a_source_that_is_paused_or_synced_by_hand_has_no_next_time(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set auto_sync = false, cron = '0 7 * * *'")
    found = seen(database, organization_id)
    assert (found.schedule, found.next_sync) == ("by hand", None)
    with database.transaction(organization_id) as connection:
        connection.execute("update knowledge.data_sources set auto_sync = true, status = 'inactive'")
    found = seen(database, organization_id)
    assert (found.schedule, found.state, found.next_sync) == ("0 7 * * * UTC", "paused", None)


def test_failing_items_are_counted_by_what_becomes_of_them(
    database: Database, organization_id: UUID, source: DataSource
) -> None:
    with database.transaction(organization_id) as connection:
        for path in ("a.txt", "b.txt", "c.txt"):
            sync_failures.record(
                connection, organization_id, source_id=source.id, path=path, document_id=None, stage="fetching",
                outcome="unreadable", reason="it could not be read",
            )  # fmt: skip
        connection.execute("update knowledge.sync_failures set state = 'parked' where file_path = 'b.txt'")
        connection.execute("update knowledge.sync_failures set state = 'ignored' where file_path = 'c.txt'")
    found = seen(database, organization_id)
    assert (found.failing, found.parked, found.ignored) == (1, 1, 1)
