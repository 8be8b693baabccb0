"""Random scripts of everything that happens to a source; after each sync the database equals a plain model of it."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from resources.conversations import erasures
from resources.conversations.erasures import Request
from resources.foundation.database import Database, Server
from resources.foundation.errors import Unavailable
from resources.knowledge.documents import documents, sync_failures
from resources.knowledge.intake import deletions
from resources.knowledge.retention import retention
from resources.knowledge.sources import data_sources, reconciliation
from tests.conftest import make_organization
from tests.factories.crashes import (
    POINTS,
    Reaper,
    WatchedDatabase,
    WatchedEmbedder,
    WatchedParsers,
    WatchedStore,
    watch_reading,
)
from tests.factories.embedders import ChoosyEmbedder, FailingEmbedder
from tests.factories.followed_folder import (
    FLOOR,
    MOST_BYTES,
    REFUSED_WORD,
    RULE,
    SHARE,
    Doc,
    Model,
    Reading,
    checksum,
    read,
)
from tests.factories.workshops import make_workshop

_numbers = count(1)
_SACKS = [f"Sack {n} of rye went to the miller of village {n}, who ground it fine." for n in range(9)]
_LONG = "\n\n".join(_SACKS)

TEXTS = {
    "one": _SACKS[0], "two": f"# Rye\n\n{_SACKS[1]}", "many": f"# Rye\n\n{_LONG}", "edited": f"# Rye\n\nMore. {_LONG}",
    "shared": f"{_SACKS[0]}\n\n{_SACKS[5]}", "titled": f"# Wheat\n\n{_SACKS[0]}", "nothing": "", "blank": " \n\n ",
    "refused": f"This is {REFUSED_WORD}. {_SACKS[2]}", "refused too": f"{_LONG}\n\nSo {REFUSED_WORD}!",
    "large": _SACKS[3] * 200, "torn": "%PDF-1.7 torn",
}  # fmt: skip
PATHS = ["a.md", "b.md", "c.txt", "d.md", "deep/a.md", "deep/er/e.txt", "f.md", "torn.pdf", "z.txt"]
ARCHIVES = ["box.zip", "deep/crate.zip"]
MEMBERS = ["m.md", "n.txt", "in/m.md", "torn.pdf"]
SAID_INSIDE = {"inner one": "Inside one.", "inner two": "# Inside\n\nTwo, and more.", "inner nothing": "",
               "inner refused": f"Inside is {REFUSED_WORD}.", "inner torn": "%PDF-1.7 inside"}  # fmt: skip

DOCUMENTS = b"""
    select d.file_path, d.title, v.checksum, v.text, d.status, v.status, v.valid_to is null
    from knowledge.documents d join knowledge.document_versions v
        on v.organization_id = d.organization_id and v.id = d.current_version_id
    where d.soft_deleted_at is null"""
CHUNKS = b"""
    select d.file_path, c.chunk_index, c.content, c.start_char, c.end_char, c.content_hash
    from knowledge.chunks c join knowledge.documents d
        on d.organization_id = c.organization_id and d.id = c.document_id
    where c.is_active and c.document_version_id = d.current_version_id"""
FAILURES = b"select file_path, stage, outcome from knowledge.sync_failures"
HELD = b"""
    select d.file_path
    from knowledge.deletions h
    join knowledge.deletion_batches b on b.organization_id = h.organization_id and b.id = h.deletion_batch_id
    join knowledge.documents d on d.organization_id = h.organization_id and d.id = h.document_id
    where b.status = 'waiting' and d.soft_deleted_at is null"""
VECTORS = b"select content_hash, embedding::text from knowledge.embeddings"
STALE_COUNTS = b"""
    select * from
    (select recipe, language, chunk_count, lexeme_total from knowledge.text_statistics where chunk_count > 0) s
    full join (select recipe, language, count(*) as chunk_count, sum(lexeme_count) as lexeme_total
               from knowledge.chunks where is_active group by 1, 2) c using (recipe, language)
    where (s.chunk_count, s.lexeme_total) is distinct from (c.chunk_count, c.lexeme_total)"""
STALE_FREQUENCIES = b"""
    select * from
    (select lexeme, chunk_count from knowledge.lexeme_frequencies where chunk_count > 0) f
    full join (select lexeme, count(*) as chunk_count from knowledge.chunks, unnest(tsvector_to_array(lexemes)) lexeme
               where is_active group by lexeme) c using (lexeme)
    where f.chunk_count is distinct from c.chunk_count"""
AT_WORK = b"select status from knowledge.training_jobs where status in ('queued', 'processing')"
WAITING = b"""
    select d.file_path, v.status from knowledge.document_versions v
    join knowledge.documents d on d.organization_id = v.organization_id and d.id = v.document_id
    where d.soft_deleted_at is null and v.status in ('fetched', 'chunked')"""

texts, inner = st.sampled_from(sorted(TEXTS)), st.sampled_from(sorted(SAID_INSIDE))
paths, archives = st.sampled_from(PATHS), st.sampled_from(ARCHIVES)


class Fault(BaseException):
    """The end of a process."""


class Scripts(RuleBasedStateMachine):
    """One organization with one source."""

    database: Database
    server: Server

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp())
        self.model = Model()
        self.moments = count(1)
        organization_id = make_organization(self.database, f"script-{next(_numbers)}")
        self.workshop = make_workshop(self.database, organization_id, self.home)
        self.workshop.rule = RULE
        self.workshop.embedder = ChoosyEmbedder(refused_word=REFUSED_WORD)
        with self.database.transaction(organization_id) as connection:
            source = data_sources.get(connection, organization_id, self.workshop.source_id)
            data_sources.replace(
                connection, organization_id,
                replace(source, config={**source.config, "max_bytes": MOST_BYTES}, deletion_share=SHARE,
                        deletion_floor=FLOOR),
            )  # fmt: skip

    def teardown(self) -> None:
        shutil.rmtree(self.home)

    # At the source.

    @rule(path=paths, text=texts)
    def write(self, path: str, text: str) -> None:
        self._write(path, TEXTS[text].encode())

    @rule(path=paths, text=st.sampled_from(["one", "two", "many", "edited", "shared", "titled"]))
    def write_well(self, path: str, text: str) -> None:
        self._write(path, TEXTS[text].encode())

    @rule(path=archives, members=st.dictionaries(st.sampled_from(MEMBERS), inner, min_size=1))
    def pack(self, path: str, members: Mapping[str, str]) -> None:
        self._write(path, _zipped({name: SAID_INSIDE[text] for name, text in sorted(members.items())}))

    @precondition(lambda self: self.model.files)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        former = data.draw(st.sampled_from(sorted(self.model.files)))
        path = data.draw(archives if former.endswith(".zip") else paths)
        target = self.workshop.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.workshop.folder / former).replace(target)
        self.model.files[path] = self.model.files.pop(former)

    @precondition(lambda self: self.model.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self._delete([data.draw(st.sampled_from(sorted(self.model.files)))])

    @precondition(lambda self: self.model.files)
    @rule(data=st.data())
    def delete_many(self, data: st.DataObject) -> None:
        self._delete(data.draw(st.lists(st.sampled_from(sorted(self.model.files)), unique=True)))

    # In the product.

    @rule()
    def sync(self) -> None:
        self.workshop.sync()
        self.model.sync()
        self.check()
        assert self._rows(WAITING) == []

    @rule()
    def sync_and_sync_again(self) -> None:
        self.sync()
        again = self.workshop.sync()
        assert (again.changed, again.moved, again.deleted, again.embedded) == (0, 0, 0, 0)
        self.model.sync()
        self.check()

    @rule(point=st.sampled_from(sorted(POINTS)))
    def crash_and_sync(self, point: str) -> None:
        def strike() -> None:
            raise Fault(point)

        reaper = Reaper(POINTS[point], strike)
        watch_reading(reaper)
        with WatchedDatabase(self.server.conninfo("millrace_pipeline"), reaper) as database, suppress(Fault):
            replace(
                self.workshop, database=database, store=WatchedStore(self.workshop.store, reaper),
                embedder=WatchedEmbedder(self.workshop.embedder, reaper), parsers=WatchedParsers(reaper),
            ).sync()  # fmt: skip
        self.workshop.expire_lease()
        self.sync()

    @rule()
    def sync_while_the_model_is_away(self) -> None:
        away = FailingEmbedder(answers=0)
        try:
            replace(self.workshop, embedder=away).sync()
        except Unavailable:
            self.model.sync(model_answers=False)
            self.check(is_settled=False)
        else:
            self.model.sync()
            self.check()

    @rule()
    def sync_while_nothing_can_be_listed(self) -> None:
        aside = self.home / "aside"
        self.workshop.folder.rename(aside)
        with pytest.raises(Unavailable):
            self.workshop.sync()
        aside.rename(self.workshop.folder)
        self.model.unlisted = True
        self.check(is_settled=False)

    @precondition(lambda self: self.model.waiting)
    @rule(approves=st.booleans())
    def decide(self, approves: bool) -> None:
        organization_id = self.workshop.organization_id
        with self.database.transaction(organization_id) as connection:
            (batch,) = deletions.select_waiting(connection, organization_id)
            if not approves:
                deletions.reject(connection, organization_id, batch.id, decided_by="mia")
        if approves:
            deletions.approve(self.database, organization_id, batch.id, decided_by="mia")
            self.model.approve()
        else:
            self.model.reject()
        self.check(is_settled=False)

    @rule(ignores=st.booleans())
    def mind_failures(self, ignores: bool) -> None:
        organization_id = self.workshop.organization_id
        with self.database.transaction(organization_id) as connection:
            if ignores:
                failing = sync_failures.select_all(connection, organization_id)
                sync_failures.ignore(connection, organization_id, [each.id for each in failing[:2]])
            else:
                sync_failures.retry(connection, organization_id)

    @precondition(lambda self: self._plain())
    @rule(data=st.data())
    def expire(self, data: st.DataObject) -> None:
        doc = self._plain()[data.draw(st.integers(0, len(self._plain()) - 1))]
        id = self._id(doc)
        with self.database.transaction(self.workshop.organization_id) as connection:
            documents.set_expires_at(connection, self.workshop.organization_id, id, datetime.now(UTC))
        retention.run(self.database, self.workshop.organization_id, store=self.workshop.store, young_s=0)
        self.model.expire(doc)
        self.check()

    @precondition(lambda self: self._plain())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        doc = self._plain()[data.draw(st.integers(0, len(self._plain()) - 1))]
        erasures.erase_document(
            self.database, self.workshop.organization_id, self._id(doc), store=self.workshop.store,
            request=Request("mia", "asked"),
        )  # fmt: skip
        self.model.erase(doc)
        self.check()

    @precondition(lambda self: any(doc.is_deleted for doc in self.model.docs.values()))
    @rule()
    def purge(self) -> None:
        later = datetime.now(UTC) + timedelta(days=400)
        retention.run(self.database, self.workshop.organization_id, store=self.workshop.store, young_s=0, as_of=later)
        self.model.purge()
        self.check()

    # What must be true.

    def check(self, *, is_settled: bool = True) -> None:
        """The database equals the model. Unless it `is_settled`, counts and unused vectors wait for the next sync."""
        shown = {path: (data, read(path.rpartition("/")[2], data)) for path, data in self.model.shown().items()}
        assert set(self._rows(DOCUMENTS)) == _documents(shown)
        assert sorted(self._rows(CHUNKS)) == sorted(_chunks(shown))
        assert {(path, (stage, outcome)) for path, stage, outcome in self._rows(FAILURES)} == set(
            self.model.failures().items()
        )
        assert {path for (path,) in self._rows(HELD)} == self.model.held()
        if is_settled:
            hashes = {passage.content_hash for _, reading in shown.values() for passage in reading.passages}
            assert hashes <= {content for content, _ in self._rows(VECTORS)}
            assert self._rows(STALE_COUNTS) == []
            assert self._rows(STALE_FREQUENCIES) == []
            with self.database.transaction(self.workshop.organization_id) as connection:
                assert reconciliation.count_orphaned_vectors(connection, self.workshop.organization_id) == 0
                agreement = reconciliation.get(connection, self.workshop.organization_id, self.workshop.source_id)
            assert not any(agreement.faults.values()), agreement
        assert self._rows(AT_WORK) == []

    # Means.

    def _rows(self, statement: bytes) -> list[tuple[object, ...]]:
        return self.workshop.rows(statement)

    def _write(self, path: str, data: bytes) -> None:
        target = self.workshop.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        os.utime(target, (1_600_000_000 + next(self.moments),) * 2)
        self.model.files[path] = data

    def _delete(self, some: list[str]) -> None:
        for path in some:
            (self.workshop.folder / path).unlink()
            del self.model.files[path]

    def _plain(self) -> list[Doc]:
        return [doc for doc in self.model.present() if not doc.path.endswith(".zip")]

    def _id(self, doc: Doc) -> UUID:
        with self.database.transaction(self.workshop.organization_id) as connection:
            found = documents.find_by_path(
                connection, self.workshop.organization_id, source_id=self.workshop.source_id, path=doc.path
            )
        assert found is not None
        return found.id


def _documents(shown: Mapping[str, tuple[bytes, Reading]]) -> set[tuple[object, ...]]:
    return {
        (path, parsed.title or path.rpartition("/")[2], checksum(data), parsed.text, "ready", "ready", True)
        for path, (data, reading) in shown.items()
        if (parsed := reading.parsed) is not None
    }


def _chunks(shown: Mapping[str, tuple[bytes, Reading]]) -> list[tuple[object, ...]]:
    return [
        (path, number, each.piece.content, each.piece.start, each.piece.end, each.content_hash)
        for path, (_, reading) in shown.items()
        for number, each in enumerate(reading.passages)
    ]


def _zipped(members: Mapping[str, str]) -> bytes:
    """The same bytes for the same members, whatever the time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        for name, content in members.items():
            container.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return packed.getvalue()


def run(database: Database, server: Server, *, scripts: int, steps: int) -> None:
    class Machine(Scripts):
        """With what this test has."""

    Machine.database, Machine.server = database, server
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=scripts, stateful_step_count=steps, suppress_health_check=list(HealthCheck), database=None,
            phases=[Phase.generate],
        ),
    )  # fmt: skip


def test_a_source_is_what_its_history_makes_it(database: Database, server: Server) -> None:
    run(database, server, scripts=8, steps=30)


@pytest.mark.campaign
def test_a_source_is_what_any_history_makes_it(database: Database, server: Server) -> None:
    run(database, server, scripts=200, steps=50)
