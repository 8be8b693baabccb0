"""People are told of a sync that brought something or failed, together with it, and once while it lasts."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.identity import notifications
from resources.identity.records import Notification
from resources.knowledge.intake import deletions
from tests.factories.workshops import Workshop, make_workshop


@pytest.fixture
def workshop(database: Database, organization_id: UUID, tmp_path: Path) -> Workshop:
    """A source of one document that was never synced."""
    found = make_workshop(database, organization_id, tmp_path)
    found.write("rules.md", "# Rules\n\nThe mill rules.\n")
    return found


def test_a_sync_that_brought_something_is_told_and_one_that_did_not_is_not(workshop: Workshop) -> None:
    workshop.sync()
    workshop.sync()
    (told,) = _told(workshop)
    assert told.event == "sync_completed"
    assert told.subject == "Source handbook was synced: 1 changed"
    assert told.body["changed"] == 1


def test_a_source_that_fails_is_told_once_until_it_is_well(workshop: Workshop) -> None:
    workshop.sync()
    aside = workshop.folder.rename(workshop.folder.with_name("aside"))
    for _ in range(3):
        with pytest.raises(MillraceError):
            workshop.sync()
    trouble = _told(workshop)[0]
    assert (trouble.event, trouble.subject) == ("sync_failed", "Source handbook was not synced")
    assert (trouble.times, trouble.closed_at) == (3, None)
    aside.rename(workshop.folder)
    workshop.sync()
    assert _told(workshop)[0].closed_at is not None
    shutil.rmtree(workshop.folder)
    with pytest.raises(MillraceError):
        workshop.sync()
    assert [told.event for told in _told(workshop)] == ["sync_failed", "sync_failed", "sync_completed"]


def test_deletions_that_wait_are_told_once_until_they_come_back_or_are_decided(workshop: Workshop) -> None:
    workshop.sync()
    for ends in (_bring_back, _reject):
        (workshop.folder / "rules.md").unlink()
        for _ in range(2):
            workshop.sync()
        told = _told(workshop)[0]
        assert told.event == "deletions_waiting"
        assert told.subject == "1 document of 1 vanished from source handbook: delete or keep?"
        assert (told.times, told.closed_at) == (1, None)
        ends(workshop)
        (ended,) = (one for one in _told(workshop) if one.id == told.id)
        assert ended.closed_at is not None


def _bring_back(workshop: Workshop) -> None:
    workshop.write("rules.md", "# Rules\n\nThe mill rules.\n")
    workshop.sync()


def _reject(workshop: Workshop) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        (batch,) = deletions.select_waiting(connection, workshop.organization_id)
        deletions.reject(connection, workshop.organization_id, batch.id, decided_by="mia")


def _told(workshop: Workshop) -> list[Notification]:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return notifications.select_latest(connection, workshop.organization_id)
