"""Step 2 of intake: versions whose bytes are kept become parsed texts and chunks that nobody sees yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from psycopg import DataError

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.foundation.threads import as_they_end, one_behind
from resources.knowledge.chunks import chunking, chunks, staging
from resources.knowledge.chunks.staging import Passages
from resources.knowledge.documents import document_versions, documents, sync_failures
from resources.knowledge.intake import leases
from resources.knowledge.intake.leases import Lease
from resources.knowledge.intake.members import Unpackers
from resources.knowledge.readers.conveying import ParseFailure
from resources.knowledge.readers.reading_scans import REMEDY
from resources.knowledge.records import ChunkingRule, Parsed, SyncCounts, WaitingVersion
from resources.knowledge.sources import data_sources, file_types

_PAGE = 500
_THREADS = min(4, os.cpu_count() or 1)
_CHUNKS_AT_ONCE = 512
_VERSIONS_AT_ONCE = 16
_STAGES = ("parsing", "chunking")


class Parsers(Unpackers, Protocol):
    """What reads files; knowledge/readers/workers.py gives one that is bounded. Several threads call it at once."""

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        """The text of a file's bytes, or why there is none."""
        ...


@dataclass(frozen=True)
class _Cut:
    """What became of a version outside of the database."""

    parsed: Parsed
    passages: Mapping[ChunkingRule, Passages]


@dataclass(frozen=True)
class _Failed:
    """Why nothing became of it. `is_lost`: its stored bytes must be fetched again."""

    stage: str
    outcome: str
    reason: str
    is_lost: bool = False


def prepare(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    parsers: Parsers,
    rules: Sequence[ChunkingRule],
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """Parse in several threads (the parsers bound themselves), write in another: no connection waits for a parser."""
    preparations = _Preparations(database, organization_id, source_id, store, parsers, rules, lease)
    created = done = 0
    ended = as_they_end(lambda task: task[1](), preparations.tasks(), threads=_THREADS)
    results = ((waiting, result) for (waiting, _), result in ended)
    for written in one_behind(preparations.write, _together(results)):
        created += written.chunks
        done += written.versions
        progress("cutting", done, max(done, preparations.found))
    with database.transaction(organization_id) as connection:
        failed = sync_failures.count_at(connection, organization_id, source_id, stages=_STAGES)
    return SyncCounts(chunks=created, failed=failed)


@dataclass(frozen=True)
class _Written:
    """What a transaction brought: versions that are done with, and chunks."""

    versions: int
    chunks: int


Task = tuple[WaitingVersion, Callable[[], _Cut | _Failed]]
Result = tuple[WaitingVersion, _Cut | _Failed]


class _Preparations:
    """The versions of one source that wait to be cut."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        source_id: UUID,
        store: ObjectStore,
        parsers: Parsers,
        rules: Sequence[ChunkingRule],
        lease: Lease,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source_id = source_id
        self._store = store
        self._parsers = parsers
        self._rules = list(dict.fromkeys(rules))
        self._lease = lease
        self.found = 0
        with database.transaction(organization_id) as connection:
            source = data_sources.get(connection, organization_id, source_id)
            self._parser_of = {
                known.id: file_types.parser_of(known, source)
                for known in file_types.select_active(connection, organization_id)
            }

    def tasks(self) -> Iterator[Task]:
        """Each waiting version with the work that needs no database."""
        for waiting in self._waiting():
            if waiting.is_parsed:
                with self._database.transaction(self._organization_id) as connection:
                    known = document_versions.get_parsed(connection, self._organization_id, waiting.id)
                yield waiting, lambda known=known: self._cut(known)  # type: ignore[misc]
            else:
                yield waiting, lambda waiting=waiting: self._parse(waiting)  # type: ignore[misc]

    def write(self, results: Sequence[Result]) -> _Written:
        """One transaction for a few versions, each whole or not at all; those that were overtaken are left alone.

        Where the database does not take a text, each version has a transaction of its own, and that one fails alone.
        """
        try:
            return _Written(len(results), self._write(results))
        except DataError as error:
            if len(results) > 1:
                return _Written(len(results), sum(self.write([result]).chunks for result in results))
            reason = f"the database does not take this text: {error.diag.message_primary or error}"
            return _Written(1, self._write([(results[0][0], _Failed("chunking", "unstorable", reason))]))

    def _write(self, results: Sequence[Result]) -> int:
        with leases.writing(self._database, self._organization_id, self._lease) as connection:
            waiting = self._still_waiting(connection, [version for version, _ in results])
            present = [(version, result) for version, result in results if version.id in waiting]
            created = self._keep(
                connection, [(version, cut) for version, cut in present if isinstance(cut, _Cut)]
            )  # fmt: skip
            for version, failed in present:
                if isinstance(failed, _Failed):
                    self._fail(connection, version, failed)
        return created

    def _waiting(self) -> Iterator[WaitingVersion]:
        after = ""
        while True:
            with self._database.transaction(self._organization_id) as connection:
                page = document_versions.select_uncut(
                    connection, self._organization_id, source_id=self._source_id,
                    recipes=[rule.name for rule in self._rules], after=after, at_most=_PAGE,
                )  # fmt: skip
            self.found += len(page)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].file_path

    def _parse(self, waiting: WaitingVersion) -> _Cut | _Failed:
        try:
            data = self._store.get(self._organization_id, waiting.checksum)
        except (Missing, Unavailable) as error:
            return _Failed("parsing", "bytes_lost", str(error), is_lost=True)
        parsed = self._parsers.parse(
            data, media_type=waiting.mime_type or "application/octet-stream", filename=waiting.original_filename,
            parser=self._parser_of.get(waiting.file_type_id) if waiting.file_type_id else None,
        )  # fmt: skip
        if isinstance(parsed, ParseFailure):
            return _Failed("parsing", parsed.outcome, parsed.reason)
        return self._cut(replace(parsed, title=parsed.title or waiting.title))

    def _cut(self, parsed: Parsed) -> _Cut | _Failed:
        passages = {rule: staging.passages(parsed, chunking.split(parsed, rule)) for rule in self._rules}
        if not all(each.members for each in passages.values()):
            return _Failed("chunking", "empty_extraction", "there is no text to cut in this file")
        return _Cut(parsed, passages)

    def _still_waiting(self, connection: Connection, versions: Sequence[WaitingVersion]) -> set[UUID]:
        """Of these versions those that nothing overtook; nobody else changes their documents from now on."""
        organization_id = self._organization_id
        present = documents.lock(connection, organization_id, [version.document_id for version in versions])
        newest: set[UUID] = set()
        for status in {version.status for version in versions}:
            ids = [each.id for each in versions if each.status == status and each.document_id in present]
            newest |= document_versions.select_newest(connection, organization_id, ids, statuses=[status])
        return newest

    def _keep(self, connection: Connection, versions: Sequence[tuple[WaitingVersion, _Cut]]) -> int:
        organization_id = self._organization_id
        if not versions:
            return 0
        document_versions.set_chunked(connection, organization_id, [(each.id, cut.parsed) for each, cut in versions])
        for each, cut in versions:
            if cut.parsed.pictured_pages:
                documents.remark(
                    connection, organization_id, each.document_id, stage="parsing", outcome="needs_ocr",
                    reason=f"{cut.parsed.pictured_pages:,} of its pages are pictures without text: {REMEDY}",
                )  # fmt: skip
        created = 0
        for rule in self._rules:
            present = chunks.count_of_recipe(
                connection, organization_id, version_ids=[each.id for each, _ in versions], recipe=rule.name
            )
            created += chunks.create(
                connection, organization_id, source_id=self._source_id, rule=rule,
                versions=[
                    (each.document_id, each.id, cut.passages[rule]) for each, cut in versions if each.id not in present
                ],
            )  # fmt: skip
        sync_failures.remove_of_documents(
            connection, organization_id, [each.document_id for each, _ in versions], stages=_STAGES
        )
        return created

    def _fail(self, connection: Connection, waiting: WaitingVersion, failed: _Failed) -> None:
        organization_id = self._organization_id
        document_versions.set_failed(connection, organization_id, waiting.id)
        documents.set_failed(
            connection, organization_id, waiting.document_id,
            stage=failed.stage, outcome=failed.outcome, reason=failed.reason,
        )  # fmt: skip
        sync_failures.record(
            connection, organization_id, source_id=self._source_id, path=waiting.file_path,
            document_id=waiting.document_id, stage=failed.stage, outcome=failed.outcome, reason=failed.reason,
        )  # fmt: skip
        if failed.is_lost:
            documents.forget_time(connection, organization_id, waiting.document_id)


def _together(results: Iterable[Result]) -> Iterator[list[Result]]:
    """A few versions at once, together about so many chunks; a longer one comes with those before it."""
    some: list[Result] = []
    chunks_in_some = 0
    for version, result in results:
        some.append((version, result))
        if isinstance(result, _Cut):
            chunks_in_some += sum(len(passages.members) for passages in result.passages.values())
        if len(some) == _VERSIONS_AT_ONCE or chunks_in_some >= _CHUNKS_AT_ONCE:
            yield some
            some, chunks_in_some = [], 0
    if some:
        yield some
