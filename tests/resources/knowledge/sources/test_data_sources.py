"""A source has a name of its own and a frequency; with it goes all that came from it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.knowledge.sources import data_sources
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop

PRICES = "Rye costs three crowns a sack, wheat five."


def test_a_source_is_found_by_name_and_id(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        made = data_sources.create(
            connection, organization_id, name="handbook", config={"location": "/srv/handbook", "include": ["*.md"]},
            sync_frequency=600, auto_sync=False, description="How the mill is run",
        )  # fmt: skip
        assert data_sources.get(connection, organization_id, made.id) == made
        assert data_sources.find_by_name(connection, organization_id, "handbook") == made
        assert data_sources.find_by_name(connection, organization_id, "Handbook") is None
        assert data_sources.select_all(connection, organization_id) == [made]
    assert (made.config["include"], made.sync_frequency, made.auto_sync, made.status) == (
        ["*.md"],
        600,
        False,
        "active",
    )


def test_a_name_stands_once_in_an_organization(database: Database, organization_id: UUID) -> None:
    for owner in (organization_id, make_organization(database, "neighbour")):
        with database.transaction(owner) as connection:
            data_sources.create(connection, owner, name="handbook", config={})
    with pytest.raises(Conflict, match="'handbook' exists"), database.transaction(organization_id) as connection:
        data_sources.create(connection, organization_id, name="handbook", config={})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": ""}, "1 to 100 letters"),
        ({"name": "a/b"}, "1 to 100 letters"),
        ({"name": "a", "sync_frequency": 1}, "every 10 seconds"),
        ({"name": "a", "source_type": "carrier pigeon"}, "file, web"),
    ],
)
def test_values_out_of_range_are_refused_with_their_reason(
    values: dict[str, str], reason: str, database: Database, organization_id: UUID
) -> None:
    with pytest.raises(Refused, match=reason), database.transaction(organization_id) as connection:
        data_sources.create(connection, organization_id, config={}, **values)  # type: ignore[arg-type]


def test_a_removed_source_takes_all_that_came_from_it_and_nothing_else(
    workshop: Workshop, database: Database, organization_id: UUID, tmp_path: Path
) -> None:
    other = make_workshop(database, organization_id, tmp_path, name="ledger")
    workshop.write("a.txt", PRICES)
    workshop.write("b.txt", "Flour is sold on Fridays.")
    other.write("same.txt", PRICES)
    workshop.sync()
    other.sync()
    before = other.snapshot()
    assert workshop.vectors() == 2
    with database.transaction(organization_id) as connection:
        data_sources.remove(connection, organization_id, workshop.source_id)
        assert [each.name for each in data_sources.select_all(connection, organization_id)] == ["ledger"]
        data_sources.create(connection, organization_id, name="handbook", config={})
    after = other.snapshot()
    assert other.visible() == {"same.txt": PRICES}
    assert after["documents"] == [row for row in before["documents"] if row[0] == "same.txt"]
    assert {row[1] for row in after["embeddings"]} == {row[9] for row in after["chunks"]}
    assert other.vectors() == 1
    assert after["statistics"] == [(other.rule.name, "english", 1, 7)]
    assert other.rows(b"select deleted from knowledge.training_jobs where status = 'cleanup_completed'") == [(2,)]
    with pytest.raises(Missing):
        workshop.sync()


def test_what_is_not_there_cannot_be_had_or_removed(database: Database, organization_id: UUID) -> None:
    for verb in (data_sources.get, data_sources.remove, data_sources.hold):
        with pytest.raises(Missing), database.transaction(organization_id) as connection:
            verb(connection, organization_id, uuid4())


def test_a_source_is_synced_by_a_cron_in_its_zone_and_can_be_paused(workshop: Workshop) -> None:
    organization_id, source_id = workshop.organization_id, workshop.source_id
    with workshop.database.transaction(organization_id) as connection:
        source = data_sources.get(connection, organization_id, source_id)
        changed = data_sources.replace(
            connection, organization_id,
            dataclasses.replace(
                source, cron="0  7 * * 1-5", time_zone="Europe/Berlin", deletion_share=0.5, deletion_floor=5
            ),
        )  # fmt: skip
        assert changed == data_sources.get(connection, organization_id, source_id)
        assert (changed.cron, changed.time_zone, changed.deletion_share, changed.deletion_floor) == (
            "0 7 * * 1-5", "Europe/Berlin", 0.5, 5,
        )  # fmt: skip
        assert data_sources.pause(connection, organization_id, source_id).status == "inactive"
        data_sources.set_synced(connection, organization_id, source_id)
        assert data_sources.get(connection, organization_id, source_id).status == "inactive"
        assert data_sources.resume(connection, organization_id, source_id).status == "active"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cron": "every day"}, "five fields"),
        ({"time_zone": "Berlin"}, "no time zone 'Berlin'"),
        ({"deletion_share": 1.5}, "between 0 and 1"),
        ({"deletion_floor": -1}, "0 or more"),
        ({"sync_frequency": 1}, "every 10 seconds"),
    ],
)
def test_a_change_out_of_range_is_refused(workshop: Workshop, change: dict[str, Any], reason: str) -> None:
    organization_id, source_id = workshop.organization_id, workshop.source_id
    with workshop.database.transaction(organization_id) as connection:
        source = dataclasses.replace(data_sources.get(connection, organization_id, source_id), **change)
    with pytest.raises(Refused, match=reason), workshop.database.transaction(organization_id) as connection:
        data_sources.replace(connection, organization_id, source)
