"""Vectors that mean the same are grouped: whatever their order, however many, and no others with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
from numpy.typing import NDArray

from resources.analytics.clustering import background, grouped
from resources.foundation.embedders import embedder_for

TOPICS = 12


def planted(*, of_each: int, spread: float, alone: int = 0, seed: int = 5) -> tuple[NDArray[numpy.float32], list[int]]:
    """Vectors around twelve middles, and some that are near to nothing; with the topic of each, -1 for none."""
    random = numpy.random.default_rng(seed)
    middles = random.normal(size=(TOPICS, 64))
    near = [middle + spread * random.normal(size=(of_each, 64)) for middle in middles]
    vectors = numpy.concatenate([*near, random.normal(size=(alone, 64))])
    units = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return units.astype(numpy.float32), [topic for topic in range(TOPICS) for _ in range(of_each)] + [-1] * alone


def parts(groups: NDArray[numpy.int64]) -> set[frozenset[int]]:
    """Which vectors lie together."""
    return {frozenset(numpy.flatnonzero(groups == group).tolist()) for group in set(groups.tolist()) if group >= 0}


@pytest.mark.parametrize("spread", [0.2, 0.6, 0.9])
def test_planted_groups_are_found_as_they_were_planted(spread: float) -> None:
    vectors, topics = planted(of_each=40, spread=spread)
    found = grouped(vectors, least=0.35)
    assert parts(found.groups) == parts(numpy.array(topics))


def test_what_is_near_to_nothing_lies_in_no_group() -> None:
    vectors, topics = planted(of_each=20, spread=0.4, alone=15)
    found = grouped(vectors, least=0.6)
    assert (found.groups[-15:] == -1).all()
    assert parts(found.groups) == parts(numpy.array(topics))
    assert (found.likeness[:-15] > 0.6).all()


def test_the_order_of_the_vectors_changes_nothing() -> None:
    vectors, _ = planted(of_each=30, spread=1.0, alone=30)
    order = numpy.random.default_rng(1).permutation(len(vectors))
    first, second = grouped(vectors, least=0.3), grouped(vectors[order], least=0.3)
    unshuffled = numpy.empty_like(second.groups)
    unshuffled[order] = second.groups
    assert parts(first.groups) == parts(unshuffled)


def test_half_precision_finds_the_same() -> None:
    vectors, topics = planted(of_each=20, spread=0.5)
    assert parts(grouped(vectors.astype(numpy.float16), least=0.4).groups) == parts(numpy.array(topics))


def test_more_vectors_than_are_compared_in_pairs_are_led_together_first() -> None:
    vectors, topics = planted(of_each=600, spread=0.45)
    found = grouped(vectors, least=0.35)
    assert parts(found.groups) == parts(numpy.array(topics))


def test_groups_are_numbered_by_size() -> None:
    random = numpy.random.default_rng(2)
    middles = random.normal(size=(3, 32))
    vectors = numpy.concatenate([middles[[at] * n] for at, n in enumerate((2, 7, 4))])
    assert numpy.bincount(grouped(vectors, least=0.5).groups).tolist() == [7, 4, 2]


def test_the_same_asked_twice_is_a_group_and_one_alone_is_none() -> None:
    vectors = numpy.eye(4, dtype=numpy.float32)[[0, 1, 0, 2]]
    assert grouped(vectors, least=0.5).groups.tolist() == [0, -1, 0, -1]
    assert grouped(vectors[:1], least=0.5).count == 0
    assert grouped(vectors[:0], least=0.5).count == 0


def test_what_two_texts_have_in_common_is_known_by_pairs_taken_at_random() -> None:
    shared = numpy.ones(64) / 8
    random = numpy.random.default_rng(3).normal(size=(200, 64))
    units = random / numpy.linalg.norm(random, axis=1, keepdims=True)
    assert background([*units]) == pytest.approx(0, abs=0.02)
    assert background([*(units + shared)]) == pytest.approx(0.5, abs=0.05)
    assert background([*units[:5]]) == 0.1


@pytest.mark.campaign
def test_questions_of_squad_lie_with_those_of_their_article(shared_data: Path) -> None:
    """A thousand questions about 35 articles: three of four are in a group with a majority of their own article."""
    folder = shared_data / "retrieval" / "squad20-dev"
    articles = {}
    for row in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, passage, _ = row.split("\t")
        articles[query] = passage.partition("#")[0]
    questions = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    known = [one for one in questions if one["id"] in articles]
    chosen = [known[at] for at in numpy.random.default_rng(1).choice(len(known), 1000, replace=False)]
    found = grouped(embedder_for().embed([one["text"] for one in chosen]), least=0.3)
    named = numpy.array([articles[one["id"]] for one in chosen])
    majority = sum(
        numpy.unique(named[found.groups == group], return_counts=True)[1].max() for group in range(found.count)
    )
    assert majority / (found.groups >= 0).sum() > 0.75
