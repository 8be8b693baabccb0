"""Reissues: what readers see of a source, made ready under one more recipe, beside those that it is served by.

Everything is made from the stored text: nothing is fetched and nothing parsed. What serves is not touched: chunks bear
their recipe, vectors their model, and a question is asked of one of each. Each transaction commits whole documents, so
that a killed build is simply run again; contents that have a vector under the model already cost nothing.

No lease is taken: syncs go on meanwhile. A document is locked while it is written, and one that has another version by
then is left to whoever comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import compress
from uuid import UUID

import numpy

from resources.foundation.counting import estimated_tokens
from resources.foundation.database import Database
from resources.foundation.errors import MillraceError
from resources.foundation.inference import Embedder, RefusedTexts, Vectors, checked
from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, many, one, statements_for
from resources.foundation.threads import one_behind
from resources.identity import expenses, model_prices, pricing
from resources.identity.expenses import BudgetReached
from resources.knowledge.chunks import chunking, chunks, embeddings, staging, text_statistics
from resources.knowledge.chunks.contextualizing import contextual
from resources.knowledge.chunks.staging import Passages
from resources.knowledge.documents import document_versions, documents
from resources.knowledge.records import ChunkingRule, Recipe

SQL = statements_for(__name__)
Progress = Callable[[str, int, int], None]

BATCH = 512
_PAGE = 500
_VERSIONS_AT_ONCE = 16
_SAMPLE = 200
_PAGE_BYTES = 8_192
_ROW_BYTES = 112


@dataclass(frozen=True)
class Shown:
    """A version that readers see, and how many chunks it has under the recipe."""

    id: UUID
    document_id: UUID
    file_path: str
    chunks: int


@dataclass(frozen=True)
class Reissued:
    """What was made: chunks, vectors that had to be computed, chunks that needed none, and what the model refused.

    `cost`: as it was paid, each batch by the price of its day; None where a part of it had no price.
    """

    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    refused: int = 0
    tokens: int = 0
    cost: Decimal | None = Decimal(0)

    def __add__(self, other: Reissued) -> Reissued:
        return Reissued(
            self.chunks + other.chunks, self.embedded + other.embedded, self.reused + other.reused,
            self.refused + other.refused, self.tokens + other.tokens,
            None if self.cost is None or other.cost is None else self.cost + other.cost,
        )  # fmt: skip


@dataclass(frozen=True)
class Foreseen:
    """What is still to be made of a source; estimated from a sample where that is not `is_exact`.

    `characters`: of the passages that are to be cut.
    """

    documents: int = 0
    chunks: int = 0
    embedded: int = 0
    tokens: int = 0
    is_exact: bool = True
    characters: int = 0

    def __add__(self, other: Foreseen) -> Foreseen:
        return Foreseen(
            self.documents + other.documents, self.chunks + other.chunks, self.embedded + other.embedded,
            self.tokens + other.tokens, self.is_exact and other.is_exact, self.characters + other.characters,
        )  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """What is stored takes on disk: bytes for a character of a passage, and of vectors the share that indexes add."""

    per_character: float
    vector_overhead: float

    def bytes_of(self, foreseen: Foreseen, *, dimension: int) -> int:
        """What that would take, indexes included: PostgreSQL keeps whole rows in pages of 8 KiB."""
        per_page = max(1, _PAGE_BYTES // (_ROW_BYTES + 4 * dimension))
        vectors = foreseen.embedded / per_page * _PAGE_BYTES * self.vector_overhead
        return round(foreseen.characters * self.per_character + vectors)


@dataclass(frozen=True)
class _Size:
    id: UUID
    size: int


@dataclass(frozen=True)
class _Unpaid:
    contents: int
    tokens: int


@dataclass
class _Computed:
    """Vectors that are not stored yet, and the expenses that they were reserved as."""

    hashes: list[bytes] = field(default_factory=list)
    vectors: list[Vectors] = field(default_factory=list)
    expense_ids: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class _Batch:
    """Whole documents, the contents that they lacked vectors of, and those vectors that are still to be stored."""

    versions: Sequence[Shown]
    hashes: Sequence[bytes]
    unstored: _Computed
    made: Reissued


def cut(
    database: Database, organization_id: UUID, source_id: UUID, *, rule: ChunkingRule, progress: Progress
) -> Reissued:
    """Cut what readers see by a rule, where it is not cut by it yet. Nobody sees these chunks before `embed`."""
    work = _Reissue(database, organization_id, source_id, rule.name, progress)
    return sum(one_behind(lambda some: work.keep(some, rule), work.pieces(rule)), Reissued())


def embed(
    database: Database,
    organization_id: UUID,
    source_id: UUID,
    *,
    recipe: Recipe,
    embedder: Embedder,
    progress: Progress,
) -> Reissued:
    """Embed what `cut` left, and show it to whoever asks by this recipe.

    Raises Unavailable when the model does not answer and BudgetReached when there is no money for it; what was stored
    until then stays.
    """
    work = _Reissue(database, organization_id, source_id, recipe.name, progress)
    return sum(one_behind(lambda batch: work.show(batch, recipe), work.computed(recipe, embedder)), Reissued())


def foresee(database: Database, organization_id: UUID, source_id: UUID, *, recipe: Recipe) -> Foreseen:
    """What `cut` and `embed` would make. Nothing is written, and no model is asked.

    Up to 200 documents are cut to see; of more the rest is reckoned from those by the length of their texts.
    """
    whose = {"organization_id": organization_id, "data_source_id": source_id, "recipe": recipe.name}
    with database.transaction(organization_id) as connection:
        uncut = many(connection, _Size, SQL["select_sizes"], **whose)
        unpaid = one(
            connection, _Unpaid, SQL["select_unpaid"], missing="nothing was counted", **whose,
            embedding_model_id=recipe.embedding_model_id,
        )  # fmt: skip
    tokens: dict[bytes, int] = {}
    cut = seen = characters = 0
    for version in uncut[:_SAMPLE]:
        with database.transaction(organization_id) as connection:
            parsed = document_versions.get_parsed(connection, organization_id, version.id)
        for passage in staging.passages(parsed, chunking.split(parsed, recipe.rule)).members:
            tokens[passage.content_hash] = passage.piece.token_count
            characters += len(passage.piece.content)
            cut += 1
        seen += version.size
    with database.transaction(organization_id) as connection:
        present = embeddings.select_present(
            connection, organization_id, embedding_model_id=recipe.embedding_model_id, content_hashes=tokens
        )
    missing = tokens.keys() - present
    scale = sum(version.size for version in uncut) / seen if seen else 1.0
    return Foreseen(
        len(uncut), round(cut * scale), round(len(missing) * scale) + unpaid.contents,
        round(sum(tokens[content] for content in missing) * scale) + unpaid.tokens, len(uncut) <= _SAMPLE,
        round(characters * scale),
    )  # fmt: skip


def weigh(connection: Connection, organization_id: UUID) -> Weights:
    """What is stored takes on disk, as things are at present."""
    return one(connection, Weights, SQL["weigh"], missing="nothing was weighed", organization_id=organization_id)


def settle(database: Database, organization_id: UUID, recipe_name: str) -> None:
    """Count the words of a recipe anew, where what was made of it changed them."""
    with database.transaction(organization_id) as connection:
        stale = recipe_name in text_statistics.select_stale(connection, organization_id, recipes=[recipe_name])
        if stale:
            text_statistics.refresh_plans(connection)
    if stale:
        with database.transaction(organization_id) as connection:
            text_statistics.refresh(connection, organization_id, recipe_name)


class _Reissue:
    """What readers see of one source, and what it lacks under one recipe."""

    def __init__(
        self, database: Database, organization_id: UUID, source_id: UUID, recipe: str, progress: Progress
    ) -> None:
        self._database = database
        self._organization_id = organization_id
        self._source_id = source_id
        self._recipe = recipe
        self._progress = progress
        self._found = 0
        self._chunks_found = 0
        self._done = 0

    def pieces(self, rule: ChunkingRule) -> Iterator[list[tuple[Shown, Passages]]]:
        """What lacks chunks, cut; a few documents at once, a long one with those before it."""
        some: list[tuple[Shown, Passages]] = []
        for version in self._pages(SQL["select_uncut"]):
            with self._database.transaction(self._organization_id) as connection:
                parsed = document_versions.get_parsed(connection, self._organization_id, version.id)
            some.append((version, staging.passages(parsed, chunking.split(parsed, rule))))
            if len(some) == _VERSIONS_AT_ONCE or sum(len(cut.members) for _, cut in some) >= BATCH:
                yield some
                some = []
        if some:
            yield some

    def keep(self, some: Sequence[tuple[Shown, Passages]], rule: ChunkingRule) -> Reissued:
        """The chunks of these documents, as far as readers still see these versions of them."""
        with self._database.transaction(self._organization_id) as connection:
            current = self._current(connection, [version for version, _ in some])
            present = chunks.count_of_recipe(
                connection, self._organization_id, version_ids=list(current), recipe=self._recipe
            )
            created = chunks.create(
                connection, self._organization_id, source_id=self._source_id, rule=rule,
                versions=[
                    (version.document_id, version.id, cut) for version, cut in some
                    if version.id in current and version.id not in present
                ],
            )  # fmt: skip
        self._tell("cutting", len(some))
        return Reissued(chunks=created)

    def computed(self, recipe: Recipe, embedder: Embedder) -> Iterator[_Batch]:
        """Batch after batch with the vectors that it lacks. The one before may not be stored yet: it counts as if."""
        awaited: Sequence[bytes] = ()
        for versions in self._batches(recipe):
            batch = self._compute(versions, recipe, embedder, awaited)
            awaited = batch.hashes
            yield batch

    def show(self, batch: _Batch, recipe: Recipe) -> Reissued:
        """Store the vectors and show what is whole under the recipe, in one transaction."""
        organization_id = self._organization_id
        with self._database.transaction(organization_id) as connection:
            current = self._current(connection, batch.versions)
            embeddings.lock(connection, organization_id)
            self._store(connection, recipe, batch.unstored)
            if len(current) < len(batch.versions):
                embeddings.remove_orphans(connection, organization_id, batch.hashes)
            whole = current - embeddings.select_incomplete(
                connection, organization_id, version_ids=list(current), recipe=recipe.name,
                embedding_model_id=recipe.embedding_model_id,
            )  # fmt: skip
            self._show(connection, list(whole))
        self._tell("embedding", len(batch.versions))
        return batch.made

    def _show(self, connection: Connection, version_ids: Sequence[UUID]) -> None:
        if not version_ids:
            return
        organization_id, recipes = self._organization_id, [self._recipe]
        text_statistics.begin_change(connection, organization_id, chunks=self._chunks_found)
        text_statistics.presume(connection, organization_id, version_ids=version_ids, recipes=recipes)
        text_statistics.count_in(connection, organization_id, version_ids=version_ids, recipes=recipes)
        chunks.publish(connection, organization_id, version_ids=version_ids, recipes=recipes)

    def _compute(
        self, versions: Sequence[Shown], recipe: Recipe, embedder: Embedder, awaited: Sequence[bytes]
    ) -> _Batch:
        """The vectors that these documents lack; of a long document full batches are stored at once."""
        hashes: list[bytes] = []
        refused: set[bytes] = set()
        unstored = _Computed()
        made = Reissued()
        while True:
            with self._database.transaction(self._organization_id) as connection:
                missing = embeddings.select_missing(
                    connection, self._organization_id, version_ids=[version.id for version in versions],
                    recipe=recipe.name, embedding_model_id=recipe.embedding_model_id,
                    without=[*unstored.hashes, *refused, *awaited], at_most=BATCH,
                )  # fmt: skip
            if not missing:
                break
            texts = {each.content_hash: contextual(each.title, each.section_title, each.content) for each in missing}
            needed = sum(map(estimated_tokens, texts.values()))
            with self._paying(embedder.name, needed, unstored.expense_ids) as cost:
                taken, vectors = _taken(embedder, texts)
            refusals = texts.keys() - set(taken)
            made += Reissued(embedded=len(taken), refused=len(refusals), tokens=needed, cost=cost)
            refused |= refusals
            hashes += taken
            if taken:
                unstored.hashes += taken
                unstored.vectors.append(vectors)
            if len(missing) < BATCH:
                break
            with self._database.transaction(self._organization_id) as connection:
                embeddings.lock(connection, self._organization_id)
                self._store(connection, recipe, unstored)
            unstored = _Computed()
        found = sum(version.chunks for version in versions)
        made += Reissued(reused=max(0, found - len(hashes) - len(refused)))
        return _Batch(versions, hashes, unstored, made)

    def _store(self, connection: Connection, recipe: Recipe, computed: _Computed) -> None:
        if computed.hashes:
            embeddings.create(
                connection, self._organization_id, embedding_model_id=recipe.embedding_model_id,
                content_hashes=computed.hashes, vectors=numpy.concatenate(computed.vectors),
            )  # fmt: skip
            # what was erased while the model thought about it leaves no vector behind
            embeddings.remove_orphans(connection, self._organization_id, computed.hashes)
        if computed.expense_ids:
            expenses.settle(connection, self._organization_id, computed.expense_ids)

    @contextmanager
    def _paying(self, model: str, tokens: int, expense_ids: list[UUID]) -> Iterator[Decimal | None]:
        """Set aside what so many tokens cost while the model thinks; taken back where it fails. Gives the cost."""
        if model == EMBEDDED_MODEL:
            yield Decimal(0)
            return
        id, cost = self._reserve(model, tokens)
        try:
            yield cost
        except MillraceError:
            with self._database.transaction(self._organization_id) as connection:
                expenses.release(connection, self._organization_id, id)
            raise
        expense_ids.append(id)

    def _reserve(self, model: str, tokens: int) -> tuple[UUID, Decimal | None]:
        try:
            with self._database.transaction(self._organization_id) as connection:
                price = model_prices.find_for(connection, self._organization_id, model)
                cost = pricing.cost(price, read=tokens)
                id = expenses.reserve(connection, self._organization_id, model=model, tokens=tokens, cost=cost)
                return id, cost
        except BudgetReached as reached:
            raise BudgetReached(
                "the budget of this month is reached: raise it with 'millrace budget set', or build on next month; "
                "what is made already stays",
                budget=reached.budget, cost=reached.cost,
            ) from None  # fmt: skip

    def _batches(self, recipe: Recipe) -> Iterator[list[Shown]]:
        """Whole documents, together about BATCH chunks; a longer document comes alone."""
        batch: list[Shown] = []
        chunks_in_batch = 0
        for version in self._pages(SQL["select_unembedded"], embedding_model_id=recipe.embedding_model_id):
            if batch and chunks_in_batch + version.chunks > BATCH:
                yield batch
                batch, chunks_in_batch = [], 0
            batch.append(version)
            chunks_in_batch += version.chunks
        if batch:
            yield batch

    def _pages(self, statement: bytes, **values: object) -> Iterator[Shown]:
        after = ""
        while True:
            with self._database.transaction(self._organization_id) as connection:
                page = many(
                    connection, Shown, statement, organization_id=self._organization_id,
                    data_source_id=self._source_id, recipe=self._recipe, after=after, at_most=_PAGE, **values,
                )  # fmt: skip
            self._found += len(page)
            self._chunks_found += sum(version.chunks for version in page)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].file_path

    def _current(self, connection: Connection, versions: Sequence[Shown]) -> set[UUID]:
        """Of these versions those that readers still see; nobody else changes their documents from now on."""
        document_ids = [version.document_id for version in versions]
        documents.lock(connection, self._organization_id, document_ids)
        rows = connection.execute(
            SQL["select_current"],
            {"organization_id": self._organization_id, "document_ids": document_ids,
             "version_ids": [version.id for version in versions]},
        )  # fmt: skip
        return {row[0] for row in rows}

    def _tell(self, stage: str, versions: int) -> None:
        self._done += versions
        self._progress(stage, self._done, max(self._done, self._found))


def _taken(embedder: Embedder, texts: Mapping[bytes, str]) -> tuple[list[bytes], Vectors]:
    """The contents that the model takes, and their vectors."""
    hashes = list(texts)
    try:
        vectors = embedder.embed(list(texts.values()))
    except RefusedTexts as error:
        refused = set(error.positions)
        hashes = list(compress(hashes, (position not in refused for position in range(len(hashes)))))
        vectors = error.vectors
    return hashes, checked(vectors, count=len(hashes), dimension=embedder.dimension) if hashes else vectors
