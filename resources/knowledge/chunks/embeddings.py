"""Vectors of contents: one for each text under each model, whatever documents say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from resources.foundation.inference import Vectors
from resources.foundation.statements import Connection, many, run, run_many, statements_for, value
from resources.knowledge.records import Unembedded

SQL = statements_for(__name__)


def lock(connection: Connection, organization_id: UUID) -> None:
    """Be alone, until the transaction ends, in adding or removing vectors or relying on those that are there.

    Without it a sync could count on a vector that another one, at the same moment, takes away as an orphan.
    """
    connection.execute(SQL["lock"], {"organization_id": organization_id})


def select_missing(
    connection: Connection,
    organization_id: UUID,
    *,
    version_ids: Sequence[UUID],
    recipe: str,
    embedding_model_id: UUID,
    without: Iterable[bytes] = (),
    at_most: int,
) -> list[Unembedded]:
    """Contents of these versions that have no vector under the model, each once; those in `without` left out."""
    return many(
        connection, Unembedded, SQL["select_missing"],
        organization_id=organization_id, version_ids=list(version_ids), recipe=recipe,
        embedding_model_id=embedding_model_id, without=list(without), at_most=at_most,
    )  # fmt: skip


def select_present(
    connection: Connection, organization_id: UUID, *, embedding_model_id: UUID, content_hashes: Iterable[bytes]
) -> set[bytes]:
    """Of these contents, those that have a vector under a model."""
    rows = connection.execute(
        SQL["select_present"],
        {"organization_id": organization_id, "embedding_model_id": embedding_model_id,
         "content_hashes": list(content_hashes)},
    )  # fmt: skip
    return {row[0] for row in rows}


def select_incomplete(
    connection: Connection, organization_id: UUID, *, version_ids: Sequence[UUID], recipe: str, embedding_model_id: UUID
) -> set[UUID]:
    """Of these versions, those that lack chunks under the recipe or vectors under the model."""
    rows = connection.execute(
        SQL["select_incomplete"],
        {
            "organization_id": organization_id, "version_ids": list(version_ids), "recipe": recipe,
            "embedding_model_id": embedding_model_id,
        },
    )  # fmt: skip
    return {row[0] for row in rows}


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    embedding_model_id: UUID,
    content_hashes: Sequence[bytes],
    vectors: Vectors,
) -> None:
    """Keep vectors, float32 of shape (len(content_hashes), dimension); those that are there stay as they are."""
    shared = {"organization_id": organization_id, "embedding_model_id": embedding_model_id}
    rows = [
        shared | {"content_hash": content_hash, "embedding": vector}
        for content_hash, vector in zip(content_hashes, vectors, strict=True)
    ]
    run_many(connection, SQL["create"], rows)


def count_of_model(connection: Connection, organization_id: UUID, embedding_model_id: UUID) -> int:
    """How many vectors the organization has of a model."""
    return int(
        value(connection, SQL["count_of_model"], organization_id=organization_id, embedding_model_id=embedding_model_id)
    )


def remove_unused(connection: Connection, organization_id: UUID) -> int:
    """Take away the vectors that no chunk of the organization uses, under all models; how many they were."""
    return run(connection, SQL["remove_unused"], organization_id=organization_id)


def remove_orphans(connection: Connection, organization_id: UUID, content_hashes: Iterable[bytes]) -> int:
    """Take away the vectors of these contents that no chunk uses any more, under all models; how many they were."""
    hashes = list(content_hashes)
    if not hashes:
        return 0
    return run(connection, SQL["remove_orphans"], organization_id=organization_id, content_hashes=hashes)
