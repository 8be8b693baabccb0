"""Step 2 of intake: versions whose bytes are kept become parsed texts and chunks that nobody sees yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from psycopg import DataError

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.foundation.threads import as_they_end
from resources.knowledge import (
    chunking,
    chunks,
    data_sources,
    document_versions,
    documents,
    file_types,
    leases,
    segmenting,
    sync_failures,
    text_statistics,
)
from resources.knowledge.conveying import ParseFailure
from resources.knowledge.leases import Lease
from resources.knowledge.members import Unpackers
from resources.knowledge.records import ChunkingRule, Parsed, Piece, SyncCounts, WaitingVersion

_PAGE = 500
_THREADS = min(4, os.cpu_count() or 1)
_STAGES = ("parsing", "chunking")


class Parsers(Unpackers, Protocol):
    """What reads files; resources.knowledge.workers gives one that is bounded. Several threads call it at once."""

    def parse(self, data: bytes, *, media_type: str, filename: str, parser: str | None = None) -> Parsed | ParseFailure:
        """The text of a file's bytes, or why there is none."""
        ...


@dataclass(frozen=True)
class _Cut:
    """What became of a version outside of the database."""

    parsed: Parsed
    pieces: Mapping[ChunkingRule, Sequence[Piece]]


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
    """Parse in several threads (the parsers bound themselves), write in this one: no connection waits for a parser."""
    preparations = _Preparations(database, organization_id, source_id, store, parsers, rules, lease)
    created = 0
    ended = as_they_end(lambda task: task[1](), preparations.tasks(), threads=_THREADS)
    for done, ((waiting, _), result) in enumerate(ended, start=1):
        created += preparations.write(waiting, result)
        progress("cutting", done, max(done, preparations.found))
    with database.transaction(organization_id) as connection:
        failed = sync_failures.count_at(connection, organization_id, source_id, stages=_STAGES)
    return SyncCounts(chunks=created, failed=failed)


Task = tuple[WaitingVersion, Callable[[], _Cut | _Failed]]


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

    def write(self, waiting: WaitingVersion, result: _Cut | _Failed) -> int:
        """One transaction: text, chunks and state of a version; how many chunks. Nothing when it was overtaken."""
        try:
            with leases.writing(self._database, self._organization_id, self._lease) as connection:
                if not self._is_still_waiting(connection, waiting):
                    return 0
                if isinstance(result, _Cut):
                    return self._keep(connection, waiting, result)
        except DataError as error:
            result = _Failed(
                "chunking", "unstorable", f"the database does not take this text: {error.diag.message_primary or error}"
            )
        with leases.writing(self._database, self._organization_id, self._lease) as connection:
            if self._is_still_waiting(connection, waiting):
                self._fail(connection, waiting, result)
        return 0

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
        return self._cut(parsed)

    def _cut(self, parsed: Parsed) -> _Cut | _Failed:
        pieces = {rule: list(chunking.split(parsed, rule)) for rule in self._rules}
        if not all(pieces.values()):
            return _Failed("chunking", "empty_extraction", "there is no text to cut in this file")
        return _Cut(parsed, pieces)

    def _is_still_waiting(self, connection: Connection, waiting: WaitingVersion) -> bool:
        if not documents.lock(connection, self._organization_id, [waiting.document_id]):
            return False
        return bool(
            document_versions.select_newest(connection, self._organization_id, [waiting.id], statuses=[waiting.status])
        )

    def _keep(self, connection: Connection, waiting: WaitingVersion, cut: _Cut) -> int:
        organization_id = self._organization_id
        document_versions.set_chunked(connection, organization_id, waiting.id, parsed=cut.parsed)
        language = segmenting.configuration(cut.parsed.language)
        created = 0
        for rule, pieces in cut.pieces.items():
            if chunks.count_of_version(connection, organization_id, version_id=waiting.id, recipe=rule.name):
                continue
            chunks.create(
                connection, organization_id, source_id=self._source_id, document_id=waiting.document_id,
                version_id=waiting.id, rule=rule, parsed=cut.parsed, pieces=pieces,
                average_length=text_statistics.average_length(
                    connection, organization_id, recipe_name=rule.name, language=language
                ),
            )  # fmt: skip
            created += len(pieces)
        sync_failures.remove(
            connection, organization_id, source_id=self._source_id, path=waiting.file_path, stages=_STAGES
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
