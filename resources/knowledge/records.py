"""The vocabulary of the knowledge domain: sources, documents, versions, chunks and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    """What a parser made of a file's bytes: one text, and its elements in reading order, not overlapping."""

    text: str
    elements: tuple[Element, ...]
    parser: str
    parser_version: str
    title: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class ChunkingRule:
    """How texts are cut. Sizes in characters; `overlap` characters of the piece before are repeated."""

    size: int = 1600
    overlap: int = 0


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
class DataSource:
    """Where documents come from. `config` of a file source: location, include and exclude patterns."""

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


@dataclass(frozen=True)
class Item:
    """One thing a source lists. `modified_ns` in nanoseconds since 1970, None where the source does not say."""

    path: str
    size: int
    modified_ns: int | None


@dataclass(frozen=True)
class Recipe:
    """How texts become searchable: cut by a rule, embedded by a model (by its row in embedding_models)."""

    rule: ChunkingRule
    embedding_model_id: UUID

    @property
    def name(self) -> str:
        """What chunks.recipe holds: chunks of one rule are shared by all models."""
        return f"{CHUNKER_VERSION}:{self.rule.size}:{self.rule.overlap}"


CHUNKER_VERSION = "structure-1"


@dataclass(frozen=True)
class SyncCounts:
    """What one sync of a source did, counted from its items."""

    listed: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0


@dataclass(frozen=True)
class Found:
    """A chunk that retrieval found, best first. Scores: fused in [0, 1]; lexical is BM25; dense is the cosine."""

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
