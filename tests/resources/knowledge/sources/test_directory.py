"""The directory tells of every source how its syncs stand, and nothing of what is in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.knowledge.records import SourceListing
from resources.knowledge.sources import data_sources, directory
from tests.conftest import make_organization


@pytest.fixture
def source_id(database: Database, organization_id: UUID) -> UUID:
    """A source of acme that was never synced."""
    with database.transaction(organization_id) as connection:
        return data_sources.create(connection, organization_id, name="docs", config={"location": "/secret"}).id


def listed(database: Database) -> SourceListing:
    """What the directory says of it."""
    with database.directory() as connection:
        found = directory.find_by_name(connection, "acme", "docs")
        assert directory.select_all(connection)[0].id == (found.id if found else None)
    assert found is not None
    return found


def write(database: Database, organization_id: UUID, statement: str, *values: object) -> None:
    """Make rows as a sync would have left them."""
    with database.transaction(organization_id) as connection:
        connection.execute(statement.encode(), values)


JOB = (
    "insert into knowledge.training_jobs "
    "(organization_id, data_source_id, status, started_at, completed_at, created_at) values (%s, %s, %s, %s, %s, %s)"
)


def test_it_lists_the_sources_of_all_organizations(database: Database, organization_id: UUID) -> None:
    other = make_organization(database, "bakery")
    for owner, name in ((organization_id, "b"), (organization_id, "a"), (other, "ovens")):
        with database.transaction(owner) as connection:
            data_sources.create(connection, owner, name=name, config={"location": "/secret"})
    with database.directory() as connection:
        found = [(each.organization_slug, each.name) for each in directory.select_all(connection)]
        assert directory.find_by_name(connection, "bakery", "a") is None
    assert found == [("acme", "a"), ("acme", "b"), ("bakery", "ovens")]


def test_a_new_source_is_in_nobodys_hands(database: Database, source_id: UUID) -> None:
    found = listed(database)
    assert (found.id, found.last_sync, found.took_s) == (source_id, None, None)
    assert not found.is_leased
    assert not found.is_asked_for
    assert timedelta(0) < found.now - found.created_at < timedelta(minutes=1)
    assert abs(found.now - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(("until", "is_leased"), [("1 minute", True), ("-1 second", False)])
def test_a_sync_is_under_way_until_its_lease_expires(
    database: Database, organization_id: UUID, source_id: UUID, until: str, is_leased: bool
) -> None:
    write(
        database, organization_id,
        "insert into knowledge.leases (organization_id, data_source_id, holder, expires_at) "
        "values (%s, %s, 'a run', clock_timestamp() + %s::interval)", organization_id, source_id, until,
    )  # fmt: skip
    assert listed(database).is_leased is is_leased
    write(database, organization_id, "update knowledge.leases set holder = null")
    assert not listed(database).is_leased


def test_it_tells_how_long_the_last_sync_took_and_whether_another_is_asked_for(
    database: Database, organization_id: UUID, source_id: UUID
) -> None:
    begun = datetime(2026, 1, 1, 10, tzinfo=UTC)
    for day, (status, took_s) in enumerate([("completed", 420.0), ("failed", 1.5), ("processing", None)]):
        started = begun + timedelta(days=day)
        ended = None if took_s is None else started + timedelta(seconds=took_s)
        write(database, organization_id, JOB, organization_id, source_id, status, started, ended, started)
    assert listed(database).took_s == 1.5
    assert not listed(database).is_asked_for
    write(database, organization_id, JOB, organization_id, source_id, "queued", None, None, begun + timedelta(days=9))
    assert listed(database).is_asked_for
    assert listed(database).took_s == 1.5
