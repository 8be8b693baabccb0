"""What is over goes, step by step; what is held, young or still wanted stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from resources.foundation.database import Database
from resources.foundation.statements import Connection
from resources.identity import knowledge_settings, retention_settings, users
from resources.identity.records import KnowledgeSettings, RetentionSettings
from resources.knowledge.documents import documents, tombstones
from resources.knowledge.retention import legal_holds, retention
from resources.knowledge.retention.retention import Retained
from resources.knowledge.sources import data_sources
from tests.factories.workshops import Workshop

RYE = "Rye is ground on the second floor."
OATS = "Oats are rolled on Fridays."


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def run(workshop: Workshop, *, days: float = 0) -> Retained:
    """The rules, as if so many days had gone by; bytes are never too young. History and vectors are not counted."""
    retained = retention.run(
        workshop.database, workshop.organization_id, store=workshop.store, as_of=in_days(days), young_s=0
    )
    for action in ("forget syncs", "drop unused vectors"):
        retained.done.pop(action, None)
    return retained


def document_id(workshop: Workshop, path: str) -> UUID:
    with workshop.database.transaction(workshop.organization_id) as connection:
        found = documents.find_by_path(connection, workshop.organization_id, source_id=workshop.source_id, path=path)
    assert found is not None
    return found.id


def set_rules(workshop: Workshop, rules: RetentionSettings) -> None:
    with workshop.database.transaction(workshop.organization_id) as connection:
        retention_settings.replace(connection, workshop.organization_id, rules)


def expire(workshop: Workshop, path: str, *, days: float = -1) -> None:
    id = document_id(workshop, path)
    with workshop.database.transaction(workshop.organization_id) as connection:
        documents.set_expires_at(connection, workshop.organization_id, id, in_days(days))


def stored_bytes(workshop: Workshop) -> int:
    return len(list(workshop.store.select_checksums(workshop.organization_id, older_than_s=0)))


@pytest.fixture
def shelf(workshop: Workshop) -> Workshop:
    """Two documents, brought in."""
    workshop.write("rye.md", RYE)
    workshop.write("oats.md", OATS)
    workshop.sync()
    return workshop


def test_nothing_goes_where_no_rule_says_so(shelf: Workshop) -> None:
    before = shelf.snapshot()
    assert not run(shelf, days=10_000).done
    assert shelf.snapshot() == before


def test_a_document_with_its_own_date_cannot_be_found_after_it(shelf: Workshop) -> None:
    expire(shelf, "rye.md")
    assert run(shelf).done == {"expire": 1}
    assert shelf.visible() == {"oats.md": OATS}
    assert shelf.rows(b"select soft_deleted_reason from knowledge.documents where file_path = 'rye.md'") == [
        ("expired",)
    ]
    assert shelf.vectors() == 1


def test_an_expired_document_ends_after_its_time_of_grace_with_versions_and_bytes(shelf: Workshop) -> None:
    expire(shelf, "rye.md")
    run(shelf)
    assert run(shelf, days=29).done == {}
    assert stored_bytes(shelf) == 2
    purged = run(shelf, days=31)
    assert purged.done == {"purge": 1}
    assert (purged.stored.objects, purged.stored.size) == (1, len(RYE))
    assert shelf.rows(b"select file_path from knowledge.documents") == [("oats.md",)]
    assert shelf.rows(b"select count(*) from knowledge.document_versions") == [(1,)]
    assert stored_bytes(shelf) == 1
    assert shelf.rows(b"select deleted from knowledge.training_jobs where status = 'cleanup_completed'") == [(1,)]


def test_a_document_that_vanished_from_its_source_ends_after_its_time_of_grace_too(shelf: Workshop) -> None:
    (shelf.folder / "rye.md").unlink()
    shelf.sync()
    assert run(shelf, days=29).done == {}
    assert run(shelf, days=31).done == {"purge": 1}


def test_the_same_bytes_stay_while_another_document_needs_them(shelf: Workshop) -> None:
    shelf.write("copy.md", RYE)
    shelf.sync()
    expire(shelf, "rye.md")
    run(shelf)
    run(shelf, days=31)
    assert stored_bytes(shelf) == 2
    assert shelf.visible() == {"copy.md": RYE, "oats.md": OATS}
    assert shelf.sync().failed == 0


@pytest.mark.parametrize("whose", ["source", "owner", "organization"])
def test_documents_go_so_many_days_after_their_content_changed(shelf: Workshop, whose: str) -> None:
    with shelf.database.transaction(shelf.organization_id) as connection:
        if whose == "source":
            data_sources.set_retention_days(connection, shelf.organization_id, shelf.source_id, 7)
        if whose == "organization":
            retention_settings.replace(connection, shelf.organization_id, RetentionSettings(document_days=7))
        if whose == "owner":
            mia = users.create(connection, shelf.organization_id, username="mia", email="mia@mill.example")
            rules = KnowledgeSettings(document_retention_days=7)
            knowledge_settings.replace(connection, shelf.organization_id, mia.id, rules)
            connection.execute("update knowledge.data_sources set user_id = %s", [mia.id])
    assert run(shelf, days=6).done == {}
    with shelf.database.transaction(shelf.organization_id) as connection:
        due = retention.select_due(connection, shelf.organization_id, "expire", as_of=in_days(8))
    assert {one.label for one in due} == {"handbook/rye.md", "handbook/oats.md"}
    assert {one.rule.split()[1] for one in due} == {whose}
    assert run(shelf, days=8).done == {"expire": 2}


def test_what_a_source_says_comes_before_what_the_organization_says(shelf: Workshop) -> None:
    set_rules(shelf, RetentionSettings(document_days=7))
    with shelf.database.transaction(shelf.organization_id) as connection:
        data_sources.set_retention_days(connection, shelf.organization_id, shelf.source_id, 100)
    assert run(shelf, days=8).done == {}


def test_a_shorter_grace_is_the_organizations_to_choose(shelf: Workshop) -> None:
    set_rules(shelf, RetentionSettings(grace_days=0))
    expire(shelf, "rye.md")
    assert run(shelf, days=1).done == {"expire": 1, "purge": 1}


def test_former_versions_go_after_their_days_and_the_present_one_stays(shelf: Workshop) -> None:
    shelf.write("rye.md", RYE + " At night, too.")
    shelf.sync()
    assert run(shelf, days=400).done == {}
    set_rules(shelf, RetentionSettings(version_days=180))
    assert run(shelf, days=179).done == {}
    assert run(shelf, days=181).done == {"purge versions": 1}
    assert shelf.rows(b"select number from knowledge.document_versions order by 1") == [(1,), (2,)]
    assert shelf.visible() == {"oats.md": OATS, "rye.md": RYE + " At night, too."}
    assert stored_bytes(shelf) == 2


def test_what_is_on_hold_neither_expires_nor_ends(shelf: Workshop) -> None:
    expire(shelf, "rye.md")
    (shelf.folder / "oats.md").unlink()
    shelf.sync()
    with shelf.database.transaction(shelf.organization_id) as connection:
        legal_holds.place(
            connection, shelf.organization_id, name="case 7", reason="", placed_by="mia", source_id=shelf.source_id
        )
    assert run(shelf, days=1000).done == {}
    assert shelf.visible() == {"rye.md": RYE}
    assert stored_bytes(shelf) == 2
    with shelf.database.transaction(shelf.organization_id) as connection:
        due = retention.select_due(
            connection, shelf.organization_id, "purge", as_of=in_days(1000), even_held=True
        )  # fmt: skip
        assert [(one.label, one.held_by) for one in due] == [("handbook/oats.md", "case 7")]
        legal_holds.release(connection, shelf.organization_id, name="case 7", released_by="mia")
    assert run(shelf, days=1000).done == {"expire": 1, "purge": 2}


def test_syncs_are_forgotten_but_for_the_latest_of_each_source(shelf: Workshop) -> None:
    shelf.sync()
    shelf.sync()
    run(shelf, days=89)
    assert shelf.rows(b"select count(*) from knowledge.training_jobs") == [(3,)]
    run(shelf, days=91)
    assert shelf.rows(b"select count(*) from knowledge.training_jobs") == [(1,)]


def test_a_removed_source_is_forgotten_when_nothing_of_it_is_left(shelf: Workshop) -> None:
    with shelf.database.transaction(shelf.organization_id) as connection:
        data_sources.remove(connection, shelf.organization_id, shelf.source_id)
    assert run(shelf, days=29).done == {}
    assert run(shelf, days=31).done == {"purge": 2, "forget sources": 1}
    assert shelf.rows(b"select from knowledge.data_sources") == []


class InterruptedDatabase(Database):
    """The connections of another; something else happens once, before a certain transaction."""

    def __init__(self, database: Database, before: int, happen: Callable[[], object]) -> None:
        self._pool, self._left, self._happen = database._pool, before, happen

    @contextmanager
    def transaction(self, organization_id: UUID) -> Iterator[Connection]:
        self._left -= 1
        if self._left == 0:
            self._happen()
        with super().transaction(organization_id) as connection:
            yield connection


@pytest.mark.parametrize("before", range(1, 6))
def test_what_comes_back_at_any_moment_before_its_end_stays(shelf: Workshop, before: int) -> None:
    (shelf.folder / "rye.md").unlink()
    shelf.sync()

    def come_back() -> None:
        shelf.write("rye.md", RYE)
        shelf.sync()

    retention.run(
        InterruptedDatabase(shelf.database, before, come_back), shelf.organization_id, store=shelf.store,
        as_of=in_days(31), young_s=0,
    )  # fmt: skip
    assert shelf.visible() == {"oats.md": OATS, "rye.md": RYE}
    assert (shelf.sync().failed, stored_bytes(shelf)) == (0, 2)


def test_what_is_being_brought_is_not_swept(shelf: Workshop) -> None:
    checksum = shelf.store.put(shelf.organization_id, b"brought a moment ago")
    retention.run(shelf.database, shelf.organization_id, store=shelf.store)
    assert shelf.store.get(shelf.organization_id, checksum) == b"brought a moment ago"
    swept = run(shelf)
    assert swept.stored.objects == 1
    assert stored_bytes(shelf) == 2


def test_an_expired_document_is_kept_out_by_hashes_alone(shelf: Workshop) -> None:
    expire(shelf, "rye.md")
    run(shelf)
    run(shelf, days=31)
    with shelf.database.transaction(shelf.organization_id) as connection:
        assert tombstones.count(connection, shelf.organization_id, kind="expired") == 1
    [row] = shelf.rows(b"select t::text from knowledge.tombstones t")
    assert "rye" not in str(row[0]).lower()


def test_an_expired_item_that_says_the_same_stays_out_without_being_read_again(shelf: Workshop) -> None:
    expire(shelf, "rye.md")
    run(shelf)
    for days in (1, 31):  # while its row is there, and when only its tombstone is
        run(shelf, days=days)
        assert (shelf.sync().changed, shelf.visible()) == (0, {"oats.md": OATS})
    shelf.write("rye.md", RYE, age_s=7200)  # another time, the same words: they are looked at, once
    assert shelf.sync().changed == 0
    assert shelf.visible() == {"oats.md": OATS}
    assert stored_bytes(shelf) == 1


def test_an_expired_item_that_says_something_new_has_a_new_life(shelf: Workshop) -> None:
    for path in ("rye.md", "oats.md"):
        expire(shelf, path)
    run(shelf)
    shelf.write("rye.md", "Rye is not ground any more.")
    shelf.sync()
    assert shelf.visible() == {"rye.md": "Rye is not ground any more."}
    run(shelf, days=31)  # its own date went with its former life
    assert shelf.visible() == {"rye.md": "Rye is not ground any more."}
    shelf.write("oats.md", "Oats are sold out.")
    shelf.sync()
    assert set(shelf.visible()) == {"rye.md", "oats.md"}


def test_chunks_of_a_recipe_that_is_wanted_again_meanwhile_stay(shelf: Workshop) -> None:
    copied = """
        insert into knowledge.chunks (organization_id, data_source_id, document_id, document_version_id, recipe,
            chunk_index, chunk_size, chunk_overlap, content, start_char, end_char, token_count, content_hash, language,
            lexemes, lexeme_count, weights)
        select organization_id, data_source_id, document_id, document_version_id, 'former', number, chunk_size,
               chunk_overlap, content, start_char, end_char, token_count, content_hash, language, lexemes,
               lexeme_count, weights
        from (select * from knowledge.chunks limit 1) one, generate_series(1, %s) number"""
    with shelf.database.transaction(shelf.organization_id) as connection:
        connection.execute(copied, [retention.ROWS_AT_ONCE + 5])
    present = shelf.rows(b"select distinct recipe from knowledge.chunks")
    asked = 0

    def wanted(_connection: Connection, _organization_id: UUID) -> list[str]:
        nonlocal asked
        asked += 1
        return [str(recipe) for (recipe,) in present if asked > 1 or recipe != "former"]

    done = retention.run(shelf.database, shelf.organization_id, store=shelf.store, wanted_recipes=wanted).done
    assert done["drop unwanted chunks"] == retention.ROWS_AT_ONCE
    assert len(shelf.rows(b"select from knowledge.chunks where recipe = 'former'")) == 5
