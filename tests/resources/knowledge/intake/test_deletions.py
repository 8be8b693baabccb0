"""Deletions that are too many wait; a person lets them go or keeps the documents; what comes back was never gone."""

from __future__ import annotations

import pytest

from resources.foundation.errors import Conflict, Missing
from resources.knowledge.intake import deletions
from resources.knowledge.records import DeletionBatch, SyncCounts
from tests.conftest import make_organization
from tests.factories.workshops import Workshop


@pytest.fixture
def full(workshop: Workshop) -> Workshop:
    """Ten documents, readers see them all; four and more are not deleted unasked."""
    workshop.rows(b"update knowledge.data_sources set deletion_floor = 4 returning 1")
    for n in range(10):
        write(workshop, n)
    workshop.sync()
    return workshop


def write(workshop: Workshop, n: int) -> None:
    workshop.write(f"{n:02}.txt", f"Sack {n}.", age_s=9_000 - n)


def remove(workshop: Workshop, *numbers: int) -> None:
    for n in numbers:
        (workshop.folder / f"{n:02}.txt").unlink()


def waiting(workshop: Workshop) -> list[DeletionBatch]:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return deletions.select_waiting(connection, workshop.organization_id, source_id=workshop.source_id)


def approve(workshop: Workshop, batch: DeletionBatch) -> int:
    return deletions.approve(workshop.database, workshop.organization_id, batch.id, decided_by="mia")


def reject(workshop: Workshop, batch: DeletionBatch) -> DeletionBatch:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return deletions.reject(connection, workshop.organization_id, batch.id, decided_by="mia")


def paths(workshop: Workshop, batch: DeletionBatch) -> list[str]:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return [held.file_path for held in deletions.select_documents(connection, workshop.organization_id, batch.id)]


def test_too_many_wait_while_everything_else_goes_on(full: Workshop) -> None:
    remove(full, *range(6))
    full.write("09.txt", "Sack 9 is full.")
    full.write("new.txt", "A sluice.")
    assert full.sync() == SyncCounts(listed=5, changed=2, unchanged=3, held=6, chunks=2, embedded=2)
    assert len(full.visible()) == 11
    (batch,) = waiting(full)
    assert (batch.documents, batch.known, batch.status) == (6, 10, "waiting")
    assert paths(full, batch) == [f"{n:02}.txt" for n in range(6)]


def test_fewer_go_at_once(full: Workshop) -> None:
    remove(full, *range(3))
    assert full.sync().deleted == 3
    assert waiting(full) == []


def test_the_same_question_is_asked_once(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    first = waiting(full)
    assert full.sync() == SyncCounts(listed=4, unchanged=4, held=6)
    assert waiting(full) == first


def test_what_is_approved_is_deleted_with_its_chunks_and_vectors_and_leaves_a_job(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    (batch,) = waiting(full)
    assert approve(full, batch) == 6
    assert sorted(full.visible()) == [f"{n:02}.txt" for n in range(6, 10)]
    assert full.vectors() == 4
    assert full.rows(b"select status, deleted from knowledge.training_jobs order by created_at desc limit 1") == [
        ("cleanup_completed", 6)
    ]
    assert full.rows(b"select status, decided_by from knowledge.deletion_batches") == [("approved", "mia")]
    assert full.rows(b"select from knowledge.deletions") == []
    snapshot = full.snapshot()
    assert full.sync() == SyncCounts(listed=4, unchanged=4)
    assert full.snapshot() == snapshot


def test_what_came_back_before_it_was_approved_is_not_deleted(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    write(full, 0)
    assert full.sync().held == 5
    (batch,) = waiting(full)
    assert batch.documents == 5
    assert approve(full, batch) == 5
    assert len(full.visible()) == 5


def test_when_most_come_back_the_rest_goes_without_a_question(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    for n in range(5):
        write(full, n)
    assert full.sync() == SyncCounts(listed=9, unchanged=9, deleted=1)
    assert waiting(full) == []
    assert full.rows(b"select status from knowledge.deletion_batches") == [("outdated",)]


def test_when_all_come_back_nobody_is_asked_any_more(full: Workshop) -> None:
    remove(full, *range(10))
    full.sync()
    for n in range(10):
        write(full, n)
    full.sync()
    assert waiting(full) == []
    assert full.rows(b"select from knowledge.deletions") == []
    assert len(full.visible()) == 10


def test_a_question_that_changed_takes_the_place_of_the_former(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    (former,) = waiting(full)
    remove(full, 6, 7)
    full.sync()
    (batch,) = waiting(full)
    assert (batch.documents, batch.id == former.id) == (8, False)
    with pytest.raises(Conflict, match="'handbook' are outdated"):
        approve(full, former)


def test_what_is_rejected_is_kept_and_not_asked_again_until_it_was_back(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    (batch,) = waiting(full)
    assert reject(full, batch).status == "rejected"
    with pytest.raises(Conflict, match="rejected by mia"):
        reject(full, batch)
    assert full.sync() == SyncCounts(listed=4, unchanged=4)
    assert waiting(full) == []
    assert len(full.visible()) == 10
    remove(full, 9)
    assert full.sync().deleted == 1
    for n in range(6):
        write(full, n)
    full.sync()
    remove(full, *range(6))
    assert full.sync().held == 6
    assert len(waiting(full)) == 1


def test_what_was_rejected_can_be_approved_later(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    (batch,) = waiting(full)
    reject(full, batch)
    assert approve(full, batch) == 6


def test_an_approval_that_was_cut_off_is_carried_out_by_the_next_sync(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    full.rows(b"update knowledge.deletion_batches set status = 'approved' returning 1")
    assert full.sync() == SyncCounts(listed=4, unchanged=4, deleted=6)
    assert full.rows(b"select from knowledge.deletions") == []


def test_a_document_that_waits_and_turns_up_elsewhere_is_moved(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    full.write("found/00.txt", "Sack 0.")
    assert full.sync() == SyncCounts(listed=5, unchanged=4, moved=1, held=5)
    assert "found/00.txt" in full.visible()


def test_the_guard_is_the_sources_own(full: Workshop) -> None:
    full.rows(b"update knowledge.data_sources set deletion_share = 0.2, deletion_floor = 2 returning 1")
    remove(full, 0, 1)
    assert full.sync().deleted == 2
    remove(full, 2, 3)
    assert full.sync().held == 2


def test_another_organization_sees_and_decides_nothing(full: Workshop) -> None:
    remove(full, *range(6))
    full.sync()
    (batch,) = waiting(full)
    stranger = make_organization(full.database, "stranger")
    with full.database.transaction(stranger) as connection:
        assert deletions.select_all(connection, stranger) == []
    with pytest.raises(Missing):
        deletions.approve(full.database, stranger, batch.id, decided_by="eve")
    assert len(full.visible()) == 10
