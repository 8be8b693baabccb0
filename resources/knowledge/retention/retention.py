"""Retention: what must go, by which rule and since when; and its going, in small transactions killable anywhere.

A document whose time is over is deleted softly: no search finds it from then on, and a tombstone keeps the next sync
from bringing the same content back. After its time of grace it is purged, as are documents that vanished from their
source: versions, text, bytes and the quotes of citations. What is on legal hold stays, whatever the rules say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from resources.foundation.database import Database
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, many, statements_for, value
from resources.identity.records import RetentionSettings
from resources.knowledge.chunks import chunks, embeddings, text_statistics
from resources.knowledge.documents import document_versions, documents, tombstones, withdrawals
from resources.knowledge.records import Buried, Due
from resources.knowledge.retention import legal_holds
from resources.knowledge.sources import data_sources, named_objects, partial_uploads, training_jobs, uploads
from resources.knowledge.sources.named_objects import YOUNG_S, StoredBytes

SQL = statements_for(__name__)

AT_ONCE = 200
"""Documents of one transaction, at most."""
ROWS_AT_ONCE = 1_000
"""Rows that hang on the documents of one transaction, unless a single document has more."""

Wanted = Callable[[Connection, UUID], Sequence[str]]
"""Names the recipes that an organization's chatbots ask for now."""

_DEFAULTS = RetentionSettings()
_RULES = {
    "expire": SQL["select_expiring"],
    "purge": SQL["select_purgeable"],
    "purge versions": SQL["select_old_versions"],
    "forget syncs": SQL["select_old_jobs"],
    "forget sources": SQL["select_ended_sources"],
}
ACTIONS = tuple(_RULES)
"""What can be done to what is due, in the order in which it is done."""


@dataclass
class Retained:
    """What a run of the rules did: how often each action, and the bytes that went from the object store."""

    done: Counter[str] = field(default_factory=Counter)
    stored: StoredBytes = field(default_factory=StoredBytes)


@dataclass(frozen=True)
class Forgotten:
    """Documents that are no more: how many vectors went with them, and the bytes that they named."""

    documents: int
    vectors: int
    checksums: Sequence[str]


def select_due(
    connection: Connection,
    organization_id: UUID,
    action: str,
    *,
    as_of: datetime | None = None,
    even_held: bool = False,
    at_most: int = AT_ONCE,
) -> list[Due]:
    """What is due for an action (of ACTIONS) now, or would be at an instant; those on hold only when asked for."""
    return many(
        connection, Due, _RULES[action], organization_id=organization_id, as_of=as_of, even_held=even_held,
        at_most=at_most, grace_days=_DEFAULTS.grace_days, history_days=_DEFAULTS.history_days,
    )  # fmt: skip


def run(
    database: Database,
    organization_id: UUID,
    *,
    store: ObjectStore,
    as_of: datetime | None = None,
    young_s: float = YOUNG_S,
    wanted_recipes: Wanted | None = None,
) -> Retained:
    """Let everything go whose time is over. Each transaction is small and whole; a killed run is simply run again.

    `as_of` takes the place of the clock. Bytes younger than `young_s` are left to the next sweep. `wanted_recipes`:
    chunks that were cut by others go; all stay where it names none.
    """
    rules = _Rules(database, organization_id, store, as_of, young_s)
    rules.expire()
    rules.purge()
    rules.purge_versions()
    rules.forget_syncs()
    rules.forget_sources()
    if wanted_recipes is not None:
        rules.drop_unwanted(wanted_recipes)
    rules.retained.done["drop unused vectors"] += settle(database, organization_id)
    rules.retained.done["retire unfinished uploads"] += partial_uploads.retire(database, organization_id, store)
    rules.retained.stored += named_objects.sweep(database, organization_id, store, older_than_s=young_s)
    rules.retained.done = +rules.retained.done
    return rules.retained


def forget(connection: Connection, organization_id: UUID, document_ids: Sequence[UUID]) -> Forgotten:
    """Take documents and their members away for good, with all that was made of them: how documents end, always.

    The caller has locked them. What names them by key goes with them; citations lose their quotes (by a trigger); their
    bytes are the caller's to remove when this has been committed. Locks as withdraw does.
    """
    ids = select_family(connection, organization_id, document_ids)
    checksums = connection.execute(SQL["select_checksums"], {"organization_id": organization_id, "ids": ids}).fetchall()
    embeddings.lock(connection, organization_id)
    text_statistics.set_stale(connection, organization_id)
    removed = chunks.remove_of_documents(connection, organization_id, ids)
    vectors = embeddings.remove_orphans(connection, organization_id, {chunk.content_hash for chunk in removed})
    count = documents.erase(connection, organization_id, ids)
    return Forgotten(count, vectors, [row[0] for row in checksums])


def select_family(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """These documents and, where they are containers, their members."""
    rows = connection.execute(SQL["select_family"], {"organization_id": organization_id, "ids": list(ids)})
    return [row[0] for row in rows]


def find_container(connection: Connection, organization_id: UUID, id: UUID) -> str | None:
    """The path of the archive or mailbox that holds the document's bytes too; None where it is no member."""
    found: str | None = value(connection, SQL["find_container"], organization_id=organization_id, id=id)
    return found


def select_copies(connection: Connection, organization_id: UUID, id: UUID) -> list[UUID]:
    """Other documents of the same source whose bytes are the same now."""
    rows = connection.execute(SQL["select_copies"], {"organization_id": organization_id, "id": id})
    return [row[0] for row in rows]


def select_buried(connection: Connection, organization_id: UUID, ids: Sequence[UUID]) -> list[Buried]:
    """What tombstones must know of these documents, and how much hangs on each; by source and path."""
    return many(connection, Buried, SQL["select_buried"], organization_id=organization_id, ids=list(ids))


def in_portions(found: Sequence[Buried]) -> Iterator[list[Buried]]:
    """Documents that one transaction may take away: few, with few rows; one that has many goes alone."""
    portion: list[Buried] = []
    rows = 0
    for each in found:
        its = 1 + each.versions + each.chunks
        if portion and (rows + its > ROWS_AT_ONCE or len(portion) == AT_ONCE):
            yield portion
            portion, rows = [], 0
        portion.append(each)
        rows += its
    if portion:
        yield portion


def settle(database: Database, organization_id: UUID) -> int:
    """After chunks went, in this run or a killed one: let unused vectors go, and count words anew; how many went."""
    with database.transaction(organization_id) as connection:
        embeddings.lock(connection, organization_id)
        vectors = embeddings.remove_unused(connection, organization_id)
        stale = text_statistics.select_stale(connection, organization_id, recipes=[])
    for recipe in stale:
        with database.transaction(organization_id) as connection:
            text_statistics.refresh(connection, organization_id, recipe)
    return vectors


class _Rules:
    """The rules of one organization, at work."""

    def __init__(
        self, database: Database, organization_id: UUID, store: ObjectStore, as_of: datetime | None, young_s: float
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._store = store
        self._as_of = as_of
        self._young_s = young_s
        self.retained = Retained()

    def expire(self) -> None:
        """Softly delete what is over; a tombstone keeps the same content out."""
        while due := self._due("expire"):
            ids = [each.id for each in due]
            with self._database.transaction(self._organization_id) as connection:
                present = documents.lock(connection, self._organization_id, ids)
                # what changed since it was selected has a new life
                found = present & {each.id for each in self._select(connection, "expire")}
                family = select_family(connection, self._organization_id, sorted(found))
                buried = select_buried(connection, self._organization_id, sorted(found))
                tombstones.bury(connection, self._organization_id, buried, kind="expired")
                gone = withdrawals.withdraw(connection, self._organization_id, family, reason="expired")
            self.retained.done["expire"] += gone
            if not gone:
                return

    def purge(self) -> None:
        """End what was deleted softly long enough ago; each source that had some shows a job of cleaning up."""
        by_source: Counter[UUID] = Counter()
        while due := self._due("purge"):
            with self._database.transaction(self._organization_id) as connection:
                found = select_buried(connection, self._organization_id, [each.id for each in due])
            ended = sum(self._purge_portion(portion, by_source) for portion in in_portions(found))
            if not ended:
                break
        for source_id, count in by_source.items():
            with self._database.transaction(self._organization_id) as connection:
                training_jobs.record_cleanup(connection, self._organization_id, source_id, deleted=count)

    def _purge_portion(self, portion: Sequence[Buried], by_source: Counter[UUID]) -> int:
        with self._database.transaction(self._organization_id) as connection:
            family = select_family(connection, self._organization_id, [each.id for each in portion])
            locked = documents.lock_all(connection, self._organization_id, family)
            ids = self._purgeable(connection, portion, locked)
            gone = [each for each in portion if each.id in ids]
            uploads.erase(
                connection, self._organization_id, [(each, checksum) for each in gone for checksum in each.checksums]
            )
            forgotten = forget(connection, self._organization_id, ids)
        by_source.update(each.data_source_id for each in gone)
        self.retained.done["purge"] += forgotten.documents
        self._remove(forgotten.checksums)
        return forgotten.documents

    def _purgeable(self, connection: Connection, portion: Sequence[Buried], locked: Mapping[UUID, bool]) -> list[UUID]:
        """One that came back meanwhile stays, and so does a container with a member that is held."""
        held = legal_holds.select_held(connection, self._organization_id, list(locked))
        ids: set[UUID] = set()
        for each in portion:
            family = select_family(connection, self._organization_id, [each.id]) if held else [each.id]
            if locked.get(each.id) and not held.intersection(family):
                ids.add(each.id)
        return sorted(ids)

    def purge_versions(self) -> None:
        """End former versions of documents that are there."""
        while due := self._due("purge versions"):
            with self._database.transaction(self._organization_id) as connection:
                documents.lock(connection, self._organization_id, sorted(self._owners(connection, due)))
                still = {each.id for each in self._select(connection, "purge versions")}
                checksums = document_versions.remove(
                    connection, self._organization_id, [each.id for each in due if each.id in still]
                )
            self.retained.done["purge versions"] += len(checksums)
            self._remove(checksums)
            if not checksums:
                return

    def forget_syncs(self) -> None:
        """End the history of old syncs."""
        while due := self._due("forget syncs"):
            with self._database.transaction(self._organization_id) as connection:
                ended = training_jobs.remove(connection, self._organization_id, [each.id for each in due])
            self.retained.done["forget syncs"] += ended
            if not ended:
                return

    def forget_sources(self) -> None:
        """End removed sources of which nothing is left."""
        while due := self._due("forget sources"):
            with self._database.transaction(self._organization_id) as connection:
                ended = sum(data_sources.erase(connection, self._organization_id, each.id) for each in due)
            self.retained.done["forget sources"] += ended
            if not ended:
                return

    def drop_unwanted(self, wanted_recipes: Wanted) -> None:
        """End the chunks of recipes that no chatbot asks for any more; asked anew each time, for they may change."""
        removed = ROWS_AT_ONCE
        while removed == ROWS_AT_ONCE:
            with self._database.transaction(self._organization_id) as connection:
                embeddings.lock(connection, self._organization_id)
                wanted = wanted_recipes(connection, self._organization_id)
                if not wanted:
                    return
                text_statistics.set_stale(connection, self._organization_id)
                removed = chunks.remove_unwanted(connection, self._organization_id, wanted=wanted, at_most=ROWS_AT_ONCE)
            self.retained.done["drop unwanted chunks"] += removed

    def _due(self, action: str) -> list[Due]:
        with self._database.transaction(self._organization_id) as connection:
            return self._select(connection, action)

    def _select(self, connection: Connection, action: str) -> list[Due]:
        return select_due(connection, self._organization_id, action, as_of=self._as_of)

    def _owners(self, connection: Connection, due: Sequence[Due]) -> set[UUID]:
        versions = [document_versions.get(connection, self._organization_id, each.id) for each in due]
        return {version.document_id for version in versions}

    def _remove(self, checksums: Sequence[str]) -> None:
        self.retained.stored += named_objects.remove_unnamed(
            self._database, self._organization_id, self._store, checksums, older_than_s=self._young_s
        )
