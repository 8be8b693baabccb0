"""The factory knows the embedded model from remote ones."""

import pytest

from resources.foundation.embedded_model import EmbeddedModel
from resources.foundation.embedders import embedder_for
from resources.foundation.errors import Misconfigured
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
