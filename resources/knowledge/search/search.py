"""Find the chunks that answer a question: by its words (BM25), by its meaning (cosine), or by both. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from resources.foundation.model_names import EMBEDDED_MODEL
from resources.foundation.statements import Connection, many, statements_for, value
from resources.knowledge.chunks import identifying
from resources.knowledge.records import Found
from resources.knowledge.search.filtering import EVERYTHING, Filter

SQL = statements_for(__name__)

LEXICAL_WEIGHT = 0.7
DEPTH = 200
ENOUGH = 100
BREADTH = 400
REACH = 4_000
K1 = 0.75
LONGEST_QUESTION = 10_000
# Models whose cosines mean as much for one question as for another: measured (benchmarks/README.md).
STEADY_MODELS = frozenset({EMBEDDED_MODEL})


def hybrid(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    vector: NDArray[numpy.float32] | None,
    recipe_name: str,
    embedding_model_id: UUID | None,
    source_ids: Sequence[UUID] | None,
    k: int,
    lexical_weight: float = LEXICAL_WEIGHT,
    threshold: float = 0.0,
    filter: Filter = EVERYTHING,
    breadth: int = BREADTH,
    is_steady: bool = False,
) -> list[Found]:
    """The k best chunks of a recipe, best first; of these sources only, or of all where `source_ids` is None.

    Of documents only that the filter lets through.

    The best 200 by BM25 and the best 200 by cosine are the candidates. Each gets both scores, both are stretched to
    [0, 1] over the candidates, and `score` is their weighted mean; where no word of the question is known, it is the
    cosine's alone. `is_steady`: nothing is stretched; the words' score is the share of the most that BM25 could give,
    the meaning's is the cosine (after Bruch, Gai and Ingber 2023). BM25: Robertson and Zaragoza 2009, k1 = 0.75,
    b = 0.75, over all chunks of the organization's recipe.
    Where a model's vectors are indexed and many can be seen, the index is walked, `breadth` candidates wide (more where
    some are passed over; at most 1,000), until at least 100 of them can be seen; a breadth of 0 compares all. k come
    wherever there are k. `is_steady`: no further than down to the cosine that is needed to come among the k.
    A chunk whose cosine is below `threshold` is left out; 0 leaves nothing out. `vector` has the model's dimension.
    """
    asked = identifying.worded(question[:LONGEST_QUESTION])
    return many(
        connection,
        Found,
        SQL["hybrid"],
        organization_id=organization_id,
        searchable=asked.words,
        exact=list(asked.exact),
        **_phrases(question),
        vector=vector,
        recipe=recipe_name,
        embedding_model_id=embedding_model_id,
        source_ids=None if source_ids is None else list(source_ids),
        wanted=_wanted(filter),
        k=k,
        depth=max(DEPTH, k),
        enough=max(ENOUGH, k),
        breadth=breadth,
        reach=REACH,
        lexical_weight=lexical_weight,
        threshold=threshold,
        is_steady=is_steady,
        saturation=K1 + 1,
    )


def select_missing_phrases(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
    filter: Filter = EVERYTHING,
) -> list[str]:
    """What is quoted in a question and stands in no passage that may be seen: the search takes it as unquoted then."""
    phrases = identifying.phrases(question[:LONGEST_QUESTION])
    if not phrases:
        return []
    places = connection.execute(
        SQL["select_missing_phrases"],
        {
            "organization_id": organization_id, "recipe": recipe_name, **_phrases(question),
            "source_ids": None if source_ids is None else list(source_ids),
            "wanted": _wanted(filter),
        },
    ).fetchall()  # fmt: skip
    return [phrases[place - 1] for (place,) in places]


def _wanted(filter: Filter) -> Jsonb | None:
    return None if filter.wanted is None else Jsonb(filter.wanted)


def _phrases(question: str) -> dict[str, list[str]]:
    """The quoted phrases of a question as words, and as an exact lexeme where one is a single identifier."""
    phrases = identifying.phrases(question[:LONGEST_QUESTION])
    worded = [identifying.worded(phrase) for phrase in phrases]
    exact = [
        identifying.literal(sorted(each.exact, key=len)[-1:]) if len(phrase.split()) == 1 else ""
        for phrase, each in zip(phrases, worded, strict=True)
    ]
    return {"phrases": [each.words for each in worded], "phrase_exacts": exact}


def lexical(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    source_ids: Sequence[UUID] | None,
    k: int,
    filter: Filter = EVERYTHING,
) -> list[Found]:
    """The k best chunks by BM25 alone; only such as hold a word of the question."""
    return hybrid(
        connection,
        organization_id,
        question=question,
        vector=None,
        recipe_name=recipe_name,
        embedding_model_id=None,
        source_ids=source_ids,
        filter=filter,
        k=k,
        lexical_weight=1.0,
    )


def dense(
    connection: Connection,
    organization_id: UUID,
    *,
    vector: NDArray[numpy.float32],
    recipe_name: str,
    embedding_model_id: UUID,
    source_ids: Sequence[UUID] | None,
    k: int,
    breadth: int = BREADTH,
) -> list[Found]:
    """The k best chunks by cosine alone; by a breadth of 0 exactly."""
    return hybrid(
        connection,
        organization_id,
        question="",
        vector=vector,
        recipe_name=recipe_name,
        embedding_model_id=embedding_model_id,
        source_ids=source_ids,
        k=k,
        lexical_weight=0.0,
        breadth=breadth,
    )


def most_lexical(
    connection: Connection,
    organization_id: UUID,
    *,
    question: str,
    recipe_name: str,
    fewest: int = 0,
    commonest: float | None = None,
) -> float:
    """The BM25 that no chunk can exceed for the question's words; words that no chunk holds count in full.

    Identifiers as they are written, which their words say already, count where a chunk has them. 0 where the recipe has
    less than `fewest` chunks, or where a word stands in the share `commonest` of them or more.
    """
    asked = identifying.worded(question[:LONGEST_QUESTION])
    most: float = value(
        connection, SQL["most_lexical"], organization_id=organization_id, recipe=recipe_name,
        searchable=asked.words, exact=list(asked.exact), saturation=K1 + 1, fewest=fewest,
        commonest=commonest,
    )  # fmt: skip
    return most
