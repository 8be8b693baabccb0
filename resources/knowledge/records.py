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
