"""Whether a question is on topic: whether any passage holds enough of its words, weighed as BM25 weighs them.

The share of what BM25 could give a question at most tells questions of another topic from those of the corpus well, and
better than the cosine of the embedded model does (benchmarks/README.md). No score tells questions on the topic whose
answer is missing (SQuAD 2.0's): that is the answerer's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from resources.foundation.statements import Connection
from resources.knowledge.records import Found
from resources.knowledge.search import search
from resources.knowledge.search.filtering import EVERYTHING, Filter

FEWEST_CHUNKS = 20
"""Of fewer an organization's words say too little: one that no chunk holds is not rare there. Less was not measured."""

COMMONEST = 0.5
"""What so many of the chunks speak of is their topic, and a question with such a word is on it.

Where passages repeat each other, their own words weigh next to nothing, and one that no chunk holds outweighs them.
"""


def is_off_topic(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
    filter: Filter = EVERYTHING,
    found: Sequence[Found],
    threshold: float,
) -> bool:
    """Whether no passage of these sources and documents reaches `threshold` (a share, see above); False at 0.

    `found`: what was found already, which decides nearly always; else the best passage by words alone is asked for.
    """
    if threshold <= 0:
        return False
    most = _most(connection, organization_id, question, recipe_name)
    if most <= 0 or max((hit.lexical_score for hit in found), default=0.0) >= threshold * most:
        return False
    best = _best(connection, organization_id, question, recipe_name, source_ids, filter)
    return best < threshold * most


def share(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
) -> float:
    """How much of a question the best passage holds, in [0, 1]: what `is_off_topic` holds against its threshold.

    1 where that cannot be told: in too few chunks, and for words that are too common.
    """
    most = _most(connection, organization_id, question, recipe_name)
    if most <= 0:
        return 1.0
    return min(1.0, _best(connection, organization_id, question, recipe_name, source_ids, EVERYTHING) / most)


def _most(connection: Connection, organization_id: UUID, question: str, recipe_name: str) -> float:
    return search.most_lexical(
        connection, organization_id, question=question, recipe_name=recipe_name, fewest=FEWEST_CHUNKS,
        commonest=COMMONEST,
    )  # fmt: skip


def _best(
    connection: Connection,
    organization_id: UUID,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
    filter: Filter,
) -> float:
    said = search.lexical(
        connection, organization_id, question=question, recipe_name=recipe_name, source_ids=source_ids,
        filter=filter, k=1,
    )  # fmt: skip
    return max((hit.lexical_score for hit in said), default=0.0)
