"""A document that has another path stays the same document; what is missing is deleted, unless that is too much."""

from __future__ import annotations

from uuid import UUID

import pytest

from resources.knowledge.intake import deletions
from resources.knowledge.records import SyncCounts
from resources.knowledge.retention import legal_holds
from tests.factories.workshops import Workshop

PRICES = "Rye costs three crowns a sack, wheat five."
RULES = "# Safety rules\n\nNobody enters the wheel pit while the wheel turns.\n"


def ids(workshop: Workshop) -> dict[str, UUID]:
    """The documents that readers see, by path."""
    return dict(
        workshop.rows(  # type: ignore[arg-type]
            b"select file_path, id from knowledge.documents where soft_deleted_at is null order by 1"
        )
    )


def chunk_ids(workshop: Workshop) -> set[object]:
    return {row[0] for row in workshop.rows(b"select id from knowledge.chunks")}


def rename(workshop: Workshop, before: str, after: str) -> None:
    target = workshop.folder / after
    target.parent.mkdir(parents=True, exist_ok=True)
    (workshop.folder / before).rename(target)


def test_a_renamed_file_is_the_same_document_with_its_chunks_and_history(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("b.md", RULES)
    workshop.sync()
    before, chunks = ids(workshop), chunk_ids(workshop)
    rename(workshop, "b.md", "rules/c.md")
    assert workshop.sync() == SyncCounts(listed=2, unchanged=1, moved=1)
    assert ids(workshop) == {"a.txt": before["a.txt"], "rules/c.md": before["b.md"]}
    assert chunk_ids(workshop) == chunks
    assert workshop.visible() == {"a.txt": PRICES, "rules/c.md": RULES.strip()}
    assert sorted(workshop.parsers.parsed) == ["a.txt", "b.md"]
    assert workshop.rows(b"select original_filename from knowledge.documents order by 1") == [("a.txt",), ("c.md",)]
    assert workshop.sync() == SyncCounts(listed=2, unchanged=2)


def test_a_moved_document_is_called_by_its_new_name_unless_its_text_names_a_title(workshop: Workshop) -> None:
    workshop.write("named.md", RULES)
    workshop.write("nameless.txt", PRICES)
    workshop.sync()
    rename(workshop, "nameless.txt", "other.txt")
    rename(workshop, "named.md", "renamed.md")
    workshop.sync()
    titles = workshop.rows(b"select file_path, title from knowledge.documents order by 1")
    assert titles == [("other.txt", "other.txt"), ("renamed.md", "Safety rules")]


def test_a_renamed_folder_moves_all_of_it_whatever_its_size(workshop: Workshop) -> None:
    """More than fit in one transaction."""
    for n in range(210):
        workshop.write(f"old/{n:03}.txt", f"Sack {n % 100}.", age_s=9_000)
    workshop.sync()
    before = ids(workshop)
    rename(workshop, "old", "new")
    assert workshop.sync() == SyncCounts(listed=210, moved=210)
    assert ids(workshop) == {path.replace("old", "new"): id for path, id in before.items()}


def test_equal_files_that_move_at_once_are_paired_by_path(workshop: Workshop) -> None:
    for name in ("a", "b", "c"):
        workshop.write(f"old/{name}.txt", PRICES)
    workshop.write("always.txt", RULES)
    workshop.sync()
    before = ids(workshop)
    rename(workshop, "old", "new")
    (workshop.folder / "new/c.txt").unlink()
    assert workshop.sync() == SyncCounts(listed=3, unchanged=1, moved=2, deleted=1)
    after = ids(workshop)
    assert after == {
        "always.txt": before["always.txt"], "new/a.txt": before["old/a.txt"], "new/b.txt": before["old/b.txt"],
    }  # fmt: skip
    assert workshop.visible()["new/b.txt"] == PRICES


def test_a_copy_beside_the_original_is_no_move(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    workshop.write("b.txt", PRICES)
    assert workshop.sync() == SyncCounts(listed=2, changed=1, unchanged=1, chunks=1, reused=1)


def test_another_kind_of_file_with_the_same_bytes_is_another_document(workshop: Workshop) -> None:
    workshop.write("a.txt", RULES)
    workshop.write("always.txt", PRICES)
    workshop.sync()
    rename(workshop, "a.txt", "a.md")
    counts = workshop.sync()
    assert (counts.moved, counts.changed, counts.deleted) == (0, 1, 1)


def test_a_move_there_and_back_is_the_same_document(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("always.txt", RULES)
    workshop.sync()
    before = workshop.snapshot(), ids(workshop)
    rename(workshop, "a.txt", "b.txt")
    workshop.sync()
    rename(workshop, "b.txt", "a.txt")
    assert workshop.sync().moved == 1
    assert (workshop.snapshot(), ids(workshop)) == before


def test_a_move_is_followed_after_a_sync_that_was_killed_in_the_middle(workshop: Workshop) -> None:
    """The new path was written, nothing else; then also its chunks. Either way the next sync finds the move."""

    class Killed(Exception):
        """As by kill -9, as far as the database can tell."""

    def die(stage: str, _done: int, _total: int) -> None:
        raise Killed(stage)

    workshop.write("a.txt", PRICES)
    workshop.write("always.txt", RULES)
    workshop.sync()
    before = ids(workshop)
    rename(workshop, "a.txt", "b.txt")
    with pytest.raises(Killed):
        workshop.bring(progress=die)
    workshop.cut()
    assert workshop.bring() == SyncCounts(listed=2, unchanged=1, moved=1)
    workshop.cut()
    workshop.embed()
    assert ids(workshop) == {"b.txt": before["a.txt"], "always.txt": before["always.txt"]}
    assert workshop.visible() == {"always.txt": RULES.strip(), "b.txt": PRICES}
    assert workshop.rows(b"select count(*) from knowledge.chunks where not is_active") == [(0,)]


def test_a_failing_document_that_moves_keeps_its_failure_and_what_readers_see(workshop: Workshop) -> None:
    workshop.write("a.pdf", b"%PDF-1.7 torn")
    workshop.write("always.txt", RULES)
    workshop.sync()
    rename(workshop, "a.pdf", "b.pdf")
    workshop.sync()
    assert workshop.rows(b"select file_path, outcome from knowledge.sync_failures") == [("b.pdf", "damaged")]
    assert workshop.visible() == {"always.txt": RULES.strip()}


def test_all_of_a_source_waits_for_a_person_even_when_that_is_one_document(workshop: Workshop) -> None:
    workshop.write("rules.md", RULES)
    workshop.sync()
    (workshop.folder / "rules.md").unlink()
    assert workshop.sync() == SyncCounts(held=1)
    assert workshop.visible() == {"rules.md": RULES.strip()}
    with workshop.database.transaction(workshop.organization_id) as connection:
        (batch,) = deletions.select_waiting(connection, workshop.organization_id)
    assert (batch.source_name, batch.documents, batch.known) == ("handbook", 1, 1)
    assert workshop.rows(b"select status, held from knowledge.training_jobs order by created_at desc limit 1") == [
        ("completed", 1)
    ]


def test_a_file_of_a_source_on_legal_hold_can_be_renamed(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.write("always.txt", RULES)
    workshop.sync()
    with workshop.database.transaction(workshop.organization_id) as connection:
        legal_holds.place(
            connection, workshop.organization_id, name="case 7", reason="", source_id=workshop.source_id,
            placed_by="mia",
        )  # fmt: skip
    rename(workshop, "a.txt", "b.txt")
    assert workshop.sync().moved == 1
