"""What is fetched, what is left alone, and what becomes of items that cannot be fetched."""

from __future__ import annotations

import os
import time
from uuid import UUID

from resources.knowledge import documents, intake, sync_failures
from resources.knowledge.records import SyncCounts, SyncFailure
from tests.factories.workshops import DirectParsers, Workshop

PRICES = "Rye costs three crowns a sack, wheat five."


def failure(workshop: Workshop, path: str) -> SyncFailure | None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return sync_failures.find_by_path(
            connection, workshop.organization_id, source_id=workshop.source_id, path=path
        )  # fmt: skip


def make_due(workshop: Workshop) -> None:
    workshop.rows(b"update knowledge.sync_failures set next_attempt_at = now() - interval '1 second' returning 1")


def test_a_touched_file_is_read_and_found_unchanged(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES, age_s=900)
    workshop.sync()
    workshop.write("a.txt", PRICES, age_s=300)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert workshop.rows(b"select count(*) from knowledge.document_versions") == [(1,)]
    before = workshop.rows(b"select modified_ns from knowledge.documents")
    assert before == [((workshop.folder / "a.txt").stat().st_mtime_ns,)]


def test_an_edit_in_the_same_tick_of_the_clock_is_seen(workshop: Workshop) -> None:
    path = workshop.folder / "a.txt"
    workshop.write("a.txt", "one", age_s=0)
    moment = path.stat().st_mtime_ns
    workshop.sync()
    path.write_text("two")
    os.utime(path, ns=(moment, moment))
    assert workshop.sync().changed == 1
    assert workshop.visible() == {"a.txt": "two"}


def test_an_edit_of_an_edit_that_was_not_ready_yet_takes_its_place(workshop: Workshop) -> None:
    workshop.write("a.txt", "one", age_s=900)
    workshop.sync()
    workshop.write("a.txt", "two", age_s=600)
    workshop.bring()
    workshop.cut()
    workshop.write("a.txt", "three", age_s=300)
    workshop.bring()
    assert workshop.visible() == {"a.txt": "one"}
    workshop.cut()
    workshop.embed()
    assert workshop.visible() == {"a.txt": "three"}
    assert workshop.rows(b"select number, text from knowledge.document_versions order by 1") == [
        (1, "one"),
        (2, "three"),
    ]
    assert workshop.vectors() == 1


def test_an_edit_that_is_taken_back_before_it_was_ready_leaves_no_trace(workshop: Workshop) -> None:
    workshop.write("a.txt", "one", age_s=900)
    workshop.sync()
    before = workshop.snapshot()
    workshop.write("a.txt", "two", age_s=600)
    workshop.bring()
    workshop.cut()
    workshop.write("a.txt", "one", age_s=300)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert workshop.snapshot() == before
    assert workshop.rows(b"select count(*) from knowledge.document_versions") == [(1,)]


def test_files_of_kinds_that_nothing_reads_are_recorded_with_their_reason(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("photo.raw", bytes(range(256)))
    assert workshop.sync() == SyncCounts(listed=2, changed=1, failed=1, chunks=1, embedded=1)
    failed = failure(workshop, "photo.raw")
    assert failed is not None
    assert (failed.stage, failed.outcome, failed.attempts) == ("fetching", "unsupported_format", 1)
    assert "photo.raw" in failed.reason
    assert workshop.rows(
        b"select status, processing_log->0->>'outcome' from knowledge.documents where file_path = 'photo.raw'"
    ) == [("failed", "unsupported_format")]
    assert list(workshop.store.root.rglob("*.raw")) == []


def test_a_failing_item_waits_for_its_next_attempt(workshop: Workshop) -> None:
    workshop.write("photo.raw", bytes(range(256)))
    workshop.sync()
    assert workshop.sync() == SyncCounts(listed=1, failed=1)
    first = failure(workshop, "photo.raw")
    assert first is not None
    assert first.attempts == 1
    make_due(workshop)
    workshop.sync()
    second = failure(workshop, "photo.raw")
    assert second is not None
    assert second.attempts == 2
    wait_s = second.next_attempt_at.timestamp() - time.time()
    assert 3 * 60 < wait_s < 5 * 60


def test_a_failing_item_that_changes_is_tried_at_once(workshop: Workshop) -> None:
    workshop.write("notes.txt", b"", age_s=900)
    workshop.write("other.txt", PRICES)
    assert workshop.sync().failed == 1
    workshop.write("notes.txt", "The dam is dry.", age_s=300)
    assert workshop.sync() == SyncCounts(listed=2, changed=1, unchanged=1, chunks=1, embedded=1)
    assert failure(workshop, "notes.txt") is None
    assert workshop.rows(b"select distinct status from knowledge.documents") == [("ready",)]


def test_a_file_that_grew_too_large_keeps_serving_what_it_said(workshop: Workshop) -> None:
    workshop.rows(b"update knowledge.data_sources set config = config || '{\"max_bytes\": 100}' returning 1")
    workshop.write("a.txt", PRICES, age_s=900)
    workshop.sync()
    workshop.write("a.txt", "x" * 101, age_s=300)
    assert workshop.sync() == SyncCounts(listed=1, failed=1)
    assert workshop.visible() == {"a.txt": PRICES}
    failed = failure(workshop, "a.txt")
    assert failed is not None
    assert failed.outcome == "too_large"
    workshop.write("a.txt", PRICES, age_s=100)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert failure(workshop, "a.txt") is None


def test_a_failing_file_that_vanishes_is_forgotten(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("photo.raw", bytes(range(256)))
    (workshop.folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"rye")
    assert workshop.sync().failed == 2
    assert [row[0] for row in workshop.rows(b"select file_path from knowledge.sync_failures order by 1")] == [
        "caf\\udce9.txt", "photo.raw",
    ]  # fmt: skip
    (workshop.folder / "photo.raw").unlink()
    (workshop.folder / os.fsdecode(b"caf\xe9.txt")).unlink()
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1, deleted=1)
    assert workshop.rows(b"select file_path from knowledge.sync_failures") == []


def test_a_source_of_many_pages_is_held_against_what_is_known(workshop: Workshop) -> None:
    for n in range(520):
        path = workshop.folder / f"{n:03}.txt"
        path.write_text(f"Sack {n}.")
        os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    assert workshop.bring() == SyncCounts(listed=520, changed=520)
    (workshop.folder / "003.txt").unlink()
    (workshop.folder / "510.txt").unlink()
    workshop.write("499a.txt", "Sack.")
    assert workshop.bring() == SyncCounts(listed=519, changed=1, unchanged=518, deleted=2)


def test_a_source_removed_in_the_middle_gets_no_documents(workshop: Workshop) -> None:
    """What a running sync has in its hands when the source is removed is not brought in."""
    from resources.knowledge import data_sources

    for n in range(3):
        workshop.write(f"{n}.txt", f"{PRICES} {n}")
    workshop.bring()

    def remove(_name: str) -> None:
        with workshop.database.transaction(workshop.organization_id) as connection:
            if workshop.source_id in {s.id for s in data_sources.select_all(connection, workshop.organization_id)}:
                data_sources.remove(connection, workshop.organization_id, workshop.source_id)

    workshop.parsers = DirectParsers(before=remove)
    intake.cut_waiting(
        workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store,
        parsers=workshop.parsers, rules=[workshop.rule],
    )  # fmt: skip
    workshop.embed()
    assert workshop.rows(b"select count(*) from knowledge.chunks") == [(0,)]
    assert workshop.vectors() == 0
    assert present(workshop, workshop.source_id) == 0


def present(workshop: Workshop, source_id: UUID) -> int:
    with workshop.database.transaction(workshop.organization_id) as connection:
        return documents.count_present(connection, workshop.organization_id, source_id)
