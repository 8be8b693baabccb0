"""Rereadings: documents whose kind is read by another parser now are read anew by it, from the bytes that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.statements import Connection, many, statements_for
from resources.knowledge.documents import document_versions, documents, sync_failures
from resources.knowledge.documents.withdrawals import withdraw_unready
from resources.knowledge.records import DataSource, KnownFileType
from resources.knowledge.sources import data_sources, file_types, training_jobs
from resources.knowledge.sources.file_types import ListedFileType

SQL = statements_for(__name__)
_AT_ONCE = 100


@dataclass(frozen=True)
class _Read:
    id: UUID
    source_title: str | None
    checksum: str
    file_size: int
    is_ready: bool


def ask_for(database: Database, organization_id: UUID, kind: KnownFileType | ListedFileType) -> int:
    """Let the next syncs read documents of a kind anew that another parser read, and try again what failed; how many.

    Nothing is fetched. Readers see what they saw until the new version is whole. A killed one is simply run again.
    """
    with database.transaction(organization_id) as connection:
        sources = data_sources.select_all(connection, organization_id)
    asked = 0
    for source in sources:
        read_anew = _AT_ONCE
        while read_anew == _AT_ONCE:
            with database.transaction(organization_id) as connection:
                read_anew = _ask_for_some(connection, organization_id, source, kind)
                failing = sync_failures.select_all(
                    connection, organization_id, source_id=source.id, states=["retrying", "parked"]
                )
                if failing:
                    sync_failures.retry(connection, organization_id, ids=[failure.id for failure in failing])
                if read_anew or failing:
                    training_jobs.queue(connection, organization_id, source.id)
            asked += read_anew
    return asked


def _ask_for_some(
    connection: Connection, organization_id: UUID, source: DataSource, kind: KnownFileType | ListedFileType
) -> int:
    found = many(
        connection, _Read, SQL["select_read_otherwise"], organization_id=organization_id, data_source_id=source.id,
        file_type_id=kind.id, parser=file_types.parser_of(kind, source), at_most=_AT_ONCE,
    )  # fmt: skip
    present = documents.lock(connection, organization_id, [each.id for each in found])
    documents.forget_unpacked(connection, organization_id, sorted(present))
    for each in found:
        if each.id in present:
            if not each.is_ready:
                withdraw_unready(connection, organization_id, each.id)
            document_versions.create(
                connection, organization_id, document_id=each.id, checksum=each.checksum, size=each.file_size,
                run_id=None, title=each.source_title,
            )  # fmt: skip
    return len(found)
