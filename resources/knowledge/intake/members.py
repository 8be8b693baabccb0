"""Members: what archives, mailboxes and mail contain becomes documents of their own, below the document of the whole.

A bounded worker unpacks; the bytes of one member after the other go into the object store; then the rows change. The
bytes tell what changed: a member that says what it said is left as it is. A container that cannot be unpacked keeps the
members that it had. Those that its new bytes lack are withdrawn when readers see its new version, not before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Unavailable
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, many, statements_for, value
from resources.foundation.threads import as_they_end
from resources.knowledge.documents import document_versions, documents, sync_failures, tombstones
from resources.knowledge.documents.withdrawals import withdraw, withdraw_unready
from resources.knowledge.documents.withholding import Withheld
from resources.knowledge.intake import leases
from resources.knowledge.intake.leases import Lease
from resources.knowledge.readers.conveying import ParseFailure, Unpacked
from resources.knowledge.readers.parsing import FileType
from resources.knowledge.readers.unpacking import BETWEEN, DEEPEST, UNPACKERS, may_hold_members
from resources.knowledge.records import Item, KnownFileType, Member, SyncCounts
from resources.knowledge.sources import file_types

SQL = statements_for(__name__)
LOGGER = logging.getLogger(__name__)
_PAGE = 500
_AT_ONCE = 100
_THREADS = 2
_ARCHIVES = {"zip", "tar"}  # mail says all that matters without what is attached


class Unpackers(Protocol):
    """What unpacks containers; knowledge/readers/workers.py gives one that is bounded. Several threads call it."""

    def unpack(
        self, data: bytes, *, filename: str, unpacker: str, file_types: Sequence[FileType]
    ) -> Generator[Unpacked | ParseFailure, None, None]:
        """The members one by one; a ParseFailure is of the whole, and what came before it does not count."""
        ...


@dataclass(frozen=True)
class Container:
    """A document whose members must be looked at. `depth`: in how many containers it stands itself."""

    id: UUID
    file_path: str
    original_filename: str
    file_type_id: UUID | None
    address: str | None
    version_id: UUID
    checksum: str
    dagster_run_id: str | None
    depth: int


@dataclass(frozen=True)
class _Known:
    """A member as it is in the database. `checksum` of its newest version; None where none was ever readable."""

    id: UUID
    file_path: str
    is_deleted: bool
    is_failing: bool
    checksum: str | None


@dataclass(frozen=True)
class _Arrived:
    """A member as it is in the container: its bytes are in the store, or it says why they are not."""

    path: str
    size: int
    checksum: str | None
    file_type: str | None
    failure: ParseFailure | None


@dataclass
class _Contents:
    """All that a container holds, or why that is not known."""

    arrived: list[_Arrived] = field(default_factory=list)
    failure: ParseFailure | None = None
    is_lost: bool = False


def expand(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    store: ObjectStore,
    unpackers: Unpackers,
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """Unpack what waits, and what that brings to light, as deep as is allowed; new bytes become new versions."""
    expansion = _Expansion(database, organization_id, source_id, store, unpackers, lease)
    changed = 0
    for done, new in enumerate(expansion.expand(), start=1):
        changed += new
        progress("unpacking", done, max(done, expansion.found))
    with database.transaction(organization_id) as connection:
        failing = value(
            connection, SQL["count_failing"], organization_id=organization_id, data_source_id=source_id
        )  # fmt: skip
    return SyncCounts(changed=changed, failed=int(failing))


def settle(database: Database, organization_id: UUID, source_id: UUID, *, lease: Lease) -> SyncCounts:
    """Withdraw the members that the containers lack which readers see now."""
    deleted = 0
    while True:
        with leases.writing(database, organization_id, lease) as connection:
            rows = connection.execute(
                SQL["select_gone"],
                {"organization_id": organization_id, "data_source_id": source_id, "at_most": _AT_ONCE},
            )
            gone = [row[0] for row in rows]
            if gone:
                deleted += withdraw(connection, organization_id, gone)
        if len(gone) < _AT_ONCE:
            return SyncCounts(deleted=deleted)


def follow(
    connection: Connection, organization_id: UUID, *, source_id: UUID, former_path: str, path: str
) -> None:  # fmt: skip
    """The document of a path has another one now: its members go along, and what stands in them."""
    documents.move_members(
        connection, organization_id, source_id=source_id, former_path=former_path, path=path, between=BETWEEN
    )
    sync_failures.move_members(
        connection, organization_id, source_id=source_id, former_path=former_path, between=BETWEEN
    )


class _Expansion:
    """The containers of one source that wait to be unpacked."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        source_id: UUID,
        store: ObjectStore,
        unpackers: Unpackers,
        lease: Lease,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source_id = source_id
        self._store = store
        self._unpackers = unpackers
        self._lease = lease
        self.found = 0
        with database.transaction(organization_id) as connection:
            known = file_types.select_active(connection, organization_id)
        self._types = {each.name: each for each in known}
        self._unpacker_of = {each.id: each.parsers[0] for each in known if each.parsers[0] in UNPACKERS}

    def expand(self) -> Iterator[int]:
        """For each container how many of its members are new or changed. Each is tried once."""
        tried: set[UUID] = set()
        while waiting := [each for each in self._waiting() if each.version_id not in tried]:
            self.found += len(waiting)
            tried |= {each.version_id for each in waiting}
            plain: list[Container] = []
            for container, contents in as_they_end(self._open, waiting, threads=_THREADS):
                if contents.arrived or contents.failure or contents.is_lost or self._members(container):
                    yield self._write(container, contents)
                else:
                    plain.append(container)
                    yield 0
                if len(plain) >= _AT_ONCE:
                    self._set_unpacked(plain)
                    plain = []
            self._set_unpacked(plain)

    def _waiting(self) -> list[Container]:
        found: list[Container] = []
        after = ""
        while True:
            with self._database.transaction(self._organization_id) as connection:
                page = many(
                    connection, Container, SQL["select_waiting"],
                    organization_id=self._organization_id, data_source_id=self._source_id,
                    file_type_ids=list(self._unpacker_of), after=after, at_most=_PAGE,
                )  # fmt: skip
            found += page
            if len(page) < _PAGE:
                return found
            after = page[-1].file_path

    def _members(self, container: Container) -> list[_Known]:
        with self._database.transaction(self._organization_id) as connection:
            return many(
                connection, _Known, SQL["select_of_container"],
                organization_id=self._organization_id, parent_id=container.id,
            )  # fmt: skip

    # Outside of the database.

    def _open(self, container: Container) -> _Contents:
        """This runs in a thread of its own, without a connection; one member is in memory at a time."""
        unpacker = self._unpacker_of.get(container.file_type_id) if container.file_type_id else None
        if unpacker is None:  # its kind is not unpacked any more
            return _Contents()
        try:
            data = self._store.get(self._organization_id, container.checksum)
        except (Missing, Unavailable):
            return _Contents(is_lost=True)  # preparations says so, and lets it be fetched again
        contents = _Contents()
        if not may_hold_members(unpacker, data):
            return contents
        unpacked = self._unpackers.unpack(
            data, filename=container.original_filename, unpacker=unpacker,
            file_types=[_as_file_type(each) for each in self._types.values()],
        )  # fmt: skip
        with closing(unpacked):
            for member in unpacked:
                if isinstance(member, ParseFailure):
                    return _Contents(failure=member)
                if container.depth >= DEEPEST:
                    return _Contents(failure=_too_deep(container)) if unpacker in _ARCHIVES else _Contents()
                contents.arrived.append(self._kept(container, member))
        return contents

    def _kept(self, container: Container, member: Unpacked) -> _Arrived:
        path = container.file_path + BETWEEN + member.name
        failure = member.failure
        if failure is None and member.file_type not in self._types:
            failure = ParseFailure("unsupported_format", f"{member.name}: no such kind of file is read")
        if failure is not None:
            return _Arrived(path, 0, None, None, failure)
        checksum = self._store.put(self._organization_id, member.data)
        return _Arrived(path, len(member.data), checksum, member.file_type, None)

    # In the database.

    def _write(self, container: Container, contents: _Contents) -> int:
        if contents.is_lost:
            return 0
        if contents.failure is not None:
            self._fail(container, contents.failure)
            return 0
        known = {each.file_path: each for each in self._members(container)}
        arrived = sorted(contents.arrived, key=lambda each: each.path)
        known = self._move(container, arrived, known)
        different = [each for each in arrived if not _is_same(each, known.get(each.path))]
        changed = 0
        remaining = iter(different)
        while some := list(islice(remaining, _AT_ONCE)):
            changed += self._bring(container, some, known)
        same = [known[each.path].id for each in arrived if _is_same(each, known.get(each.path))]
        with leases.writing(self._database, self._organization_id, self._lease) as connection:
            documents.set_members_seen(connection, self._organization_id, same, container_checksum=container.checksum)
            documents.set_unpacked(connection, self._organization_id, {container.id: container.checksum})
        return changed

    def _move(
        self, container: Container, arrived: Sequence[_Arrived], known: Mapping[str, _Known]
    ) -> dict[str, _Known]:
        """A member that has another name in the new bytes stays the same document. What is known, by path, then."""
        here = {each.path for each in arrived}
        homeless: dict[str, list[_Known]] = {}
        for each in sorted(known.values(), key=lambda each: each.file_path, reverse=True):
            if not each.is_deleted and each.checksum is not None and each.file_path not in here:
                homeless.setdefault(each.checksum, []).append(each)
        moves = [
            (homeless[each.checksum].pop(), each)
            for each in arrived
            if each.path not in known and each.checksum is not None and homeless.get(each.checksum)
        ]
        if not moves:
            return dict(known)
        with leases.writing(self._database, self._organization_id, self._lease) as connection:
            documents.lock(connection, self._organization_id, [container.id, *(before.id for before, _ in moves)])
            for before, now in moves:
                self._move_one(connection, before, now)
        return {each.file_path: each for each in self._members(container)}

    def _move_one(self, connection: Connection, before: _Known, now: _Arrived) -> None:
        if documents.move_member(connection, self._organization_id, before.id, path=now.path):
            sync_failures.move(connection, self._organization_id, document_id=before.id, path=now.path)
            follow(
                connection, self._organization_id, source_id=self._source_id, former_path=before.file_path,
                path=now.path,
            )  # fmt: skip

    def _bring(self, container: Container, some: Sequence[_Arrived], known: Mapping[str, _Known]) -> int:
        organization_id = self._organization_id
        with leases.writing(self._database, organization_id, self._lease) as connection:
            if not documents.lock(connection, organization_id, [container.id]):
                return 0
            stones = tombstones.select_of(
                connection, organization_id, self._source_id, items=[(each.path, each.checksum) for each in some]
            )
            welcome = [each for each in some if not _is_withheld(each, stones)]
            placed = [(self._place(connection, container, each), each) for each in welcome]
            return sum(self._settle(connection, container, id, each, known.get(each.path)) for id, each in placed if id)

    def _place(self, connection: Connection, container: Container, arrived: _Arrived) -> UUID | None:
        """All rows of a transaction are locked first, by path, as everybody locks them."""
        kind = self._types.get(arrived.file_type) if arrived.file_type else None
        member = Member(
            path=arrived.path, size=arrived.size, mime_type=next(iter(kind.mime_types), None) if kind else None,
            file_type_id=kind.id if kind else None, container_checksum=container.checksum, address=container.address,
        )  # fmt: skip
        id = documents.place_member(
            connection, self._organization_id, source_id=self._source_id, container_id=container.id, member=member
        )
        if id is None:
            LOGGER.warning("%s is left out: the source has a file of that very path", arrived.path)
        return id

    def _settle(
        self, connection: Connection, container: Container, id: UUID, arrived: _Arrived, known: _Known | None
    ) -> bool:
        """Whether a new or changed member waits to be parsed now."""
        if arrived.failure is not None or arrived.checksum is None:
            if known is not None and known.is_deleted:
                withdraw_unready(connection, self._organization_id, id)
            self._fail_one(connection, id, arrived)
            return False
        tombstones.lift(connection, self._organization_id, source_id=self._source_id, path=arrived.path, kind="expired")
        was_deleted = known is None or known.is_deleted
        return self._renew(connection, container, id, arrived, arrived.checksum, was_deleted=was_deleted)

    def _renew(
        self,
        connection: Connection,
        container: Container,
        id: UUID,
        arrived: _Arrived,
        checksum: str,
        *,
        was_deleted: bool,
    ) -> bool:
        organization_id = self._organization_id
        sync_failures.remove(connection, organization_id, source_id=self._source_id, path=arrived.path)
        newest = document_versions.find_newest(connection, organization_id, id)
        if newest is not None and newest.checksum != checksum:
            withdraw_unready(connection, organization_id, id)
            newest = document_versions.find_newest(connection, organization_id, id)
        if newest is not None and newest.checksum == checksum:
            if was_deleted or newest.status != "ready" or newest.valid_to is not None:
                document_versions.set_waiting(connection, organization_id, newest.id)
            return was_deleted
        document_versions.create(
            connection, organization_id, document_id=id, checksum=checksum, size=arrived.size,
            run_id=container.dagster_run_id,
        )  # fmt: skip
        return True

    def _fail_one(self, connection: Connection, id: UUID, arrived: _Arrived) -> None:
        failure = arrived.failure or ParseFailure("damaged", "this member has no bytes")
        documents.set_failed(
            connection, self._organization_id, id, stage="fetching", outcome=failure.outcome, reason=failure.reason
        )  # fmt: skip
        sync_failures.record(
            connection, self._organization_id, source_id=self._source_id, path=arrived.path, document_id=id,
            stage="fetching", outcome=failure.outcome, reason=failure.reason,
        )  # fmt: skip

    def _fail(self, container: Container, failure: ParseFailure) -> None:
        """The whole is not unpacked, so its table of contents is not shown either: what readers see stays."""
        organization_id = self._organization_id
        with leases.writing(self._database, organization_id, self._lease) as connection:
            if not documents.lock(connection, organization_id, [container.id]):
                return
            document_versions.set_failed(connection, organization_id, container.version_id)
            documents.set_failed(
                connection, organization_id, container.id,
                stage="parsing", outcome=failure.outcome, reason=failure.reason,
            )  # fmt: skip
            sync_failures.record(
                connection, organization_id, source_id=self._source_id, path=container.file_path,
                document_id=container.id, stage="parsing", outcome=failure.outcome, reason=failure.reason,
            )  # fmt: skip

    def _set_unpacked(self, containers: Sequence[Container]) -> None:
        if containers:
            with leases.writing(self._database, self._organization_id, self._lease) as connection:
                documents.set_unpacked(
                    connection, self._organization_id, {each.id: each.checksum for each in containers}
                )


def _is_same(arrived: _Arrived, known: _Known | None) -> bool:
    return (
        known is not None
        and not known.is_deleted
        and not known.is_failing
        and arrived.failure is None
        and arrived.checksum == known.checksum
    )


def _is_withheld(arrived: _Arrived, stones: Withheld) -> bool:
    if stones.by_listing(Item(arrived.path)) == "withheld":
        return True
    return arrived.checksum is not None and stones.by_content(arrived.path, arrived.checksum) == "withheld"


def _too_deep(container: Container) -> ParseFailure:
    return ParseFailure(
        "too_deep",
        f"{container.original_filename} stands in {container.depth} containers, one in the other: deeper ones are not "
        "opened; unpack one of them",
    )


def _as_file_type(known: KnownFileType) -> FileType:
    return FileType(known.name, known.category, tuple(known.mime_types), tuple(known.extensions), tuple(known.parsers))
