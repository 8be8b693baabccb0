"""Retention and erasure that are killed between any two of their steps are simply asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from resources.conversations import erasures, retention
from resources.conversations.erasures import Request
from resources.foundation.database import Database
from resources.foundation.errors import Missing
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.identity import retention_settings
from resources.identity.records import RetentionSettings
from resources.knowledge.documents import documents
from resources.knowledge.retention import chaining, erasure_receipts
from tests.conftest import make_organization
from tests.factories.workshops import Workshop, make_workshop

REQUEST = Request("mia", "asked")
MOST_STEPS = 60
LEFT = (
    b"select file_path, soft_deleted_reason from knowledge.documents order by 1",
    b"select number, checksum from knowledge.document_versions order by 2, 1",
    b"select kind, count(*) from knowledge.tombstones group by 1",
    b"select name, deleted_at is null from knowledge.data_sources order by 1",
    b"select lexeme, chunk_count from knowledge.lexeme_frequencies order by 1",
    b"select count(*) from knowledge.embeddings",
)


class Killed(BaseException):
    """The process is gone: nothing after this is done, nothing that was not committed remains."""


class Mortal:
    """Counts the steps of a process, each a transaction or a file that is removed; dies before the last one allowed."""

    def __init__(self, allowed: int) -> None:
        self.left = allowed

    def step(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


class MortalDatabase(Database):
    """The connections of another, as long as the process lives."""

    def __init__(self, database: Database, mortal: Mortal) -> None:
        self._pool, self._mortal = database._pool, mortal

    @contextmanager
    def transaction(self, organization_id: UUID) -> Iterator[Connection]:
        self._mortal.step()
        with super().transaction(organization_id) as connection:
            yield connection


class MortalStore(ObjectStore):
    """The same folder, as long as the process lives."""

    mortal = Mortal(0)

    def remove(self, organization_id: UUID, checksum: str, *, older_than_s: float = 0) -> int | None:
        self.mortal.step()
        return super().remove(organization_id, checksum, older_than_s=older_than_s)


def fill(database: Database, slug: str, home: Path) -> Workshop:
    """A source of its own organization with something for every rule."""
    workshop = make_workshop(database, make_organization(database, slug), home / slug)
    for name in ("rye", "oats", "barley", "spelt"):
        workshop.write(f"{name}.md", f"Of {name} there is enough for the winter.")
    workshop.write("copy.md", "Of rye there is enough for the winter.")
    workshop.sync()
    workshop.write("oats.md", "Of oats there is nothing left.")
    (workshop.folder / "spelt.md").unlink()
    workshop.sync()
    rules = RetentionSettings(grace_days=0, version_days=1)
    with database.transaction(workshop.organization_id) as connection:
        retention_settings.replace(connection, workshop.organization_id, rules)
        connection.execute("update knowledge.documents set expires_at = now() where file_path = 'barley.md'")
    return workshop


def retain(workshop: Workshop) -> None:
    retention.run(
        workshop.database, workshop.organization_id, store=workshop.store,
        as_of=datetime.now(UTC) + timedelta(days=2), young_s=0,
    )  # fmt: skip


def erase_document(workshop: Workshop) -> None:
    with Database.transaction(workshop.database, workshop.organization_id) as connection:
        found = documents.find_by_path(
            connection, workshop.organization_id, source_id=workshop.source_id, path="rye.md"
        )  # fmt: skip
    if found is not None:
        erasures.erase_document(
            workshop.database, workshop.organization_id, found.id, store=workshop.store, request=REQUEST
        )
    retain(workshop)  # the next night takes what a killed erasure had no time for: bytes that no row names


def erase_source(workshop: Workshop) -> None:
    with suppress(Missing):
        erasures.erase_source(
            workshop.database, workshop.organization_id, workshop.source_id, store=workshop.store, request=REQUEST
        )
    retain(workshop)


def left(workshop: Workshop) -> list[object]:
    stored = sorted(workshop.store.select_checksums(workshop.organization_id, older_than_s=0))
    return [*(workshop.rows(statement) for statement in LEFT), stored]


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.campaign)], ids=["some", "all"])
@pytest.mark.parametrize("work", [retain, erase_document, erase_source])
def test_whatever_was_done_before_the_end_is_the_same_after_it(
    database: Database, tmp_path: Path, work: Callable[[Workshop], None], stride: int
) -> None:
    whole = fill(database, "whole", tmp_path)
    work(whole)
    wanted = left(whole)
    for steps in range(stride - 1, MOST_STEPS, stride):
        workshop = fill(database, f"killed-{steps}", tmp_path)
        mortal = Mortal(steps)
        store = MortalStore(workshop.store.root)
        store.mortal = mortal
        dying = replace(workshop, database=MortalDatabase(database, mortal), store=store)
        try:
            work(dying)
        except Killed:
            work(workshop)
            assert left(workshop) == wanted, f"killed before step {steps + 1}"
            with database.transaction(workshop.organization_id) as connection:
                assert list(chaining.breaks(erasure_receipts.select_all(connection, workshop.organization_id))) == []
        else:
            assert steps > 5
            return
    pytest.fail(f"it takes more than {MOST_STEPS} steps")
