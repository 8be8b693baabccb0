"""Step 1 of intake: what a source lists, held against what is known of it; new bytes become new versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.foundation.threads import as_they_end
from resources.knowledge import (
    data_sources,
    document_versions,
    documents,
    file_types,
    leases,
    named_objects,
    parsing,
    sync_failures,
    tombstones,
)
from resources.knowledge.connectors import Connector, ItemFailed, ItemGone, Means, connector_for
from resources.knowledge.leases import Lease
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
_BROUGHT_AT_ONCE = 16
_THREADS = 4  # they wait for the disk, not for the processor

Outcome = Literal["changed", "unchanged", "failed", "gone"]


@dataclass
class _Tally:
    """What the listing came to; `vanished`: known documents that it did not meet."""

    known: int
    listed: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    vanished: list[UUID] = field(default_factory=list)


def bring(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    *,
    store: ObjectStore,
    credentials: Mapping[str, str],
    run_id: str | None,
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """List the source, bring what is new or changed, then withdraw what vanished."""
    with closing(connector_for(source, Means(database, organization_id, store, credentials))) as connector:
        return _bring(database, organization_id, source, connector, store, run_id, lease, progress)


def _bring(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    connector: Connector,
    store: ObjectStore,
    run_id: str | None,
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    with database.transaction(organization_id) as connection:
        tally = _Tally(known=documents.count_present(connection, organization_id, source.id))
    listing = _side_by_side(connector.items(), _known(database, organization_id, source.id))
    arrivals = _Arrivals(database, organization_id, source, connector, store, run_id, lease)
    for outcome in arrivals.bring(_unseen(listing, tally, arrivals.gate)):
        tally.outcomes[outcome] += 1
        progress("fetching", tally.outcomes.total(), max(tally.listed, tally.known))
    if tally.vanished and not tally.listed:
        raise Unavailable(
            f"source {source.name!r} lists nothing, though {len(tally.vanished):,} documents came from it: nothing was "
            "deleted; see whether its folder is the right one and mounted, or remove the source"
        )
    deleted = _withdraw(database, organization_id, tally.vanished, lease)
    progress("fetching", tally.listed, tally.listed)
    return SyncCounts(
        listed=tally.listed - tally.outcomes["gone"], changed=tally.outcomes["changed"],
        unchanged=tally.outcomes["unchanged"], failed=tally.outcomes["failed"], deleted=deleted,
    )  # fmt: skip


def _unseen(
    listing: Iterator[tuple[Item | None, KnownItem | None]], tally: _Tally, gate: tombstones.Gate
) -> Iterator[Item]:
    """The items whose bytes must be looked at; all others are only counted."""
    for item, known in listing:
        if item is None:
            if known is not None and not known.is_deleted:
                tally.vanished.append(known.id)
            continue
        tally.listed += 1
        outcome = "unchanged" if gate.keeps_out(item) else _seen(item, known)
        if outcome is None:
            yield item
        else:
            tally.outcomes[outcome] += 1


def _seen(item: Item, known: KnownItem | None) -> Outcome | None:
    """What the listing alone can tell: the item has the size and time it had. None: its bytes must be looked at."""
    if known is None or known.is_deleted or known.is_due:
        return None
    if item.revision is not None:
        if item.revision != known.revision:
            return None
    elif known.modified_ns is None or (item.size, item.modified_ns) != (known.file_size, known.modified_ns):
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


def _withdraw(database: Database, organization_id: UUID, vanished: list[UUID], lease: Lease) -> int:
    deleted = 0
    remaining = iter(vanished)
    while some := list(islice(remaining, _WITHDRAWN_AT_ONCE)):
        with leases.writing(database, organization_id, lease) as connection:
            deleted += withdraw(connection, organization_id, some)
    return deleted


@dataclass(frozen=True)
class _Kept:
    """An item whose bytes are in the store. `modified_ns` None: look again next time."""

    checksum: str
    size: int
    modified_ns: int | None
    kind: KnownFileType


@dataclass(frozen=True)
class _Failed:
    """An item that could not be fetched, or is of a kind that nothing reads."""

    outcome: str
    reason: str


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
        lease: Lease,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source = source
        self._connector = connector
        self._store = store
        self._run_id = run_id
        self._lease = lease
        self.gate = tombstones.Gate(database, organization_id, source.id)
        with database.transaction(organization_id) as connection:
            if not file_types.has_any(connection, organization_id):
                file_types.seed(connection, organization_id)
            known = file_types.select_active(connection, organization_id)
        self._types = {_as_file_type(each): each for each in known}

    def bring(self, items: Iterable[Item]) -> Iterator[Outcome]:
        """Bytes into the store first, by several threads; then, for a few items at once, a transaction that says so.

        A crash between the two leaves nothing wrong: the bytes are found in the store the next time.
        """
        some: list[tuple[Item, _Kept | _Failed]] = []
        for item, looked in as_they_end(self._look, items, threads=_THREADS):
            if looked is None:
                yield "gone"
                continue
            some.append((item, looked))
            if len(some) == _BROUGHT_AT_ONCE:
                yield from self._write(some)
                some = []
        if some:
            yield from self._write(some)

    def _look(self, item: Item) -> _Kept | _Failed | None:
        """None: the item is gone. This runs in a thread of its own, without a connection."""
        try:
            fetched = self._connector.fetch(item, None)
            file_type = parsing.choose(item.path.rpartition("/")[2], "", fetched.data, list(self._types))
        except ItemGone:
            return None
        except ItemFailed as error:
            return _Failed(error.outcome, str(error))
        except parsing.ParseError as error:
            return _Failed(error.outcome, str(error))
        checksum = self._store.put(self._organization_id, fetched.data)
        return _Kept(checksum, len(fetched.data), fetched.modified_ns, self._types[file_type])

    def _write(self, some: Iterable[tuple[Item, _Kept | _Failed]]) -> list[Outcome]:
        organization_id, source_id = self._organization_id, self._source.id
        in_order = sorted(some, key=lambda each: each[0].path)
        with leases.writing(self._database, organization_id, self._lease) as connection:
            data_sources.hold(connection, organization_id, source_id)
            # what was erased, or expired as it is, stays out: also what was erased since its bytes were fetched
            away = self.gate.turn_away(connection, [tombstones.Seen(item, _checksum(each)) for item, each in in_order])
            # all rows are locked first, by path, as everybody locks them
            placed = {
                item.path: documents.place(connection, organization_id, source_id=source_id, item=item)
                for item, _ in in_order
                if _can_be_stored(item.path) and item.path not in away
            }
            outcomes = [
                "unchanged" if item.path in away else self._settle(connection, item, looked, placed.get(item.path))
                for item, looked in in_order
            ]
        turned_away = [checksum for item, each in in_order if item.path in away and (checksum := _checksum(each))]
        named_objects.remove_unnamed(self._database, organization_id, self._store, turned_away, older_than_s=0)
        return outcomes

    def _settle(
        self, connection: Connection, item: Item, looked: _Kept | _Failed, document: Document | None
    ) -> Outcome:
        if isinstance(looked, _Kept) and document is not None:
            return self._keep(connection, looked, document)
        return self._fail(connection, item, looked, document)

    def _keep(self, connection: Connection, kept: _Kept, document: Document) -> Outcome:
        organization_id = self._organization_id
        newest = document_versions.find_newest(connection, organization_id, document.id)
        if document.soft_deleted_at is None and self._is_known(connection, document, newest, kept.checksum):
            documents.set_seen(
                connection, organization_id, document.id, size=kept.size, modified_ns=kept.modified_ns
            )  # fmt: skip
            return "unchanged"
        sync_failures.remove(connection, organization_id, source_id=self._source.id, path=document.file_path)
        documents.set_fetched(
            connection, organization_id, document.id, size=kept.size, modified_ns=kept.modified_ns,
            mime_type=next(iter(kept.kind.mime_types), None), file_type_id=kept.kind.id,
        )  # fmt: skip
        if newest is not None and newest.checksum == kept.checksum:
            document_versions.set_waiting(connection, organization_id, newest.id)
            return "changed"
        if newest is not None:
            withdraw_unready(connection, organization_id, document.id)
        document_versions.create(
            connection, organization_id, document_id=document.id, checksum=kept.checksum, size=kept.size,
            run_id=self._run_id,
        )  # fmt: skip
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

    def _fail(self, connection: Connection, item: Item, looked: _Kept | _Failed, document: Document | None) -> Outcome:
        failed = (
            looked if isinstance(looked, _Failed) else _Failed("unsupported_name", "the file's name cannot be kept")
        )
        organization_id = self._organization_id
        if document is not None:
            documents.set_unread(connection, organization_id, document.id, item=item)
            documents.set_failed(
                connection, organization_id, document.id,
                stage="fetching", outcome=failed.outcome, reason=failed.reason,
            )  # fmt: skip
        sync_failures.record(
            connection, organization_id, source_id=self._source.id, path=_printable(item.path),
            document_id=document.id if document else None, stage="fetching", outcome=failed.outcome,
            reason=failed.reason,
        )  # fmt: skip
        return "failed"


def _checksum(looked: _Kept | _Failed) -> str | None:
    return looked.checksum if isinstance(looked, _Kept) else None


def _as_file_type(known: KnownFileType) -> parsing.FileType:
    return parsing.FileType(
        known.name, known.category, tuple(known.mime_types), tuple(known.extensions), tuple(known.parsers)
    )


def _can_be_stored(path: str) -> bool:
    return path == _printable(path)


def _printable(path: str) -> str:
    """A name that is not valid UTF-8 comes with lone surrogates, which no database takes."""
    return path.encode("utf-8", "backslashreplace").decode()
