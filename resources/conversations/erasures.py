"""Erasure on request: a document, a source, a user or an organization goes at once and for good, from every table and
the object store.

This file is the one catalogue of what is derived from each. Every transaction that takes rows away writes its receipt;
one that is killed between two is simply asked for again. A legal hold wins: nothing on hold is erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation
from psycopg.rows import dict_row

from resources.conversations import (
    citations,
    interactions,
    messages,
    promotions,
    retrieval_logs,
    sessions,
    source_issues,
    usage,
)
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.files import ObjectStore
from resources.foundation.statements import Connection, statements_for
from resources.identity import notifications, organizations, users
from resources.knowledge.documents import documents, tombstones, withholding
from resources.knowledge.records import Buried, Receipt
from resources.knowledge.retention import erasure_receipts, legal_holds, retention
from resources.knowledge.retention.retention import AT_ONCE
from resources.knowledge.sources import data_sources, named_objects, partial_uploads, uploads

SQL = statements_for(__name__)


@dataclass(frozen=True)
class Request:
    """Who asks for an erasure, and why; both stand in its receipts, for good."""

    requested_by: str
    reason: str

    def __post_init__(self) -> None:
        if not self.requested_by.strip() or not self.reason.strip():
            raise Refused("an erasure needs a reason and the name of who asks for it: its receipt keeps both")


@dataclass
class Erased:
    """What an erasure took away, in all its transactions: rows by table, and stored objects."""

    receipts: list[Receipt] = field(default_factory=list)

    @property
    def row_counts(self) -> Mapping[str, int]:
        """Rows by table."""
        counts: Counter[str] = Counter()
        for receipt in self.receipts:
            counts.update(receipt.row_counts)
        return counts

    @property
    def object_count(self) -> int:
        """Stored objects, the bytes of versions."""
        return sum(receipt.object_count for receipt in self.receipts)


def erase_document(
    database: Database, organization_id: UUID, document_id: UUID, *, store: ObjectStore, request: Request
) -> Erased:
    """A document, its copies in the source (the same bytes under other paths), and their members where they have some.

    No sync brings them back: not that path, whatever it says, and not those bytes under any path of the source. Raises
    Missing; Refused where a hold keeps it, naming that, or where an archive holds the same bytes.
    """
    erasure = _Erasure(database, organization_id, store, request, kind="document", target_id=document_id)
    with database.transaction(organization_id) as connection:
        family = _family(connection, organization_id, document_id)
        legal_holds.refuse_held(connection, organization_id, family, what="the document")
        found = retention.select_buried(connection, organization_id, family)
    [document] = [each for each in found if each.id == document_id]
    erasure.target_hash = withholding.path_hash(document.data_source_id, document.file_path).hex()
    # members, whose paths are longer, before containers, and last what was asked for: it leads to what is left to do
    in_order = sorted(found, key=lambda each: (each.id == document_id, -len(each.file_path)))
    for portion in retention.in_portions(in_order):
        erasure.erase(portion, is_kept_out=True)
    erasure.settle()
    return erasure.erased


def erase_source(
    database: Database, organization_id: UUID, source_id: UUID, *, store: ObjectStore, request: Request
) -> Erased:
    """A source, removed or not, with all its documents and its history; a source made anew starts from nothing.

    Raises Missing; Refused where a hold keeps it or one of its documents, naming that.
    """
    erasure = _Erasure(database, organization_id, store, request, kind="source", target_id=source_id)
    erasure.remove_source()
    with database.transaction(organization_id) as connection:
        rows = connection.execute(
            SQL["select_documents_of_source"], {"organization_id": organization_id, "id": source_id}
        )
        ids = [row[0] for row in rows]
        found = {each.id: each for each in retention.select_buried(connection, organization_id, ids)}
    for portion in retention.in_portions([found[id] for id in ids if id in found]):
        erasure.erase(portion, is_kept_out=False)
    erasure.end_source()
    erasure.settle()
    return erasure.erased


def erase_user(
    database: Database, organization_id: UUID, user_id: UUID, *, store: ObjectStore, request: Request
) -> Erased:
    """A user with keys and settings, and every conversation that they took part in; usage stays, as numbers of nobody.

    Questions of evaluation sets that they alone asked go too, accepted or not, and issues that they opened.

    Sources, documents and chatbots that they owned stay, without an owner. Raises Missing.
    """
    erasure = _Erasure(database, organization_id, store, request, kind="user", target_id=user_id)
    with database.transaction(organization_id) as connection:
        users.get(connection, organization_id, user_id)
    while erasure.erase_sessions(user_id):
        pass
    erasure.end_user(user_id)
    return erasure.erased


def erase_organization(database: Database, organization_id: UUID, *, store: ObjectStore) -> Mapping[str, int]:
    """A whole organization with everything that is its own; how many rows of what people know went.

    Its receipts go with it, so whoever must prove erasures keeps them elsewhere before. One that is killed is asked for
    again. Raises Refused where a hold keeps something, Conflict where somebody asks it a question meanwhile.
    """
    with database.transaction(organization_id) as connection:
        held = [hold for hold in legal_holds.select_all(connection, organization_id) if hold.released_at is None]
        if held:
            raise Refused(f"hold {held[0].name!r}, placed by {held[0].placed_by}, keeps what this organization has")
        counts = _counts(connection, "count_of_organization", organization_id)
    # answers first: what they cite may not go before them
    while _remove_some_sessions(database, organization_id):
        pass
    try:
        with database.transaction(organization_id) as connection:
            usage.remove_all(connection, organization_id)
            organizations.remove(connection, organization_id)
    except ForeignKeyViolation:
        raise Conflict("somebody asks this organization a question just now: try again") from None
    store.remove_all(organization_id)
    return counts


def _remove_some_sessions(database: Database, organization_id: UUID) -> int:
    with database.transaction(organization_id) as connection:
        rows = connection.execute(
            SQL["select_sessions"], {"organization_id": organization_id, "at_most": AT_ONCE}
        ).fetchall()
        return sessions.remove(connection, organization_id, [row[0] for row in rows])


def lift(
    database: Database, organization_id: UUID, *, source_id: UUID, path: str, request: Request
) -> Receipt:  # fmt: skip
    """Let a path that was erased come back with the next sync; this leaves a receipt too. Raises Missing."""
    with database.transaction(organization_id) as connection:
        data_sources.hold_alone(connection, organization_id, source_id)
        lifted = tombstones.lift(connection, organization_id, source_id=source_id, path=path, kind="erased")
        if lifted is None:
            raise Missing(f"nothing was erased at {path!r}: a path must be given as it was")
        return erasure_receipts.create(
            connection, organization_id, erasure_id=uuid4(), kind="tombstone", target_id=lifted,
            target_hash=withholding.path_hash(source_id, path).hex(), row_counts={"knowledge.tombstones": 1},
            requested_by=request.requested_by, reason=request.reason,
        )  # fmt: skip


class _Erasure:
    """One erasure at work: its transactions, each with a receipt."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        store: ObjectStore,
        request: Request,
        *,
        kind: str,
        target_id: UUID,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._store = store
        self._request = request
        self._kind = kind
        self._id = uuid4()
        self._target_id = target_id
        self.target_hash: str | None = None
        self.erased = Erased()

    def erase(self, portion: Sequence[Buried], *, is_kept_out: bool) -> None:
        """These documents, then their bytes. Syncs of their source wait meanwhile, and meet the tombstones after it."""
        organization_id = self._organization_id
        with self._database.transaction(organization_id) as connection:
            data_sources.hold_alone(connection, organization_id, portion[0].data_source_id)
            ids = sorted(documents.lock_all(connection, organization_id, [each.id for each in portion]))
            legal_holds.refuse_held(connection, organization_id, ids, what="the document")
            present = retention.select_buried(connection, organization_id, ids)
            if is_kept_out:
                tombstones.bury(connection, organization_id, present, kind="erased")
            unsaid = self._unsay(connection, ids)
            counts = _counts(connection, "count_of_documents", organization_id, ids=ids) + unsaid
            pushed = uploads.erase(connection, organization_id, [(each, None) for each in present])
            counts["knowledge.uploads"] = len(pushed)
            forgotten = retention.forget(connection, organization_id, ids)
            counts["knowledge.embeddings"] = forgotten.vectors
            checksums = {*forgotten.checksums, *pushed}
            self._receipt(connection, counts, named_objects.select_unnamed(connection, organization_id, checksums))
        named_objects.remove_unnamed(self._database, organization_id, self._store, checksums, older_than_s=0)

    def _unsay(self, connection: Connection, document_ids: Sequence[UUID]) -> Counter[str]:
        """Take away the retrievals that found these documents, and the words of the answers that could rest on them.

        The retrievals first: an answer that is being kept holds its own, and comes before or after this as a whole.
        """
        organization_id = self._organization_id
        served = retrieval_logs.remove_of_documents(connection, organization_id, document_ids)
        cited = citations.select_messages_of(connection, organization_id, document_ids)
        direct = sorted({*(id for id in served if id is not None), *cited})
        # what came later in a conversation was said by somebody who had heard this, and so was what was made of it
        session_ids = sessions.hold_of_messages(connection, organization_id, direct)
        answers = messages.select_answers_since(connection, organization_id, direct)
        interactions.blank(connection, organization_id, answers)
        sessions.forget(connection, organization_id, session_ids)
        return Counter({
            "conversations.retrieval_logs": len(served),
            "conversations.messages (words taken away)": messages.blank(connection, organization_id, answers),
            "conversations.source_issues": source_issues.remove_of_messages(connection, organization_id, answers),
        })  # fmt: skip

    def remove_source(self) -> None:
        """Nobody reads the source from here on, and nothing comes into it."""
        organization_id, source_id = self._organization_id, self._target_id
        with self._database.transaction(organization_id) as connection:
            name = data_sources.hold_alone(connection, organization_id, source_id)
            legal_holds.refuse_held_source(connection, organization_id, source_id, what="the source")
            self.target_hash = withholding.path_hash(source_id, name).hex()
            if data_sources.is_present(connection, organization_id, source_id):
                counts = _counts(connection, "count_of_removal", organization_id, id=source_id)
                data_sources.remove(connection, organization_id, source_id)
                counts -= _counts(connection, "count_of_removal", organization_id, id=source_id)
                self._receipt(connection, counts, set())

    def end_source(self) -> None:
        """The source itself, now that it has no documents."""
        with self._database.transaction(self._organization_id) as connection:
            counts = _counts(connection, "count_of_source", self._organization_id, id=self._target_id)
            counts["identity.notifications"] = notifications.remove_of_source(
                connection, self._organization_id, self._target_id
            )
            checksums = partial_uploads.remove_of_source(connection, self._organization_id, self._target_id)
            data_sources.erase(connection, self._organization_id, self._target_id)
            unnamed = named_objects.select_unnamed(connection, self._organization_id, checksums)
            self._receipt(connection, counts, unnamed)
        named_objects.remove_unnamed(self._database, self._organization_id, self._store, checksums, older_than_s=0)

    def erase_sessions(self, user_id: UUID) -> int:
        """Some of the conversations of a user; how many."""
        organization_id = self._organization_id
        with self._database.transaction(organization_id) as connection:
            rows = connection.execute(
                SQL["select_sessions_of_user"],
                {"organization_id": organization_id, "id": user_id, "at_most": AT_ONCE},
            )
            ids = [row[0] for row in rows]
            if ids:
                counts = _counts(connection, "count_of_sessions", organization_id, ids=ids)
                counts["bots.evaluation_queries"] = promotions.remove_of_user(
                    connection, organization_id, user_id, session_ids=ids
                )
                sessions.remove(connection, organization_id, ids)
                self._receipt(connection, counts, set())
        return len(ids)

    def end_user(self, user_id: UUID) -> None:
        """The user."""
        with self._database.transaction(self._organization_id) as connection:
            counts = _counts(connection, "count_of_user", self._organization_id, id=user_id)
            counts["bots.evaluation_queries"] = promotions.remove_of_user(connection, self._organization_id, user_id)
            counts["conversations.source_issues"] = source_issues.remove_of_user(
                connection, self._organization_id, user_id
            )
            users.remove(connection, self._organization_id, user_id)
            self._receipt(connection, counts, set())

    def settle(self) -> None:
        """Words that stood in what was erased alone are counted no longer."""
        retention.settle(self._database, self._organization_id)

    def _receipt(self, connection: Connection, counts: Mapping[str, int], checksums: set[str]) -> None:
        sizes = [self._store.size(self._organization_id, checksum) for checksum in checksums]
        self.erased.receipts.append(
            erasure_receipts.create(
                connection, self._organization_id, erasure_id=self._id, kind=self._kind, target_id=self._target_id,
                target_hash=self.target_hash, row_counts=counts, object_count=sum(size is not None for size in sizes),
                object_bytes=sum(size or 0 for size in sizes), requested_by=self._request.requested_by,
                reason=self._request.reason,
            )
        )  # fmt: skip


def _family(connection: Connection, organization_id: UUID, document_id: UUID) -> list[UUID]:
    if not documents.lock_all(connection, organization_id, [document_id]):
        raise Missing(f"there is no document {document_id} in this organization")
    container = retention.find_container(connection, organization_id, document_id)
    if container is not None:
        raise Refused(
            f"the document is a member of {container!r}, whose bytes hold it too: erase that, or take the document out "
            "of it at the source, sync, and erase what the container was before"
        )
    copies = retention.select_copies(connection, organization_id, document_id)
    return retention.select_family(connection, organization_id, [document_id, *copies])


def _counts(connection: Connection, statement: str, organization_id: UUID, **values: object) -> Counter[str]:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_CENSUS[statement], {"organization_id": organization_id, **values}).fetchone()
    return Counter({table: int(count) for table, count in (row or {}).items()})


_CENSUS = {
    "count_of_documents": SQL["count_of_documents"],
    "count_of_source": SQL["count_of_source"],
    "count_of_removal": SQL["count_of_removal"],
    "count_of_sessions": SQL["count_of_sessions"],
    "count_of_user": SQL["count_of_user"],
    "count_of_organization": SQL["count_of_organization"],
}
