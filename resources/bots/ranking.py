"""Choose which of the found chunks an answer may rest on. Pure: found chunks in, the best of them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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


def of_first_documents(found: Sequence[Found], most: int | None) -> list[Found]:
    """Return those of the first `most` documents, in the order given; all of them for None."""
    allowed = set(list(dict.fromkeys(chunk.document_id for chunk in found))[:most])
    return [chunk for chunk in found if chunk.document_id in allowed]
