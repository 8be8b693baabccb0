"""The vocabulary of the knowledge domain: sources, documents, versions, chunks and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

ElementKind = Literal["title", "heading", "paragraph", "list_item", "table", "code"]


@dataclass(frozen=True)
class Element:
    """A structural piece of a parsed text: `text[start:end]`, in characters (Unicode code points), end exclusive."""

    kind: ElementKind
    start: int
    end: int
    level: int | None = None
    page: int | None = None


@dataclass(frozen=True)
class Parsed:
    """What a parser made of a file's bytes: one text, and its elements in reading order, not overlapping.

    `pictured_pages`: how many pages show pictures and no text, and were not read.
    """

    text: str
    elements: tuple[Element, ...]
    parser: str
    parser_version: str
    title: str | None = None
    language: str | None = None
    pictured_pages: int = 0


@dataclass(frozen=True)
class ChunkingRule:
    """How texts are cut. Sizes in characters; `overlap` characters of the piece before are repeated."""

    size: int = 1600
    overlap: int = 0

    @property
    def name(self) -> str:
        """What chunks.recipe holds: how they were cut, whatever model embeds them."""
        return f"{CHUNKER_VERSION}:{self.size}:{self.overlap}"


@dataclass(frozen=True)
class Piece:
    """A chunk before it has a row: `content == text[start:end]`."""

    content: str
    start: int
    end: int
    section_title: str | None
    page: int | None
    token_count: int


@dataclass(frozen=True)
class PassagePlace:
    """The characters `start` to before `end` of a version's text; `number` counts its passages of a recipe from 1."""

    recipe: str
    number: int
    start: int
    end: int


@dataclass(frozen=True)
class OldWording:
    """A chunk whose lexemes follow an older rule, and what its text is put together from."""

    id: UUID
    title: str | None
    section_title: str | None
    content: str


@dataclass(frozen=True)
class DataSource:
    """Where documents come from. `config` of a file source: location, include and exclude patterns.

    It is synced by `cron` in `time_zone`, else every `sync_frequency` seconds. A sync that would delete more than
    `deletion_share` of its documents, and at least `deletion_floor`, waits for approval. `retention_days`: None as its
    owner (`user_id`) or the organization says.
    """

    id: UUID
    organization_id: UUID
    name: str
    description: str
    source_type: str
    status: str
    config: dict[str, object]
    auto_sync: bool
    sync_frequency: int
    last_sync: datetime | None
    cron: str | None = None
    time_zone: str = "UTC"
    deletion_share: float = 0.3
    deletion_floor: int = 20
    retention_days: int | None = None
    user_id: UUID | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Item:
    """One thing a source lists: `path` is its key there. What the source does not say is None, or empty.

    `modified_ns` in nanoseconds since 1970. `revision` is any word that changes with the content (an etag, a version, a
    hash): where there is one, it alone tells whether the item changed; else size and time do, where there is a time.
    `address` is where a person finds the item.
    """

    path: str
    size: int | None = None
    modified_ns: int | None = None
    revision: str | None = None
    title: str | None = None
    address: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Member:
    """One thing that a container holds, at its path in the source; its type is None where it could not be read."""

    path: str
    size: int
    mime_type: str | None
    file_type_id: UUID | None
    container_checksum: str
    address: str | None


@dataclass(frozen=True)
class Recipe:
    """How texts become searchable: cut by a rule, embedded by a model (by its row in embedding_models)."""

    rule: ChunkingRule
    embedding_model_id: UUID

    @property
    def name(self) -> str:
        """What chunks.recipe holds: chunks of one rule are shared by all models."""
        return self.rule.name


CHUNKER_VERSION = "structure-2"


@dataclass(frozen=True)
class SyncCounts:
    """What one sync of a source did, or one step of it, counted from its items.

    `failed`: items that fail at present, tried in this sync or waiting for their next attempt. `moved`: documents that
    are the same at another path. `held`: documents that are to be deleted when somebody approves. `reused`: passages
    that needed no new vector.
    """

    listed: int = 0
    changed: int = 0
    unchanged: int = 0
    moved: int = 0
    deleted: int = 0
    held: int = 0
    failed: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0

    def __add__(self, other: SyncCounts) -> SyncCounts:
        mine, others = astuple(self), astuple(other)
        return SyncCounts(*(one + two for one, two in zip(mine, others, strict=True)))


@dataclass(frozen=True)
class Twin:
    """Where else stands what a found chunk says, word for word or nearly so."""

    chunk_id: UUID
    document_id: UUID
    document_version_id: UUID
    source_name: str
    file_path: str
    title: str
    start_char: int
    end_char: int


@dataclass(frozen=True)
class FoundPart:
    """A chunk within a passage that neighbours were joined to; places are those of the version's text."""

    chunk_id: UUID
    start_char: int
    end_char: int


@dataclass(frozen=True)
class Found:
    """A chunk that retrieval found, best first. Scores: fused in [0, 1]; lexical is BM25; dense is the cosine.

    `also_in`: where else it stands. `parts`: the chunks of one that was joined from neighbours, whose best it is named
    after; none where it is one chunk. `content == text[start_char:end_char]` of the version's text either way.
    """

    chunk_id: UUID
    document_id: UUID
    document_version_id: UUID
    data_source_id: UUID
    source_name: str
    file_path: str
    title: str
    section_title: str | None
    page: int | None
    content: str
    content_hash: bytes
    start_char: int
    end_char: int
    score: float
    lexical_score: float
    dense_score: float
    also_in: tuple[Twin, ...] = ()
    parts: tuple[FoundPart, ...] = ()


@dataclass(frozen=True)
class KnownFileType:
    """A kind of file as an organization has it; the first of `parsers` reads it."""

    id: UUID
    name: str
    category: str
    mime_types: list[str]
    extensions: list[str]
    parsers: list[str]


@dataclass(frozen=True)
class EmbeddingModel:
    """A model whose vectors are kept. Vectors of two versions are never compared."""

    id: UUID
    name: str
    version: str
    dimension: int


@dataclass(frozen=True)
class Tag:
    """A label of sources."""

    id: UUID
    name: str
    description: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SourceListing:
    """A source as the directory of all organizations shows it, at the instant `now` of the database's clock.

    It is synced by `cron` in `time_zone`, else every `sync_frequency` seconds. `is_leased`: a living sync works on it,
    the run `leased_to`; a run whose process died has the lease until it expires.
    `is_asked_for`: somebody wants it synced at once. `took_s`: how long its last sync took; None before the first.
    """

    organization_id: UUID
    organization_slug: str
    id: UUID
    name: str
    status: str
    auto_sync: bool
    sync_frequency: int
    cron: str | None
    time_zone: str
    created_at: datetime
    last_sync: datetime | None
    is_leased: bool
    leased_to: str | None
    is_asked_for: bool
    took_s: float | None
    now: datetime


@dataclass(frozen=True)
class Document:
    """One item of a source. `current_version_id` is what readers see; None while nothing of it is ready.

    `address`: where a person finds it; `source_title`: what the source calls it.
    """

    id: UUID
    data_source_id: UUID
    title: str
    file_path: str
    file_size: int
    mime_type: str | None
    language: str | None
    status: str
    current_version_id: UUID | None
    soft_deleted_at: datetime | None
    address: str | None
    source_title: str | None


@dataclass(frozen=True)
class KnownItem:
    """What the last sync knew of an item.

    `is_failing`: it could not be fetched; `is_due`: it may be tried now; `is_ignored`: nobody minds that it fails.
    """

    id: UUID
    file_path: str
    file_size: int
    modified_ns: int | None
    revision: str | None
    is_deleted: bool
    is_failing: bool
    is_due: bool
    is_ignored: bool = False


@dataclass(frozen=True)
class Sighting:
    """An item as it was when its bytes were read. `modified_ns` and `revision` None: look again next time."""

    size: int
    modified_ns: int | None
    revision: str | None
    title: str | None
    address: str | None
    metadata: Mapping[str, str] = field(hash=False)
    mime_type: str | None
    file_type_id: UUID


@dataclass(frozen=True)
class Move:
    """A document that vanished, and one that readers never saw and that has its bytes: the same one, moved.

    `is_new`: that one came in this sync.
    """

    id: UUID
    former_path: str
    arrived_id: UUID
    path: str
    is_new: bool


@dataclass(frozen=True)
class DeletionBatch:
    """Deletions that were too many to follow unasked: `documents` of the `known` ones that a source had.

    `status`: waiting, approved, rejected, or outdated by what the source listed later. While it waits, `documents`
    counts those that still lack at the source.
    """

    id: UUID
    data_source_id: UUID
    source_name: str
    status: str
    documents: int
    known: int
    decided_by: str | None
    decided_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class HeldDeletion:
    """A document of a batch: its source lists it no more, and readers still see it."""

    document_id: UUID
    file_path: str
    title: str


@dataclass(frozen=True)
class DocumentVersion:
    """What a document said at a time. `status`: fetched, chunked, ready or failed; None where not parsed yet."""

    id: UUID
    document_id: UUID
    number: int
    checksum: str
    status: str
    title: str | None
    language: str | None
    parser: str | None
    parser_version: str | None
    dagster_run_id: str | None
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True)
class WaitingVersion:
    """A newest version that lacks chunks or vectors, and what is needed to make them.

    `title` of one that is not parsed: what the source calls it, for a text that names no title itself.
    """

    id: UUID
    document_id: UUID
    file_path: str
    original_filename: str
    mime_type: str | None
    file_type_id: UUID | None
    checksum: str
    title: str | None
    status: str
    is_parsed: bool
    chunks: int


@dataclass(frozen=True)
class Unembedded:
    """A content that has no vector yet, and what its contextual text is made of."""

    content_hash: bytes
    title: str | None
    section_title: str | None
    content: str


@dataclass(frozen=True)
class RemovedChunk:
    """What remains to be looked after when a chunk is gone: its vector and its recipe's statistics."""

    content_hash: bytes
    recipe: str


@dataclass(frozen=True)
class TrainingJob:
    """A sync as a person sees it at the instant `now`: its state and what it did until then.

    While it is processing: `done` of `total` items of its `stage` (listing, fetching, cutting or embedding), which
    began at `stage_started_at`; `total` grows as long as items are found. `held`: deletions that wait for approval.
    `tokens` and `cost` of embedding; a cost that is not known is None.
    """

    id: UUID
    data_source_id: UUID
    status: str
    dagster_run_id: str | None
    stage: str | None
    done: int
    total: int
    stage_started_at: datetime | None
    listed: int
    changed: int
    unchanged: int
    moved: int
    deleted: int
    held: int
    failed: int
    chunks: int
    embedded: int
    reused: int
    tokens: int
    cost: Decimal | None
    reason: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    now: datetime


@dataclass(frozen=True)
class SyncFailure:
    """An item that cannot be carried through at present: where it stopped, why, and when it is tried again.

    `state`: retrying (at `next_attempt_at`), parked (only when it changes, or somebody asks) or ignored.
    """

    id: UUID
    data_source_id: UUID
    source_name: str
    document_id: UUID | None
    file_path: str
    stage: str
    outcome: str
    reason: str
    attempts: int
    state: Literal["retrying", "parked", "ignored"]
    next_attempt_at: datetime
    failing_since: datetime


@dataclass(frozen=True)
class Reconciliation:
    """What a source holds, and the faults among it: each of those is 0 where documents, chunks and vectors agree."""

    name: str
    is_removed: bool
    documents: int
    ready: int
    waiting: int
    failed: int
    chunks: int
    vectors: int
    documents_without_version: int
    documents_without_chunks: int
    failures_without_reason: int
    orphaned_chunks: int
    cuts_with_gaps: int
    chunks_without_vector: int
    vectors_of_wrong_size: int
    vectors_not_of_length_one: int

    @property
    def faults(self) -> dict[str, int]:
        """The faults by name, and how often each was found."""
        return {
            name: getattr(self, name)
            for name in (
                "documents_without_version", "documents_without_chunks", "failures_without_reason", "orphaned_chunks",
                "cuts_with_gaps", "chunks_without_vector", "vectors_of_wrong_size", "vectors_not_of_length_one",
            )
        }  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What a source holds, in documents, chunks and vectors."""

    documents: int
    ready: int
    waiting: int
    failed: int
    chunks: int
    vectors: int


@dataclass(frozen=True)
class RecipeReconciliation:
    """The faults of a source under one recipe: of what is found by it."""

    documents_without_chunks: int
    chunks_without_vector: int
    orphaned_chunks: int
    cuts_with_gaps: int

    @property
    def missing(self) -> int:
        """How many documents are not cut, and how many chunks not embedded."""
        return self.documents_without_chunks + self.chunks_without_vector

    @property
    def faults(self) -> dict[str, int]:
        """What no build mends, by name, and how often it was found."""
        return {"orphaned_chunks": self.orphaned_chunks, "cuts_with_gaps": self.cuts_with_gaps}


@dataclass(frozen=True)
class Tombstone:
    """A path of a source that must not come back, by hashes. `kind`: erased or expired."""

    kind: str
    path_hash: bytes
    content_hashes: list[bytes]
    state_hash: bytes | None


@dataclass(frozen=True)
class Buried:
    """A document as its tombstone must know it: where it stood, what it was seen as, its newest and current bytes."""

    id: UUID
    data_source_id: UUID
    file_path: str
    file_size: int
    modified_ns: int | None
    revision: str | None
    checksums: list[str]
    versions: int
    chunks: int


@dataclass(frozen=True)
class LegalHold:
    """What may not go, and by which matter: a document (`file_path`), or all of a source."""

    id: UUID
    name: str
    reason: str
    data_source_id: UUID | None
    document_id: UUID | None
    source_name: str | None
    file_path: str | None
    placed_by: str
    released_by: str | None
    released_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class Receipt:
    """What one transaction of an erasure took away. `hash` covers all else and `previous_hash`."""

    number: int
    erasure_id: UUID
    kind: str
    target_id: UUID
    target_hash: str | None
    row_counts: Mapping[str, int]
    object_count: int
    object_bytes: int
    requested_by: str
    reason: str
    created_at: datetime
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Due:
    """Something whose time is over: what it is, by which rule it goes, and since when that is so."""

    id: UUID
    data_source_id: UUID | None
    what: str
    label: str
    rule: str
    due_at: datetime
    held_by: str | None = None


@dataclass(frozen=True)
class Upload:
    """A document that was pushed into a source. Its bytes are in the object store under `checksum`."""

    id: UUID
    data_source_id: UUID
    path: str
    checksum: str
    file_size: int
    media_type: str
    title: str | None
    address: str | None
    metadata: dict[str, str]
    updated_at: datetime


@dataclass(frozen=True)
class PartialUpload:
    """A document that is being pushed in parts: `received` of its `file_size` bytes have come.

    `checksum`: the SHA-256 of the whole, where the sender said it. `outcome`: what became of it once it was whole.
    """

    id: UUID
    data_source_id: UUID
    path: str
    file_size: int
    received: int
    checksum: str | None
    media_type: str
    title: str | None
    address: str | None
    outcome: Literal["created", "replaced", "unchanged"] | None
    expires_at: datetime


@dataclass(frozen=True)
class DocumentState:
    """How a document stands: what readers see of it, and what failed last, where something did."""

    id: UUID
    path: str
    title: str
    state: str
    mime_type: str | None
    language: str | None
    file_size: int
    address: str | None
    version: int | None
    as_of: datetime | None
    run_id: str | None
    chunks: int
    stage: str | None
    outcome: str | None
    reason: str | None
    attempts: int | None
    next_attempt_at: datetime | None
    expires_at: datetime | None
    deleted_at: datetime | None
