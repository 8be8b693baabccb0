"""Choose which of the found chunks an answer may rest on. Pure: found chunks in, numbered passages out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from resources.conversations.records import Passage
from resources.knowledge.records import Found


def best(
    found: Sequence[Found], *, k: int, most_per_document: int | None = None, scores: Sequence[float] | None = None
) -> list[Found]:
    """Return at most k, in the order given, or by a reranker's `scores` (one for each, higher is better; stable).

    A text that was already taken from another document is not taken again, nor more than `most_per_document` of one.
    """
    if scores is not None:
        ranked = sorted(zip(scores, found, strict=True), key=lambda scored: -scored[0])
        found = [chunk for _, chunk in ranked]
    taken: list[Found] = []
    texts: set[str] = set()
    of_document: Counter[object] = Counter()
    for chunk in found:
        text = " ".join(chunk.content.split())
        is_full = most_per_document is not None and of_document[chunk.document_id] >= most_per_document
        if len(taken) < k and not is_full and text not in texts:
            taken.append(chunk)
            texts.add(text)
            of_document[chunk.document_id] += 1
    return taken


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
    )
