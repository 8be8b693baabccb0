"""Gaps: what people ask and get no good answer to, gathered by meaning and held against the documents that there are.

Questions are compared by the vectors that their searches were made with, so no model is asked, and nothing is paid.
Vectors of two models cannot be compared: their questions lie in clusters of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from uuid import UUID, uuid4

import numpy
from numpy.typing import NDArray

from resources.analytics import labelling
from resources.analytics.clustering import Grouped, background, grouped
from resources.conversations import clustered_questions, question_cluster_passages, question_clusters
from resources.conversations.clustered_questions import Model, Usual
from resources.conversations.question_clusters import QuestionCluster, Searched, Standing
from resources.foundation.database import Database
from resources.knowledge.records import Found
from resources.knowledge.search import search

LATE_DAYS = 30
"""A thumb may come so much later than the question: as many days are gathered again."""

MOST_BYTES = 128 * 2**20
"""The memory of the vectors that are compared at once, in half precision: 262,144 questions of 256 dimensions."""

USUAL = 1_000
SHARE = 0.27
"""How much of the way from the likeness of two questions taken at random to sameness two of a cluster have to go."""

SOUGHT = 200
TYPICAL = 3
PASSAGES = 3
FEWEST_ANSWERED = 20
FEWEST_ALIKE = 5

FEW = 500
"""Fewer questions than that are gathered within the hour, so that the first ones need not wait for a night."""

MOST_ANSWERED = 200

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Gathered:
    """What a run came to: the questions of its days; of all that are kept, those compared and those in clusters."""

    questions: int
    compared: int
    clustered: int
    clusters: int
    missing: int
    largest: int


@dataclass(frozen=True)
class _Asked:
    """The questions of a model, in the rows of `vectors`."""

    ids: list[UUID]
    before: list[UUID | None]
    texts: list[str]
    vectors: NDArray[numpy.float16]


@dataclass(frozen=True)
class _Nearest:
    """What lies nearest to a cluster: passages, and the median cosine of the nearest one."""

    score: float | None = None
    passages: Sequence[Found] = ()


@dataclass
class _Usual:
    """What nine of ten, and three of four answered questions reach with their nearest passage; None for too few."""

    low: float | None = None
    usual: float | None = None


@dataclass
class _Counts:
    compared: int = 0
    clustered: int = 0
    clusters: int = 0
    missing: int = 0
    largest: int = 0
    ids: set[UUID] = field(default_factory=set)


def refresh(
    database: Database,
    organization_id: UUID,
    *,
    since: date,
    until: date,
    progress: Progress | None = None,
    most_bytes: int = MOST_BYTES,
) -> Gathered:
    """Gather the questions of some days, and put all that are kept into clusters anew; the same again for the same.

    A cluster keeps its id where most of its questions stay together. Nothing is held while vectors are compared.
    """
    with database.transaction(organization_id) as connection:
        questions = clustered_questions.collect(
            connection, organization_id, since=since - timedelta(days=LATE_DAYS), until=until
        )
        models = clustered_questions.select_models(connection, organization_id)
    counts = _Counts()
    for model in models:
        _cluster(database, organization_id, model, counts, progress, most_bytes)
    with database.transaction(organization_id) as connection:
        question_clusters.lock(connection, organization_id)
        question_clusters.remove_empty(connection, organization_id)
    return Gathered(
        questions, counts.compared, counts.clustered, counts.clusters, counts.missing, counts.largest
    )  # fmt: skip


def refresh_few(database: Database, organization_id: UUID, *, today: date) -> Gathered | None:
    """Gather until now where that is soon done and something was asked in vain; else None: it waits for the night."""
    with database.transaction(organization_id) as connection:
        if not clustered_questions.has_news(connection, organization_id, since=today - timedelta(days=1), few=FEW):
            return None
    return refresh(database, organization_id, since=today, until=today + timedelta(days=1))


def standing_of(
    nearest: float | None, low: float | None, usual: float | None, *, alike: int = 0, alike_answered: int = 0
) -> Standing:
    """Whether documents are missing: the nearest passage is farther than for nine of ten questions that are answered.

    Present, where it is as near as for three of four, or where half of five or more questions like these were answered
    with a citation. The scores alone, measured on SQuAD 2.0 with five of 35 articles taken away, three
    times: 53 % of the clusters about these were called missing and 13 % present; of all others 5 % were called missing.
    """
    if alike >= FEWEST_ALIKE and 2 * alike_answered >= alike:
        return "present"
    if nearest is None or low is None or usual is None:
        return "unknown"
    return "missing" if nearest < low else "present" if nearest >= usual else "unclear"


def _cluster(
    database: Database,
    organization_id: UUID,
    model: Model,
    counts: _Counts,
    progress: Progress | None,
    most_bytes: int,
) -> None:
    asked, usual = _read(database, organization_id, model, most_bytes)
    least = background([one.query_embedding for one in usual])
    least += SHARE * (1 - least)
    found = grouped(asked.vectors, least=least)
    sizes = numpy.bincount(found.groups[found.groups >= 0], minlength=found.count)
    nearest, normal = _held_against_documents(database, organization_id, model, asked, found, usual, progress)
    alike = _alike(asked, found, usual, least)
    words = _named(database, organization_id, asked, found, usual)
    ids = _kept_ids(asked, found, counts.ids)
    clusters = [
        QuestionCluster(
            id, model.name, words[at],
            standing_of(nearest[at].score, normal.low, normal.usual, alike=alike[at][0], alike_answered=alike[at][1]),
            nearest[at].score, normal.low, normal.usual, *alike[at],
        )
        for at, id in enumerate(ids)
    ]  # fmt: skip
    with database.transaction(organization_id) as connection:
        question_clusters.lock(connection, organization_id)
        for cluster, near in zip(clusters, nearest, strict=True):
            question_clusters.replace(connection, organization_id, cluster)
            question_cluster_passages.replace(connection, organization_id, cluster.id, near.passages)
        clustered_questions.set_clusters(
            connection, organization_id, retrieval_log_ids=asked.ids,
            question_cluster_ids=[ids[at] if at >= 0 else None for at in found.groups],
            likenesses=[
                float(likeness) if at >= 0 else None for at, likeness in zip(found.groups, found.likeness, strict=True)
            ],
        )  # fmt: skip
    counts.ids.update(ids)
    counts.compared += len(asked.ids)
    counts.clustered += int(sizes.sum())
    counts.clusters += found.count
    counts.missing += sum(cluster.standing == "missing" for cluster in clusters)
    counts.largest = max(counts.largest, int(sizes.max(initial=0)))


def _read(database: Database, organization_id: UUID, model: Model, most_bytes: int) -> tuple[_Asked, list[Usual]]:
    at_most = max(1, min(model.questions, most_bytes // (2 * model.dimension)))
    asked = _Asked([], [], [], numpy.empty((at_most, model.dimension), numpy.float16))
    with database.transaction(organization_id) as connection:
        for one in clustered_questions.each_asked(connection, organization_id, model, at_most=at_most):
            asked.vectors[len(asked.ids)] = one.query_embedding
            asked.ids.append(one.retrieval_log_id)
            asked.before.append(one.question_cluster_id)
            asked.texts.append(one.question)
        usual = clustered_questions.select_usual(connection, organization_id, model, at_most=USUAL)
    return _Asked(asked.ids, asked.before, asked.texts, asked.vectors[: len(asked.ids)]), usual


def _held_against_documents(
    database: Database,
    organization_id: UUID,
    model: Model,
    asked: _Asked,
    found: Grouped,
    usual: Sequence[Usual],
    progress: Progress | None,
) -> tuple[list[_Nearest], _Usual]:
    """The passages that are nearest to the largest clusters, and how near those of answered questions lie."""
    nearest = [_Nearest()] * found.count
    with database.transaction(organization_id) as connection:
        recipes = question_clusters.select_recipes(connection, organization_id, model)
    if not recipes or not found.count:
        return nearest, _Usual()
    answered = [one.query_embedding for one in usual if one.is_answered][:MOST_ANSWERED]
    scores = [
        hits[0].dense_score
        for vector in answered
        if (hits := _search(database, organization_id, recipes, vector))
    ]  # fmt: skip
    normal = _Usual()
    if len(scores) >= FEWEST_ANSWERED:
        low, common = numpy.percentile(scores, [10, 25])
        normal = _Usual(float(low), float(common))
    for at, members in zip(range(min(SOUGHT, found.count)), _members(found), strict=False):
        typical = members[numpy.argsort(-found.likeness[members], kind="stable")[:TYPICAL]]
        nearest[at] = _together(
            [_search(database, organization_id, recipes, asked.vectors[one]) for one in typical]
        )  # fmt: skip
        if progress:
            progress("passages near clusters", at + 1, min(SOUGHT, found.count))
    return nearest, normal


def _search(
    database: Database, organization_id: UUID, recipes: Sequence[Searched], vector: NDArray[numpy.floating]
) -> list[Found]:
    """The nearest passages of all sources, in the first recipe that has any."""
    with database.transaction(organization_id) as connection:
        for recipe in recipes:
            hits = search.dense(
                connection, organization_id, vector=vector.astype(numpy.float32), recipe_name=recipe.recipe_name,
                embedding_model_id=recipe.embedding_model_id, source_ids=None, k=PASSAGES,
            )  # fmt: skip
            if hits:
                return hits
    return []


def _together(hits: Sequence[Sequence[Found]]) -> _Nearest:
    """The best passage of each document that the typical questions of a cluster found, nearest first."""
    if not any(hits):
        return _Nearest()
    best: dict[UUID, Found] = {}
    for hit in sorted((hit for some in hits for hit in some), key=lambda hit: (-hit.dense_score, str(hit.chunk_id))):
        best.setdefault(hit.document_id, hit)
    return _Nearest(float(median(some[0].dense_score for some in hits if some)), list(best.values())[:PASSAGES])


def _members(found: Grouped) -> Iterator[NDArray[numpy.int64]]:
    """The rows of each cluster, in their order."""
    order = numpy.argsort(found.groups, kind="stable")
    places = numpy.searchsorted(found.groups[order], numpy.arange(found.count + 1))
    for at in range(found.count):
        yield order[places[at] : places[at + 1]]


def _alike(asked: _Asked, found: Grouped, usual: Sequence[Usual], least: float) -> list[tuple[int, int]]:
    """How many of the latest questions are like each cluster, and how many of these are answered with a citation."""
    if not usual:
        return [(0, 0)] * found.count
    vectors = numpy.stack([one.query_embedding for one in usual])
    is_answered = numpy.array([one.is_answered for one in usual])
    counts = []
    for members in _members(found):
        middle = asked.vectors[members].astype(numpy.float32).mean(axis=0)
        is_alike = vectors @ middle >= least * float(numpy.linalg.norm(middle))
        counts.append((int(is_alike.sum()), int((is_alike & is_answered).sum())))
    return counts


def _named(
    database: Database, organization_id: UUID, asked: _Asked, found: Grouped, usual: Sequence[Usual]
) -> list[list[str]]:
    """The telling words of each cluster."""
    known = set(asked.ids)
    others = [one.question for one in usual if one.id not in known]
    everything = labelling.counted(map(labelling.words_of, (*asked.texts, *others)))
    counts = [labelling.counted(labelling.words_of(asked.texts[one]) for one in members) for members in _members(found)]
    words = {word for group in counts for word, count in group.items() if count > 1}
    with database.transaction(organization_id) as connection:
        stop_words = question_clusters.select_stop_words(connection, organization_id, words)
    total = len(asked.texts) + len(others)
    named = []
    for group, members in zip(counts, _members(found), strict=True):
        elsewhere = Counter({word: everything[word] - count for word, count in group.items()})
        telling = labelling.telling(group, len(members), elsewhere, total - len(members), stop_words=stop_words)
        named.append(labelling.in_order(telling, asked.texts[members[found.likeness[members].argmax()]]))
    return named


def _kept_ids(asked: _Asked, found: Grouped, taken: set[UUID]) -> list[UUID]:
    """The ids of clusters: that of the former one that most of its questions come from, else a new one."""
    ids: list[UUID] = []
    used = set(taken)
    for members in _members(found):
        former = Counter(id for one in members if (id := asked.before[one]) is not None and id not in used)
        best = min(former.items(), key=lambda each: (-each[1], str(each[0])), default=(uuid4(), 0))[0]
        used.add(best)
        ids.append(best)
    return ids
