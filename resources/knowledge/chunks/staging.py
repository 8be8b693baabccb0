"""Make of a text's pieces what is stored and searched of them. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from resources.knowledge.chunks import identifying, segmenting
from resources.knowledge.chunks.contextualizing import content_hash, contextual, indexed
from resources.knowledge.chunks.identifying import Wording
from resources.knowledge.records import Parsed, Piece


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece with the 32 bytes that stand for what is embedded of it, and what is searched for in it."""

    piece: Piece
    content_hash: bytes
    wording: Wording


@dataclass(frozen=True)
class Passages:
    """The passages of a text under one rule, in order, and the text search configuration that they are read by."""

    language: str
    members: tuple[Passage, ...]


def passages(parsed: Parsed, pieces: Iterable[Piece]) -> Passages:
    """What is stored and searched of a text's pieces."""
    return Passages(
        segmenting.configuration(parsed.language), tuple(_passage(parsed.title, piece) for piece in pieces)
    )  # fmt: skip


def _passage(title: str | None, piece: Piece) -> Passage:
    text = contextual(title, piece.section_title, piece.content)
    found_by = indexed(title, piece.section_title, piece.content)
    return Passage(piece, content_hash(text), identifying.worded(found_by))
