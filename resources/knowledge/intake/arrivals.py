"""Step 1 of intake: what a source lists, held against what is known of it; new bytes become new versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection
from resources.foundation.threads import as_they_end
from resources.knowledge.connectors.protocol import (
    Connector,
    Fetched,
    ItemFailed,
    ItemGone,
    ItemRemoved,
    ItemUnchanged,
)
from resources.knowledge.documents import document_versions, documents, sync_failures, tombstones
from resources.knowledge.documents.withdrawals import withdraw, withdraw_unready
from resources.knowledge.intake import comparing, leases
from resources.knowledge.intake.departures import Departed, depart
from resources.knowledge.intake.leases import Lease
from resources.knowledge.readers import parsing
from resources.knowledge.records import (
    DataSource,
    Document,
    DocumentVersion,
    Item,
    KnownFileType,
    KnownItem,
    Sighting,
    SyncCounts,
)
from resources.knowledge.sources import data_sources, file_types, named_objects, uploads

_PAGE = 500
_BROUGHT_AT_ONCE = 16
_LONGEST_TITLE = 500
_THREADS = 4  # they wait for the disk, not for the processor

Outcome = Literal["changed", "unchanged", "failed", "gone"]


@dataclass
class _Tally:
    """What the listing came to; `missing`: known documents that it did not meet, or met only to hear of their end."""

    known: int
    listed: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    missing: list[UUID] = field(default_factory=list)


def bring(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    *,
    connector: Connector,
    store: ObjectStore,
    run_id: str | None,
    since: datetime,
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """List the source, bring what is new or changed, then follow what is missing, if the listing was whole.

    `since`: when this sync began, by the database's clock.
    """
    arrivals = _Arrivals(database, organization_id, source, connector, store, run_id, lease)
    tally = _list(database, organization_id, source, connector, arrivals, progress)
    reason = connector.cut_short()
    if reason is None:
        departed = depart(database, organization_id, source, tally.missing, since=since, lease=lease)
    else:
        departed = Departed(0, 0, 0, 0)
        _record_cut_short(database, organization_id, source, reason, lease)
    progress("fetching", tally.listed, tally.listed)
    return SyncCounts(
        listed=tally.listed - tally.outcomes["gone"], changed=tally.outcomes["changed"] - departed.moved_now,
        unchanged=tally.outcomes["unchanged"] - (departed.moved - departed.moved_now),
        failed=tally.outcomes["failed"], moved=departed.moved, deleted=departed.deleted, held=departed.held,
    )  # fmt: skip


def _list(
    database: Database,
    organization_id: UUID,
    source: DataSource,
    connector: Connector,
    arrivals: _Arrivals,
    progress: Callable[[str, int, int], None],
) -> _Tally:
    with database.transaction(organization_id) as connection:
        tally = _Tally(known=documents.count_present(connection, organization_id, source.id))
    listing = comparing.side_by_side(connector.items(), known_items(database, organization_id, source.id))
    for outcome in arrivals.bring(_unseen(listing, tally, arrivals.gate)):
        tally.outcomes[outcome] += 1
        progress("fetching", tally.outcomes.total(), max(tally.listed, tally.known))
    tally.missing += arrivals.removed
    return tally


def _record_cut_short(database: Database, organization_id: UUID, source: DataSource, reason: str, lease: Lease) -> None:
    with leases.writing(database, organization_id, lease) as connection:
        sync_failures.record(
            connection, organization_id, source_id=source.id, path=".", document_id=None, stage="listing",
            outcome="cut_short", reason=reason,
        )  # fmt: skip


def _unseen(
    listing: Iterator[tuple[Item | None, KnownItem | None]], tally: _Tally, gate: tombstones.Gate
) -> Iterator[tuple[Item, KnownItem | None]]:
    """The items whose bytes must be looked at; all others are only counted."""
    for item, known in listing:
        if item is None:
            if known is not None and not known.is_deleted:
                tally.missing.append(known.id)
            continue
        tally.listed += 1
        outcome = "unchanged" if gate.keeps_out(item) else comparing.seen(item, known)
        if outcome is None:
            yield item, known
        else:
            tally.outcomes[outcome] += 1


def known_items(database: Database, organization_id: UUID, source_id: UUID) -> Iterator[KnownItem]:
    """What is known of the items of a source, by path, read in pages."""
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


@dataclass(frozen=True)
class _Kept:
    """An item whose bytes are in the store, and what was true of it when they were read."""

    checksum: str
    seen: Sighting


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
            if not file_types.has_all(connection, organization_id):
                file_types.seed(connection, organization_id)
            known = file_types.select_active(connection, organization_id)
        self._types = {as_file_type(each): each for each in known}
        self.removed: list[UUID] = []

    def bring(self, items: Iterable[tuple[Item, KnownItem | None]]) -> Iterator[Outcome]:
        """Bytes into the store first, by several threads; then, for a few items at once, a transaction that says so.

        A crash between the two leaves nothing wrong: the bytes are found in the store the next time.
        """
        some: list[tuple[Item, _Kept | _Failed]] = []
        for (item, known), looked in as_they_end(self._look, items, threads=_THREADS):
            if looked == "removed":
                self.removed += [known.id] if known is not None and not known.is_deleted else []
                yield "gone"
                continue
            if isinstance(looked, str):
                yield looked
                continue
            some.append((item, looked))
            if len(some) == _BROUGHT_AT_ONCE:
                yield from self._write(some)
                some = []
        if some:
            yield from self._write(some)

    def _look(self, listed: tuple[Item, KnownItem | None]) -> _Kept | _Failed | Literal["removed", "gone", "unchanged"]:
        """This runs in a thread of its own, without a connection."""
        item, known = listed
        # what is not well is fetched whole: that its source did not change would not make it well
        well = known if known is not None and not known.is_deleted and not known.is_failing else None
        try:
            fetched = self._connector.fetch(item, well)
            name = fetched.filename or documents.name_of(item.path)
            kind = self._types[parsing.choose(name, fetched.media_type, fetched.data, list(self._types))]
        except ItemRemoved:
            return "removed"
        except ItemGone:
            return "gone"
        except ItemUnchanged:
            return "unchanged" if well is not None else _Failed("unreadable", "its source gave no content, only that "
                                                                "nothing changed")  # fmt: skip
        except (ItemFailed, parsing.ParseError) as error:
            return _Failed(error.outcome, str(error))
        checksum = self._store.put(self._organization_id, fetched.data)
        return _Kept(checksum, sighting(item, fetched, kind))

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
            taken_back = self._taken_back(connection, placed)
            outcomes: list[Outcome] = [
                "gone"
                if item.path in taken_back
                else "unchanged"
                if item.path in away
                else self._settle(connection, item, looked, placed.get(item.path))
                for item, looked in in_order
            ]
        out = away | taken_back
        turned_away = [checksum for item, each in in_order if item.path in out and (checksum := _checksum(each))]
        named_objects.remove_unnamed(self._database, organization_id, self._store, turned_away, older_than_s=0)
        return outcomes

    def _taken_back(self, connection: Connection, placed: Mapping[str, Document]) -> set[str]:
        """What was pushed, and taken back since it was listed: a person was told that nothing finds it any more."""
        if self._source.source_type != "upload":
            return set()
        present = uploads.hold_present(connection, self._organization_id, self._source.id, sorted(placed))
        taken_back = placed.keys() - present
        if taken_back:
            withdraw(connection, self._organization_id, [placed[path].id for path in taken_back])
        return taken_back

    def _settle(
        self, connection: Connection, item: Item, looked: _Kept | _Failed, document: Document | None
    ) -> Outcome:
        if isinstance(looked, _Kept) and document is not None:
            return self._keep(connection, looked, document)
        return self._fail(connection, item, looked, document)

    def _keep(self, connection: Connection, kept: _Kept, document: Document) -> Outcome:
        organization_id = self._organization_id
        newest = document_versions.find_newest(connection, organization_id, document.id)
        has_its_title = document.source_title == kept.seen.title
        if (
            document.soft_deleted_at is None
            and has_its_title
            and self._is_known(connection, document, newest, kept.checksum)
        ):
            documents.set_seen(connection, organization_id, document.id, kept.seen)
            return "unchanged"
        sync_failures.remove(connection, organization_id, source_id=self._source.id, path=document.file_path)
        documents.set_fetched(connection, organization_id, document.id, kept.seen)
        if newest is not None and newest.checksum == kept.checksum and has_its_title:
            document_versions.set_waiting(connection, organization_id, newest.id)
            return "changed"
        if newest is not None:
            withdraw_unready(connection, organization_id, document.id)
        document_versions.create(
            connection, organization_id, document_id=document.id, checksum=kept.checksum, size=kept.seen.size,
            run_id=self._run_id, title=kept.seen.title,
        )  # fmt: skip
        return "changed"

    def _is_known(
        self, connection: Connection, document: Document, newest: DocumentVersion | None, checksum: str
    ) -> bool:
        """Whether the newest version has these bytes, or the one that readers see has them again."""
        organization_id = self._organization_id
        if newest is None:
            return False
        if newest.checksum == checksum and newest.valid_to is None:
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
            if document.soft_deleted_at is not None:
                withdraw_unready(connection, organization_id, document.id)
            documents.set_unread(connection, organization_id, document.id, item=item)
            documents.set_failed(
                connection, organization_id, document.id,
                stage="fetching", outcome=failed.outcome, reason=failed.reason,
            )  # fmt: skip
        state = sync_failures.record(
            connection, organization_id, source_id=self._source.id, path=_printable(item.path),
            document_id=document.id if document else None, stage="fetching", outcome=failed.outcome,
            reason=failed.reason,
        )  # fmt: skip
        return "unchanged" if state == "ignored" else "failed"


def sighting(item: Item, fetched: Fetched, kind: KnownFileType) -> Sighting:
    """The item as it was when these bytes were read."""
    return Sighting(
        size=len(fetched.data), modified_ns=fetched.modified_ns, revision=fetched.revision,
        title=_one_line(fetched.title or item.title), address=fetched.address or item.address, metadata=item.metadata,
        mime_type=fetched.media_type.partition(";")[0].strip().lower() or next(iter(kind.mime_types), None),
        file_type_id=kind.id,
    )  # fmt: skip


def _one_line(title: str | None) -> str | None:
    return " ".join(_printable(title).replace("\0", "").split())[:_LONGEST_TITLE] or None if title else None


def _checksum(looked: _Kept | _Failed) -> str | None:
    return looked.checksum if isinstance(looked, _Kept) else None


def as_file_type(known: KnownFileType) -> parsing.FileType:
    """A kind of file as the parsers know it."""
    return parsing.FileType(
        known.name, known.category, tuple(known.mime_types), tuple(known.extensions), tuple(known.parsers)
    )


def _can_be_stored(path: str) -> bool:
    return path == _printable(path)


def _printable(path: str) -> str:
    """A name that is not valid UTF-8 comes with lone surrogates, which no database takes."""
    return path.encode("utf-8", "backslashreplace").decode()
