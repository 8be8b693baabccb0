"""Step 1 of intake: what a source lists, held against what is known of it; new bytes become new versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.knowledge import data_sources, document_versions, documents, file_types, parsing, sync_failures
from resources.knowledge.connectors import Connector, Fetched, ItemFailed, ItemGone, connector_for
from resources.knowledge.records import (
    DataSource,
    Document,
    DocumentVersion,
    Item,
    KnownFileType,
    KnownItem,
    SyncCounts,
)
from resources.knowledge.withdrawals import withdraw, withdraw_unready

_PAGE = 500
_WITHDRAWN_AT_ONCE = 200
_TELL_EVERY = 200

Outcome = Literal["changed", "unchanged", "failed", "gone"]


@dataclass
class _Tally:
    """What the listing came to; `vanished`: known documents that it did not meet."""

    listed: int = 0
    known: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    vanished: list[UUID] = field(default_factory=list)


def bring(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    *,
    store: ObjectStore,
    run_id: str | None,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """List the source, bring what is new or changed, then withdraw what vanished."""
    connector = connector_for(source)
    arrivals = _Arrivals(database, organization_id, source, connector, store, run_id)
    tally = _Tally()
    with database.transaction(organization_id) as connection:
        tally.known = documents.count_present(connection, organization_id, source.id)
    for item, known in _side_by_side(connector.items(), _known(database, organization_id, source.id)):
        if item is None:
            if known is not None and not known.is_deleted:
                tally.vanished.append(known.id)
            continue
        tally.listed += 1
        outcome = _seen(item, known) or arrivals.bring(item)
        tally.outcomes[outcome] = tally.outcomes.get(outcome, 0) + 1
        if outcome != "unchanged" or tally.listed % _TELL_EVERY == 0:
            progress("fetching", tally.listed, max(tally.listed, tally.known))
    if tally.vanished and not tally.listed:
        raise Unavailable(
            f"source {source.name!r} lists nothing, though {len(tally.vanished):,} documents came from it: nothing was "
            "deleted; see whether its folder is the right one and mounted, or remove the source"
        )
    deleted = _withdraw(database, organization_id, tally.vanished)
    progress("fetching", tally.listed, tally.listed)
    return SyncCounts(
        listed=tally.listed - tally.outcomes.get("gone", 0), changed=tally.outcomes.get("changed", 0),
        unchanged=tally.outcomes.get("unchanged", 0), failed=tally.outcomes.get("failed", 0), deleted=deleted,
    )  # fmt: skip


def _seen(item: Item, known: KnownItem | None) -> Outcome | None:
    """What the listing alone can tell: the item has the size and time it had. None: its bytes must be looked at."""
    if known is None or known.is_deleted or known.is_due or known.modified_ns is None:
        return None
    if (item.size, item.modified_ns) != (known.file_size, known.modified_ns):
        return None
    return "failed" if known.is_failing else "unchanged"


def _known(database: Database, organization_id: UUID, source_id: UUID) -> Iterator[KnownItem]:
    after = ""
    while True:
        with database.transaction(organization_id) as connection:
            page = documents.select_known(
                connection, organization_id, source_id=source_id, after=after, at_most=_PAGE
            )  # fmt: skip
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].file_path


def _side_by_side(items: Iterator[Item], known: Iterator[KnownItem]) -> Iterator[tuple[Item | None, KnownItem | None]]:
    """Both in ascending order of their paths; what one of them lacks is None."""
    item, row = next(items, None), next(known, None)
    while item is not None or row is not None:
        if row is None or (item is not None and item.path < row.file_path):
            yield item, None
            item = next(items, None)
        elif item is None or row.file_path < item.path:
            yield None, row
            row = next(known, None)
        else:
            yield item, row
            item, row = next(items, None), next(known, None)


def _withdraw(database: Database, organization_id: UUID, vanished: list[UUID]) -> int:
    deleted = 0
    remaining = iter(vanished)
    while some := list(islice(remaining, _WITHDRAWN_AT_ONCE)):
        with database.transaction(organization_id) as connection:
            deleted += withdraw(connection, organization_id, some)
    return deleted


@dataclass(frozen=True)
class _Kind:
    """What a file is read as."""

    file_type_id: UUID
    mime_type: str | None


class _Arrivals:
    """The items of one source whose bytes must be looked at."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        source: DataSource,
        connector: Connector,
        store: ObjectStore,
        run_id: str | None,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source = source
        self._connector = connector
        self._store = store
        self._run_id = run_id
        with database.transaction(organization_id) as connection:
            if not file_types.has_any(connection, organization_id):
                file_types.seed(connection, organization_id)
            self._types = file_types.select_active(connection, organization_id)

    def bring(self, item: Item) -> Outcome:
        """Bytes into the store first, then one transaction that says so: a crash between them leaves nothing wrong."""
        try:
            fetched = self._connector.fetch(item)
            kind = self._kind(item, fetched.data)
        except ItemGone:
            return "gone"
        except ItemFailed as error:
            return self._fail(item, error.outcome, str(error))
        except parsing.ParseError as error:
            return self._fail(item, error.outcome, str(error))
        checksum = self._store.put(self._organization_id, fetched.data)
        with self._database.transaction(self._organization_id) as connection:
            data_sources.hold(connection, self._organization_id, self._source.id)
            return self._place(connection, item, fetched, kind, checksum)

    def _kind(self, item: Item, data: bytes) -> _Kind:
        types = {_as_file_type(known): known for known in self._types}
        known = types[parsing.choose(item.path.rpartition("/")[2], "", data, list(types))]
        return _Kind(known.id, known.mime_types[0] if known.mime_types else None)

    def _place(self, connection: Connection, item: Item, fetched: Fetched, kind: _Kind, checksum: str) -> Outcome:
        organization_id = self._organization_id
        document = documents.place(connection, organization_id, source_id=self._source.id, item=item)
        newest = document_versions.find_newest(connection, organization_id, document.id)
        size = len(fetched.data)
        if document.soft_deleted_at is None and self._is_known(connection, document, newest, checksum):
            documents.set_seen(
                connection, organization_id, document.id, size=size, modified_ns=fetched.modified_ns
            )  # fmt: skip
            return "unchanged"
        sync_failures.remove(connection, organization_id, source_id=self._source.id, path=item.path)
        documents.set_fetched(
            connection, organization_id, document.id, size=size, modified_ns=fetched.modified_ns,
            mime_type=kind.mime_type, file_type_id=kind.file_type_id,
        )  # fmt: skip
        if newest is not None and newest.checksum == checksum:
            document_versions.set_waiting(connection, organization_id, newest.id)
            return "changed"
        withdraw_unready(connection, organization_id, document.id)
        document_versions.create(
            connection, organization_id, document_id=document.id, checksum=checksum, size=size, run_id=self._run_id
        )
        return "changed"

    def _is_known(
        self, connection: Connection, document: Document, newest: DocumentVersion | None, checksum: str
    ) -> bool:
        """Whether the newest version has these bytes, or the one that readers see has them again."""
        organization_id = self._organization_id
        if newest is None:
            return False
        if newest.checksum == checksum:
            sync_failures.remove(
                connection, organization_id, source_id=self._source.id, path=document.file_path, stages=["fetching"]
            )
            return True
        if document.current_version_id is None:
            return False
        if document_versions.get(connection, organization_id, document.current_version_id).checksum != checksum:
            return False
        withdraw_unready(connection, organization_id, document.id)
        sync_failures.remove(connection, organization_id, source_id=self._source.id, path=document.file_path)
        return True

    def _fail(self, item: Item, outcome: str, reason: str) -> Outcome:
        organization_id, source_id = self._organization_id, self._source.id
        with self._database.transaction(organization_id) as connection:
            data_sources.hold(connection, organization_id, source_id)
            document_id = None
            if _can_be_stored(item.path):
                document_id = documents.place(connection, organization_id, source_id=source_id, item=item).id
                documents.set_unread(connection, organization_id, document_id, item=item)
                documents.set_failed(
                    connection, organization_id, document_id, stage="fetching", outcome=outcome, reason=reason
                )  # fmt: skip
            sync_failures.record(
                connection, organization_id, source_id=source_id, path=_printable(item.path), document_id=document_id,
                stage="fetching", outcome=outcome, reason=reason,
            )  # fmt: skip
        return "failed"


def _as_file_type(known: KnownFileType) -> parsing.FileType:
    return parsing.FileType(
        known.name, known.category, tuple(known.mime_types), tuple(known.extensions), tuple(known.parsers)
    )


def _can_be_stored(path: str) -> bool:
    return path == _printable(path)


def _printable(path: str) -> str:
    """A name that is not valid UTF-8 comes with lone surrogates, which no database takes."""
    return path.encode("utf-8", "backslashreplace").decode()
