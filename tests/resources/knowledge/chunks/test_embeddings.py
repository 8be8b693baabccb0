"""One vector for one content under one model, for as long as a chunk uses it."""

from __future__ import annotations

import numpy
import pytest

from resources.knowledge.chunks import embeddings
from tests.conftest import make_organization
from tests.factories.embedders import HashEmbedder
from tests.factories.workshops import Workshop

PRICES = "Rye costs three crowns a sack, wheat five."


def test_stored_vectors_are_those_of_the_model(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    ((vector,),) = workshop.rows(b"select embedding::real[] from knowledge.embeddings")
    assert numpy.allclose(vector, HashEmbedder().embed([PRICES])[0])  # type: ignore[arg-type]


def test_a_vector_that_is_there_stays_as_it_is(workshop: Workshop) -> None:
    recipe, embedder = workshop.recipes()[0]
    hashes = [bytes([n]) * 32 for n in range(3)]
    first, other = embedder.embed(["a", "b", "c"]), embedder.embed(["d", "e", "f"])
    for vectors in (first, other):
        with workshop.database.transaction(workshop.organization_id) as connection:
            embeddings.create(
                connection, workshop.organization_id, embedding_model_id=recipe.embedding_model_id,
                content_hashes=hashes, vectors=vectors,
            )  # fmt: skip
    stored = workshop.rows(b"select embedding::real[] from knowledge.embeddings order by content_hash")
    assert numpy.allclose([row[0] for row in stored], first)  # type: ignore[arg-type]
    with workshop.database.transaction(workshop.organization_id) as connection:
        count = embeddings.count_of_model(connection, workshop.organization_id, recipe.embedding_model_id)
    assert count == 3


def test_a_missing_vector_is_an_error_and_never_a_shifted_one(workshop: Workshop) -> None:
    recipe, embedder = workshop.recipes()[0]
    with (
        pytest.raises(ValueError, match="zip"),
        workshop.database.transaction(workshop.organization_id) as connection,
    ):
        embeddings.create(
            connection, workshop.organization_id, embedding_model_id=recipe.embedding_model_id,
            content_hashes=[b"a" * 32, b"b" * 32], vectors=embedder.embed(["a"]),
        )  # fmt: skip


def test_only_what_no_chunk_uses_is_an_orphan(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    ((used,),) = workshop.rows(b"select content_hash from knowledge.chunks")
    recipe, embedder = workshop.recipes()[0]
    assert isinstance(used, bytes)
    with workshop.database.transaction(workshop.organization_id) as connection:
        embeddings.create(
            connection, workshop.organization_id, embedding_model_id=recipe.embedding_model_id,
            content_hashes=[b"x" * 32, b"y" * 32], vectors=embedder.embed(["x", "y"]),
        )  # fmt: skip
        assert embeddings.remove_orphans(connection, workshop.organization_id, [used, b"x" * 32]) == 1
        assert embeddings.remove_orphans(connection, workshop.organization_id, []) == 0
    assert workshop.vectors() == 2


def test_no_vector_is_shared_between_organizations(workshop: Workshop) -> None:
    workshop.write("a.txt", PRICES)
    workshop.sync()
    stranger = make_organization(workshop.database, "stranger")
    with workshop.database.transaction(stranger) as connection:
        assert connection.execute("select count(*) from knowledge.embeddings").fetchone() == (0,)
