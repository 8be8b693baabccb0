"""Whether a question is on topic: whether any passage holds enough of its words, weighed as BM25 weighs them.

The share of what BM25 could give a question at most tells questions of another topic from those of the corpus well, and
better than the cosine of the embedded model does (benchmarks/README.md). No score tells questions on the topic whose
answer is missing (SQuAD 2.0's): that is the answerer's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge import search
from resources.knowledge.records import Found

FEWEST_CHUNKS = 20
"""Of fewer an organization's words say too little: one that no chunk holds is not rare there. Less was not measured."""


def is_off_topic(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
    found: Sequence[Found],
    threshold: float,
) -> bool:
    """Whether no passage reaches `threshold` (a share, see above); False at 0, and in fewer than 20 chunks.

    `found`: what was found already, which decides nearly always; else the best passage by words alone is asked for.
    """
    if threshold <= 0:
        return False
    best = max((hit.lexical_score for hit in found), default=0.0)
    most = search.most_lexical(
        connection, organization_id, question=question, recipe_name=recipe_name, fewest=FEWEST_CHUNKS
    )
    if most <= 0 or best >= threshold * most:
        return False
    said = search.lexical(
        connection, organization_id, question=question, recipe_name=recipe_name, source_ids=source_ids, k=1
    )
    return max((hit.lexical_score for hit in said), default=0.0) < threshold * most
