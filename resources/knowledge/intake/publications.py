"""Step 3 of intake: chunks get their vectors, and what is whole is shown to readers in place of what they saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import compress
from uuid import UUID

import numpy

from resources.foundation.database import Database
from resources.foundation.errors import Conflict
from resources.foundation.inference import Embedder, RefusedTexts, Vectors, checked
from resources.foundation.statements import Connection
from resources.foundation.threads import one_behind
from resources.knowledge.chunks import chunks, embeddings, text_statistics, wordings
from resources.knowledge.chunks.contextualizing import content_hash, contextual
from resources.knowledge.documents import document_versions, documents, sync_failures
from resources.knowledge.intake import leases
from resources.knowledge.intake.leases import Lease
from resources.knowledge.intake.purses import Payment, Purse
from resources.knowledge.records import Recipe, SyncCounts, Unembedded, WaitingVersion

BATCH = 512
_PAGE = 500
_NOT_FETCHING = ("parsing", "chunking", "embedding")
_PUBLISHABLE = ("chunked", "failed", "ready")


@dataclass
class _Made:
    """Vectors of one model that are computed and not stored yet, what they cost, and the contents that it refused."""

    hashes: list[bytes] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)
    refused: dict[bytes, str] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)


@dataclass(frozen=True)
class _Computed:
    """A batch of versions with what is still to be stored of each model, and what came of its chunks."""

    versions: Sequence[WaitingVersion]
    made: dict[UUID, _Made]
    counts: SyncCounts


def publish(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    recipes: Sequence[tuple[Recipe, Embedder]],
    lease: Lease,
    progress: Callable[[str, int, int], None],
) -> SyncCounts:
    """Batch by batch of whole documents: read, release the connection, let the model think, write and show at once.

    While the model thinks about a batch, the one before it is written.
    """
    publications = _Publications(database, organization_id, source_id, recipes, lease)
    counts, done = SyncCounts(), 0
    for batch in one_behind(publications.show, publications.computed()):
        counts += batch.counts
        done += len(batch.versions)
        progress("embedding", done, max(done, publications.found))
    with database.transaction(organization_id) as connection:
        failed = sync_failures.count_at(connection, organization_id, source_id, stages=["embedding"])
    return counts + SyncCounts(failed=failed)


def settle(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    recipes: Sequence[tuple[Recipe, Embedder]],
    lease: Lease,
) -> None:
    """When all is shown and withdrawn, in this sync or in a killed one: unused vectors go, words are counted anew."""
    _Publications(database, organization_id, source_id, recipes, lease).settle()


class _Publications:
    """The versions of one source that wait for vectors, or to be shown."""

    def __init__(
        self,
        database: Database,
        organization_id: UUID,
        source_id: UUID,
        recipes: Sequence[tuple[Recipe, Embedder]],
        lease: Lease,
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source_id = source_id
        self._recipes = recipes
        self._lease = lease
        self._purse = Purse(database, organization_id, lease)
        self._names = list(dict.fromkeys(recipe.name for recipe, _ in recipes))
        self.found = 0
        self._chunks_found = 0

    def batches(self) -> Iterator[list[WaitingVersion]]:
        """Whole documents, together about BATCH chunks; a longer document comes alone."""
        batch: list[WaitingVersion] = []
        chunks_in_batch = 0
        for waiting in self._waiting():
            if batch and chunks_in_batch + waiting.chunks > BATCH:
                yield batch
                batch, chunks_in_batch = [], 0
            batch.append(waiting)
            chunks_in_batch += waiting.chunks
        if batch:
            yield batch

    def computed(self) -> Iterator[_Computed]:
        """Batch after batch with the vectors that it lacks. The one before may not be stored yet: it counts as if."""
        awaited: dict[UUID, Sequence[bytes]] = {}
        for batch in self.batches():
            ids = [waiting.id for waiting in batch]
            made: dict[UUID, _Made] = {}
            embedded = passages = 0
            for recipe, embedder in self._recipes:
                model_id = recipe.embedding_model_id
                with self._database.transaction(self._organization_id) as connection:
                    passages += chunks.count_of_versions(
                        connection, self._organization_id, version_ids=ids, recipe=recipe.name
                    )  # fmt: skip
                embedded += self._embed(
                    ids, recipe, embedder, made.setdefault(model_id, _Made()), awaited.get(model_id, ())
                )  # fmt: skip
            refused = sum(len(each.refused) for each in made.values())
            awaited = {model_id: tuple(each.hashes) for model_id, each in made.items()}
            yield _Computed(batch, made, SyncCounts(embedded=embedded, reused=max(0, passages - embedded - refused)))

    def show(self, computed: _Computed) -> _Computed:
        """Store its vectors and show what is whole, in one transaction."""
        with self._writing() as connection:
            self._show(connection, computed.versions, computed.made)
        return computed

    def settle(self) -> None:
        """Where chunks came or went, in this sync or in a killed one: let unused vectors go, and count words anew."""
        while self._renewed():
            pass
        with self._writing() as connection:
            stale = text_statistics.select_stale(connection, self._organization_id, recipes=self._names)
            if stale or text_statistics.leaves_vectors(connection, self._organization_id):
                embeddings.lock(connection, self._organization_id)
                text_statistics.refresh_plans(connection)
                embeddings.remove_unused(connection, self._organization_id)
                text_statistics.set_tight(connection, self._organization_id)
        for recipe_name in stale:
            with self._writing() as connection:
                text_statistics.refresh(connection, self._organization_id, recipe_name)

    def _renewed(self) -> int:
        with self._writing() as connection:
            embeddings.lock(connection, self._organization_id)
            return wordings.renew(connection, self._organization_id)

    def _writing(self) -> AbstractContextManager[Connection]:
        return leases.writing(self._database, self._organization_id, self._lease)

    def _waiting(self) -> Iterator[WaitingVersion]:
        after = ""
        while self._recipes:
            with self._database.transaction(self._organization_id) as connection:
                page = document_versions.select_unembedded(
                    connection, self._organization_id, source_id=self._source_id,
                    recipes=[(recipe.name, recipe.embedding_model_id) for recipe, _ in self._recipes],
                    after=after, at_most=_PAGE,
                )  # fmt: skip
            self.found += len(page)
            self._chunks_found += sum(waiting.chunks for waiting in page)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].file_path

    def _embed(
        self, version_ids: Sequence[UUID], recipe: Recipe, embedder: Embedder, made: _Made, awaited: Sequence[bytes]
    ) -> int:
        """Compute the missing vectors of a recipe; the last ones wait in `made`, full batches are stored at once.

        Those of the contents in `awaited` are computed and about to be stored.
        """
        embedded = 0
        while True:
            with self._database.transaction(self._organization_id) as connection:
                missing = embeddings.select_missing(
                    connection, self._organization_id, version_ids=version_ids, recipe=recipe.name,
                    embedding_model_id=recipe.embedding_model_id, without=[*made.hashes, *made.refused, *awaited],
                    at_most=BATCH,
                )  # fmt: skip
            if not missing:
                return embedded
            texts = [_text(each) for each in missing]
            with self._purse.paying(embedder.name, recipe, texts) as payment:
                embedded += _compute(embedder, texts, [each.content_hash for each in missing], made)
            made.payments.append(payment)
            if len(missing) < BATCH:
                return embedded
            with self._writing() as connection:
                self._store(connection, recipe.embedding_model_id, made)

    def _store(self, connection: Connection, embedding_model_id: UUID, made: _Made) -> None:
        embeddings.lock(connection, self._organization_id)
        if made.hashes:
            embeddings.create(
                connection, self._organization_id, embedding_model_id=embedding_model_id, content_hashes=made.hashes,
                vectors=numpy.concatenate(made.vectors),
            )  # fmt: skip
            # what was erased while the model thought about it leaves no vector behind
            embeddings.remove_orphans(connection, self._organization_id, made.hashes)
        self._purse.settle(connection, made.payments)
        made.hashes, made.vectors, made.payments = [], [], []

    def _show(self, connection: Connection, batch: Sequence[WaitingVersion], made: dict[UUID, _Made]) -> None:
        """Readers see the old version of each document before this transaction, and the new one after it."""
        organization_id = self._organization_id
        present = documents.lock(connection, organization_id, [waiting.document_id for waiting in batch])
        embeddings.lock(connection, organization_id)
        for embedding_model_id, each in made.items():
            self._store(connection, embedding_model_id, each)
        newest = document_versions.select_newest(
            connection, organization_id, [waiting.id for waiting in batch], statuses=_PUBLISHABLE
        )
        waiting = [version for version in batch if version.id in newest and version.document_id in present]
        incomplete = self._incomplete(connection, [version.id for version in waiting])
        refused = {content: reason for each in made.values() for content, reason in each.refused.items()}
        if refused:
            self._fail(connection, [v for v in waiting if v.id in incomplete], next(iter(refused.values())))
        self._replace(connection, [version for version in waiting if version.id not in incomplete])

    def _incomplete(self, connection: Connection, version_ids: Sequence[UUID]) -> set[UUID]:
        incomplete: set[UUID] = set()
        for recipe, _ in self._recipes:
            incomplete |= embeddings.select_incomplete(
                connection, self._organization_id, version_ids=version_ids, recipe=recipe.name,
                embedding_model_id=recipe.embedding_model_id,
            )  # fmt: skip
        return incomplete

    def _replace(self, connection: Connection, whole: Sequence[WaitingVersion]) -> None:
        organization_id = self._organization_id
        ids = [version.id for version in whole]
        document_ids = [version.document_id for version in whole]
        if not whole:
            return
        text_statistics.begin_change(connection, organization_id, chunks=self._chunks_found)
        text_statistics.presume(connection, organization_id, version_ids=ids, recipes=self._names)
        text_statistics.count_out(connection, organization_id, document_ids=document_ids, kept_version_ids=ids)
        text_statistics.count_in(connection, organization_id, version_ids=ids, recipes=self._names)
        removed = chunks.remove_replaced(connection, organization_id, document_ids=document_ids, version_ids=ids)
        chunks.publish(connection, organization_id, version_ids=ids, recipes=self._names)
        document_versions.publish(connection, organization_id, ids=ids, document_ids=document_ids)
        documents.publish(connection, organization_id, version_ids=ids)
        embeddings.remove_orphans(connection, organization_id, {chunk.content_hash for chunk in removed})
        sync_failures.remove_of_documents(connection, organization_id, document_ids, stages=_NOT_FETCHING)

    def _fail(self, connection: Connection, refused: Sequence[WaitingVersion], reason: str) -> None:
        organization_id = self._organization_id
        for version in refused:
            document_versions.set_failed(connection, organization_id, version.id)
            documents.set_failed(
                connection, organization_id, version.document_id, stage="embedding", outcome="refused", reason=reason
            )  # fmt: skip
            sync_failures.record(
                connection, organization_id, source_id=self._source_id, path=version.file_path,
                document_id=version.document_id, stage="embedding", outcome="refused", reason=reason,
            )  # fmt: skip


def _compute(embedder: Embedder, texts: Sequence[str], hashes: Sequence[bytes], made: _Made) -> int:
    """Vectors of these contents into `made`; how many. A text that the model refuses keeps none of the others back."""
    try:
        vectors = embedder.embed(texts)
    except RefusedTexts as error:
        refused = set(error.positions)
        made.refused |= {hashes[position]: str(error) for position in refused}
        hashes = list(compress(hashes, (position not in refused for position in range(len(hashes)))))
        vectors = error.vectors
    if hashes:
        made.vectors.append(checked(vectors, count=len(hashes), dimension=embedder.dimension))
        made.hashes += hashes
    return len(hashes)


def _text(unembedded: Unembedded) -> str:
    """The text that the hash stands for, put together again."""
    text = contextual(unembedded.title, unembedded.section_title, unembedded.content)
    if content_hash(text) != unembedded.content_hash:
        raise Conflict(
            "stored chunks were made by a version of Millrace that named passages otherwise: CHUNKER_VERSION must be "
            "raised with such a change, so that they are made again"
        )
    return text
