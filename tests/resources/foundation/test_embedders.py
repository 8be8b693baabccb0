"""The factory knows the embedded model from remote ones; who failed again and again is let alone for a while."""

from collections.abc import Sequence

import numpy
import pytest

from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.embedders import FAILURES, REST_S, WaryEmbedder, embedder_for
from resources.foundation.errors import Misconfigured, Unavailable
from resources.foundation.inference import Vectors
from resources.foundation.openai_provider import RemoteEmbedder


def test_no_name_and_its_own_name_mean_the_embedded_model() -> None:
    assert isinstance(embedder_for(), EmbeddedModel)
    assert isinstance(embedder_for(model="wordllama-256", dimension=256), EmbeddedModel)


def test_every_other_name_is_remote() -> None:
    embedder = embedder_for(model="text-embedding-3-small", api_key="sk-test")
    assert isinstance(embedder, RemoteEmbedder)
    assert (embedder.name, embedder.dimension) == ("text-embedding-3-small", 1536)


def test_the_embedded_model_has_one_dimension() -> None:
    with pytest.raises(Misconfigured, match="256"):
        embedder_for(dimension=1024)


class Moody:
    """An embedder that fails while it is told to, and counts how often it is asked."""

    name, version, dimension = "moody", "1", 2

    def __init__(self) -> None:
        self.is_away = True
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        if self.is_away:
            raise Unavailable("away")
        return numpy.ones((len(texts), 2), dtype=numpy.float32)


def fails(wary: WaryEmbedder) -> bool:
    try:
        wary.embed(["rye"])
    except Unavailable:
        return True
    return False


def test_who_fails_again_and_again_rests_and_is_then_tried_by_one() -> None:
    now = [100.0]
    moody = Moody()
    wary = WaryEmbedder(moody, clock=lambda: now[0])
    assert [fails(wary) for _ in range(10)] == [True] * 10
    assert moody.asked == FAILURES
    with pytest.raises(Unavailable, match="failed 3 times on end: it is asked again in 15 s"):
        wary.embed(["rye"])
    now[0] += REST_S
    assert [fails(wary) for _ in range(3)] == [True] * 3
    assert moody.asked == FAILURES + 1
    moody.is_away = False
    assert fails(wary)
    now[0] += REST_S
    assert [fails(wary) for _ in range(3)] == [False] * 3


def test_failures_that_do_not_follow_each_other_count_for_nothing() -> None:
    moody = Moody()
    wary = WaryEmbedder(moody)
    for _ in range(5):
        moody.is_away = True
        assert [fails(wary) for _ in range(FAILURES - 1)] == [True] * (FAILURES - 1)
        moody.is_away = False
        assert not fails(wary)
    assert (wary.name, wary.version, wary.dimension) == ("moody", "1", 2)
