"""Passages without a database."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from resources.conversations.records import Passage
from resources.knowledge.records import Found

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def passage(
    index: int,
    content: str,
    *,
    start: int = 0,
    title: str = "Handbook",
    section_title: str | None = None,
    score: float = 1.0,
) -> Passage:
    """Return a passage that stands at `start` of its version."""
    return Passage(
        index=index,
        chunk_id=uuid5(NAMESPACE, f"chunk {index}"),
        document_id=uuid5(NAMESPACE, f"document {index}"),
        version_id=uuid5(NAMESPACE, f"version {index}"),
        title=title,
        section_title=section_title,
        page=None,
        content=content,
        start=start,
        end=start + len(content),
        score=score,
        lexical_score=score,
        dense_score=score,
        source_name="files",
        location=f"file-{index}.md",
    )


def chunks_of(passages: Sequence[Passage]) -> set[UUID]:
    """Return the chunks that passages are made of, those of joined neighbours each."""
    return {id for passage in passages for id in ([part.chunk_id for part in passage.parts] or [passage.chunk_id])}


def found(content: str, *, document: str = "one", score: float = 1.0, start: int = 0) -> Found:
    """Return what retrieval gives for a chunk of this content."""
    return Found(
        chunk_id=uuid5(NAMESPACE, f"{document} {start} {content}"),
        document_id=uuid5(NAMESPACE, document),
        document_version_id=uuid5(NAMESPACE, f"{document} version"),
        data_source_id=uuid5(NAMESPACE, "source"),
        source_name="files",
        file_path=f"{document}.md",
        title=document.title(),
        section_title=None,
        page=2,
        content=content,
        content_hash=content.encode(),
        start_char=start,
        end_char=start + len(content),
        score=score,
        lexical_score=score,
        dense_score=score,
    )
