"""What is pushed is kept before it is answered, found after the next sync, and gone when it is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.foundation.files import ObjectStore
from resources.identity import retention_settings
from resources.identity.records import Actor, RetentionSettings
from resources.knowledge.connectors.protocol import Fetched, Means
from resources.knowledge.connectors.upload_connector import UploadConnector
from resources.knowledge.documents import documents, tombstones
from resources.knowledge.intake import arrivals, leases
from resources.knowledge.records import Buried, DataSource, Item, KnownItem, SyncCounts
from resources.knowledge.retention import legal_holds, retention
from resources.knowledge.sources import data_sources, named_objects, training_jobs, uploads
from resources.knowledge.sources.uploads import Accepted
from tests.factories.workshops import Workshop


@pytest.fixture
def inbox(database: Database, organization_id: UUID, tmp_path: Path) -> Workshop:
    """An upload source."""
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="inbox", source_type="upload", config={})
    return Workshop(database, organization_id, tmp_path, source.id, ObjectStore(tmp_path / "objects"))


def push(inbox: Workshop, path: str, text: str, **more: str) -> Accepted:
    return uploads.accept(
        inbox.database, inbox.organization_id, source_of(inbox), path=path, data=text.encode(), store=inbox.store,
        by=Actor(), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def take_back(inbox: Workshop, path: str) -> None:
    with inbox.database.transaction(inbox.organization_id) as connection:
        uploads.remove(connection, inbox.organization_id, source_id=inbox.source_id, path=path)


def source_of(inbox: Workshop) -> DataSource:
    with inbox.database.transaction(inbox.organization_id) as connection:
        return data_sources.get(connection, inbox.organization_id, inbox.source_id)


def waiting_jobs(inbox: Workshop) -> list[str]:
    with inbox.database.transaction(inbox.organization_id) as connection:
        jobs = training_jobs.select_latest(connection, inbox.organization_id, source_id=inbox.source_id)
    return [job.status for job in jobs if job.status == "queued"]


def test_a_pushed_document_is_found_after_the_next_sync(inbox: Workshop) -> None:
    assert push(inbox, "rules/rye.md", "Rye is ground on Mondays.") == "created"
    assert inbox.sync().changed == 1
    assert inbox.visible() == {"rules/rye.md": "Rye is ground on Mondays."}


def test_its_source_is_asked_to_be_synced_once_however_many_are_pushed(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    push(inbox, "b.md", "Oats.")
    assert waiting_jobs(inbox) == ["queued"]
    inbox.sync()
    assert waiting_jobs(inbox) == []


def test_pushing_the_same_again_changes_nothing(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    inbox.sync()
    assert push(inbox, "a.md", "Rye.") == "unchanged"
    assert waiting_jobs(inbox) == []
    assert inbox.sync().unchanged == 1


def test_pushing_other_bytes_replaces_the_document(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    inbox.sync()
    assert push(inbox, "a.md", "Oats.") == "replaced"
    inbox.sync()
    assert inbox.visible() == {"a.md": "Oats."}


def test_the_bytes_are_in_the_store_when_it_is_accepted_and_no_sweep_takes_them(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    swept = named_objects.sweep(inbox.database, inbox.organization_id, inbox.store, older_than_s=0)
    assert swept.objects == 0
    inbox.sync()
    assert inbox.visible() == {"a.md": "Rye."}


def test_what_is_taken_back_is_found_no_more_at_once_and_the_next_sync_leaves_it_so(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    push(inbox, "b.md", "Oats.")
    inbox.sync()
    take_back(inbox, "a.md")
    assert inbox.visible() == {"b.md": "Oats."}
    inbox.sync()
    assert inbox.visible() == {"b.md": "Oats."}


def test_taking_back_all_that_there_is_needs_nobody_s_approval(inbox: Workshop) -> None:
    push(inbox, "a.md", "Rye.")
    inbox.sync()
    take_back(inbox, "a.md")
    inbox.sync()
    assert inbox.visible() == {}


def test_what_was_never_pushed_cannot_be_taken_back(inbox: Workshop) -> None:
    with pytest.raises(Missing, match=r"nothing\.md"):
        take_back(inbox, "nothing.md")


def test_a_title_that_is_pushed_is_the_document_s(inbox: Workshop) -> None:
    push(inbox, "a.txt", "Rye is ground on Mondays.", title="When we grind")
    inbox.sync()
    assert inbox.rows(b"select title from knowledge.documents") == [("When we grind",)]


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "../a", "a/./b", "a\0b", "a\nb", "x" * 1001, "\ud800"])
def test_a_path_that_names_nothing_is_refused(inbox: Workshop, path: str) -> None:
    with pytest.raises(Refused, match="cannot name a document"):
        push(inbox, path, "Rye.")


def test_only_upload_sources_take_uploads(inbox: Workshop, tmp_path: Path) -> None:
    with inbox.database.transaction(inbox.organization_id) as connection:
        folder = data_sources.create(
            connection, inbox.organization_id, name="folder", config={"location": str(tmp_path)}
        )  # fmt: skip
    with pytest.raises(Refused, match="type 'upload'"):
        uploads.accept(
            inbox.database, inbox.organization_id, folder, path="a.md", data=b"Rye.", store=inbox.store, by=Actor()
        )  # fmt: skip


def test_what_was_erased_or_expired_is_not_accepted_again(inbox: Workshop) -> None:
    with inbox.database.transaction(inbox.organization_id) as connection:
        for path, text, kind in (("secret.txt", "a secret", "erased"), ("old.txt", "an old tale", "expired")):
            checksum = sha256(text.encode()).hexdigest()
            buried = Buried(uuid4(), inbox.source_id, path, 1, None, None, [checksum], 1, 1)
            tombstones.bury(connection, inbox.organization_id, [buried], kind=kind)
    for path, text in (("secret.txt", "another"), ("copy.txt", "a secret"), ("old.txt", "an old tale")):
        with pytest.raises(Refused, match="stays out"):
            push(inbox, path, text)
    assert list(inbox.store.select_checksums(inbox.organization_id, older_than_s=0)) == []
    assert push(inbox, "old.txt", "a new tale") == "created"


def test_what_is_purged_or_erased_is_pushed_no_longer(inbox: Workshop) -> None:
    push(inbox, "a.txt", "of rye")
    push(inbox, "b.txt", "of oats")
    inbox.sync()
    with inbox.database.transaction(inbox.organization_id) as connection:
        retention_settings.replace(connection, inbox.organization_id, RetentionSettings(grace_days=0))
        a = documents.find_by_path(connection, inbox.organization_id, source_id=inbox.source_id, path="a.txt")
        assert a is not None
        documents.set_expires_at(connection, inbox.organization_id, a.id, datetime.now(UTC))
    for _ in range(2):
        retention.run(inbox.database, inbox.organization_id, store=inbox.store, young_s=0)
    assert inbox.rows(b"select path from knowledge.uploads") == [("b.txt",)]
    inbox.sync()
    assert inbox.visible() == {"b.txt": "of oats"}
    assert len(list(inbox.store.select_checksums(inbox.organization_id, older_than_s=0))) == 1


class TakenBackWhileItIsFetched(UploadConnector):
    """The person acts between the reading of the bytes and the writing of the rows."""

    inbox: Workshop

    def fetch(self, item: Item, known: KnownItem | None) -> Fetched:
        fetched = super().fetch(item, known)
        take_back(self.inbox, item.path)
        return fetched


@pytest.mark.parametrize("is_known", [False, True])
def test_what_is_taken_back_during_a_sync_is_not_brought_by_it(inbox: Workshop, is_known: bool) -> None:
    push(inbox, "a.md", "Rye.")
    if is_known:
        inbox.sync()
        push(inbox, "a.md", "Oats.")
    organization_id = inbox.organization_id
    means = Means(inbox.database, organization_id, inbox.store)
    connector = TakenBackWhileItIsFetched(source_of(inbox), means)
    connector.inbox = inbox
    with inbox.database.transaction(organization_id) as connection:
        lease = leases.take(connection, organization_id, inbox.source_id, holder="test")
    counts = arrivals.bring(
        inbox.database, organization_id, source_of(inbox), connector=connector, store=inbox.store, run_id=None,
        since=datetime.now(UTC), lease=lease, progress=lambda *_: None,
    )  # fmt: skip
    assert counts == SyncCounts()
    assert inbox.rows(b"select file_path from knowledge.documents where soft_deleted_at is null") == []
    with inbox.database.transaction(organization_id) as connection:
        leases.release(connection, organization_id, lease)
    inbox.sync()
    assert inbox.visible() == {}


def test_what_is_on_legal_hold_is_not_lost_before_it_is_a_version(inbox: Workshop) -> None:
    organization_id = inbox.organization_id
    push(inbox, "a.md", "Rye.")
    with inbox.database.transaction(organization_id) as connection:
        legal_holds.place(
            connection, organization_id, name="Mill v. Miller", reason="a suit", placed_by="mia",
            source_id=inbox.source_id,
        )  # fmt: skip
    with pytest.raises(Refused, match=r"hold 'Mill v\. Miller'.*after the next sync"):
        take_back(inbox, "a.md")
    with pytest.raises(Refused, match=r"hold 'Mill v\. Miller'.*after the next sync"):
        push(inbox, "a.md", "Oats.")
    assert push(inbox, "a.md", "Rye.", title="The rye") == "replaced"
    inbox.sync()
    take_back(inbox, "a.md")
    assert inbox.visible() == {}
    for _ in range(2):
        retention.run(inbox.database, organization_id, store=inbox.store, young_s=0)
    assert [inbox.store.get(organization_id, sha256(b"Rye.").hexdigest())] == [b"Rye."]
