"""What is fetched, what is left alone, and what becomes of items that cannot be fetched."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from uuid import UUID

import pytest

from resources.foundation.errors import Unavailable
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.connectors.protocol import Fetched, ItemFailed, ItemUnchanged
from resources.knowledge.documents import documents, sync_failures
from resources.knowledge.intake import arrivals, intake, leases
from resources.knowledge.records import Item, SyncCounts, SyncFailure
from resources.knowledge.sources import data_sources, training_jobs
from tests.factories.connectors import ScriptedConnector
from tests.factories.embedders import HashEmbedder
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
    from resources.knowledge.sources import data_sources

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


def bring(workshop: Workshop, connector: ScriptedConnector) -> SyncCounts:
    """A sync of what a connector says."""
    organization_id, source_id = workshop.organization_id, workshop.source_id
    with workshop.database.transaction(organization_id) as connection:
        source = data_sources.get(connection, organization_id, source_id)
        lease = leases.take(connection, organization_id, source_id, holder="script")
        job_id = training_jobs.start(connection, organization_id, source_id, run_id=None)
        since = training_jobs.get(connection, organization_id, job_id).now
    try:
        brought = arrivals.bring(
            workshop.database, organization_id, source, connector=connector, store=workshop.store, run_id=None,
            since=since, lease=lease, progress=lambda *_: None,
        )  # fmt: skip
    finally:
        with workshop.database.transaction(organization_id) as connection:
            leases.release(connection, organization_id, lease)
    workshop.cut()
    workshop.embed()
    return brought


def scripted(n: int) -> ScriptedConnector:
    """Sacks that have revisions."""
    return ScriptedConnector(
        [Item(f"{k}.txt", revision="1") for k in range(n)],
        {f"{k}.txt": Fetched(f"Sack {k}.".encode(), revision="1") for k in range(n)},
    )


def test_what_the_source_says_of_an_item_is_kept_and_its_title_serves_where_the_text_has_none(
    workshop: Workshop,
) -> None:
    listed = Item(
        "rows/7", revision="r1", title="Rye  \n prices", address="https://mill.example/7", metadata={"team": "shop"}
    )
    connector = ScriptedConnector(
        [listed], {"rows/7": Fetched(PRICES.encode(), revision="r1", media_type="text/plain")}
    )
    assert bring(workshop, connector) == SyncCounts(listed=1, changed=1)
    assert workshop.rows(
        b"select title, source_title, original_filename, mime_type, revision, address, source_metadata"
        b" from knowledge.documents"
    ) == [("Rye prices", "Rye prices", "7", "text/plain", "r1", "https://mill.example/7", {"team": "shop"})]
    assert isinstance(workshop.embedder, HashEmbedder)
    assert workshop.embedder.asked == [contextual("Rye prices", None, PRICES)]


def test_another_title_of_the_same_content_is_a_change_that_readers_see(workshop: Workshop) -> None:
    connector = ScriptedConnector(
        [Item("7", revision="1", title="Rye")], {"7": Fetched(PRICES.encode(), revision="1", media_type="text/plain")}
    )
    bring(workshop, connector)
    connector.listing = [Item("7", revision="2", title="Rye and wheat")]
    assert bring(workshop, connector).changed == 1
    assert workshop.rows(b"select title from knowledge.documents") == [("Rye and wheat",)]
    assert workshop.visible() == {"7": PRICES}
    assert bring(workshop, connector).unchanged == 1


def test_a_revision_alone_tells_what_changed(workshop: Workshop) -> None:
    connector = scripted(3)
    bring(workshop, connector)
    connector.asked.clear()
    connector.listing[1] = Item("1.txt", revision="2")
    connector.contents["1.txt"] = Fetched(b"Sack 1.", revision="2")
    assert bring(workshop, connector) == SyncCounts(listed=3, unchanged=3)
    assert [path for path, _ in connector.asked] == ["1.txt"]
    connector.asked.clear()
    assert bring(workshop, connector) == SyncCounts(listed=3, unchanged=3)
    assert connector.asked == []


def test_bytes_whose_revision_is_not_to_be_trusted_are_looked_at_again(workshop: Workshop) -> None:
    connector = scripted(1)
    connector.contents["0.txt"] = Fetched(b"Sack 0.")
    bring(workshop, connector)
    connector.asked.clear()
    assert bring(workshop, connector) == SyncCounts(listed=1, unchanged=1)
    assert len(connector.asked) == 1


def test_a_source_that_says_unchanged_is_believed_unless_the_item_was_not_well(workshop: Workshop) -> None:
    page = Fetched(b"<p>Rye</p>", revision="etag", media_type="text/html")
    connector = ScriptedConnector([Item("page")], {"page": page})
    bring(workshop, connector)
    connector.contents["page"] = ItemUnchanged()
    assert bring(workshop, connector) == SyncCounts(listed=1, unchanged=1)
    assert connector.asked[-1][1] is not None
    assert connector.asked[-1][1].revision == "etag"
    connector.contents["page"] = ItemFailed("server_error", "it answers 500")
    assert bring(workshop, connector) == SyncCounts(listed=1, failed=1)
    assert bring(workshop, connector).failed == 1
    make_due(workshop)
    connector.contents["page"] = page
    assert bring(workshop, connector) == SyncCounts(listed=1, unchanged=1)
    assert connector.asked[-1] == ("page", None)
    assert failure(workshop, "page") is None


def test_what_was_deleted_is_not_shown_again_because_something_unreadable_took_its_place(workshop: Workshop) -> None:
    connector = scripted(3)
    bring(workshop, connector)
    gone = connector.listing.pop(1)
    assert bring(workshop, connector).deleted == 1
    connector.listing.append(replace(gone, revision="2"))
    connector.contents["1.txt"] = ItemFailed("too_large", "it has grown")
    assert bring(workshop, connector).failed == 1
    assert set(workshop.visible()) == {"0.txt", "2.txt"}
    connector.listing[-1] = replace(gone, revision="3")
    connector.contents["1.txt"] = Fetched(b"Sack 1.", revision="3")
    assert bring(workshop, connector).changed == 1
    assert workshop.visible()["1.txt"] == "Sack 1."
    assert failure(workshop, "1.txt") is None


@pytest.mark.parametrize("place", [0, 1, 5, 9])
def test_a_listing_that_breaks_deletes_and_moves_nothing(workshop: Workshop, place: int) -> None:
    connector = scripted(10)
    bring(workshop, connector)
    seen = workshop.visible()
    connector.breaks_at = place
    connector.listing = connector.listing[:1] + connector.listing[5:]
    connector.listing.append(Item("3a.txt", revision="1"))
    connector.contents["3a.txt"] = Fetched(b"Sack 3.", revision="1")
    with pytest.raises(Unavailable):
        bring(workshop, connector)
    assert workshop.visible() == seen
    assert workshop.rows(b"select from knowledge.deletion_batches") == []


def test_a_listing_that_was_cut_short_deletes_nothing_and_says_so_until_it_is_whole(workshop: Workshop) -> None:
    connector = scripted(10)
    bring(workshop, connector)
    connector.listing = connector.listing[:8]
    connector.stops_because = "only 8 pages are read: raise max_pages"
    assert bring(workshop, connector) == SyncCounts(listed=8, unchanged=8)
    assert len(workshop.visible()) == 10
    failed = failure(workshop, ".")
    assert failed is not None
    assert (failed.stage, failed.outcome, failed.state) == ("listing", "cut_short", "retrying")
    connector.stops_because = None
    assert bring(workshop, connector) == SyncCounts(listed=8, unchanged=8, deleted=2)


@pytest.mark.parametrize(("listed", "held"), [(0, 30), (10, 20)])
def test_a_listing_that_shrinks_beyond_belief_deletes_nothing(workshop: Workshop, listed: int, held: int) -> None:
    connector = scripted(30)
    bring(workshop, connector)
    connector.listing = connector.listing[:listed]
    assert bring(workshop, connector) == SyncCounts(listed=listed, unchanged=listed, held=held)
    assert len(workshop.visible()) == 30


def test_what_a_person_ignores_counts_as_no_failure(workshop: Workshop) -> None:
    workshop.write("photo.raw", bytes(range(256)))
    workshop.sync()
    failed = failure(workshop, "photo.raw")
    assert failed is not None
    with workshop.database.transaction(workshop.organization_id) as connection:
        sync_failures.ignore(connection, workshop.organization_id, [failed.id])
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    workshop.write("photo.raw", bytes(range(1, 256)), age_s=60)
    assert workshop.sync() == SyncCounts(listed=1, unchanged=1)
    assert failure(workshop, "photo.raw") is not None


def test_a_person_who_retries_is_heard_by_the_next_sync_also_for_what_did_not_change(workshop: Workshop) -> None:
    workshop.write("torn.pdf", b"%PDF-1.7 torn")
    workshop.write("photo.raw", bytes(range(256)))
    for _ in range(3):
        workshop.sync()
        make_due(workshop)
    assert [failure(workshop, path).state for path in ("torn.pdf", "photo.raw")] == ["parked", "parked"]  # type: ignore[union-attr]
    parsed = len(workshop.parsers.parsed)
    workshop.sync()
    assert len(workshop.parsers.parsed) == parsed
    with workshop.database.transaction(workshop.organization_id) as connection:
        assert sync_failures.retry(connection, workshop.organization_id, source_id=workshop.source_id) == 2
    workshop.sync()
    assert len(workshop.parsers.parsed) == parsed + 1
    assert [failure(workshop, path).attempts for path in ("torn.pdf", "photo.raw")] == [1, 1]  # type: ignore[union-attr]
