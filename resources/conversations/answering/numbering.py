"""Number the passages of an answer. Pure: found chunks in, numbered passages out."""

from __future__ import annotations

from collections.abc import Sequence

from resources.conversations.records import Passage
from resources.knowledge.records import Found


def numbered(found: Sequence[Found]) -> tuple[Passage, ...]:
    """Return the passages of one answer, numbered from 1 as it will cite them."""
    return tuple(_passage(index, chunk) for index, chunk in enumerate(found, start=1))


def _passage(index: int, chunk: Found) -> Passage:
    return Passage(
        index=index,
        chunk_id=chunk.chunk_id,
        document_id=chunk.document_id,
        version_id=chunk.document_version_id,
        title=chunk.title,
        section_title=chunk.section_title,
        page=chunk.page,
        content=chunk.content,
        start=chunk.start_char,
        end=chunk.end_char,
        score=chunk.score,
        lexical_score=chunk.lexical_score,
        dense_score=chunk.dense_score,
        source_name=chunk.source_name,
        location=chunk.file_path,
        also_in=chunk.also_in,
        parts=chunk.parts,
    )
