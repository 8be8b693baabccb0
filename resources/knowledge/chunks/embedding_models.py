"""The models whose vectors an organization keeps."""

from __future__ import annotations

from uuid import UUID

from resources.foundation.errors import Conflict
from resources.foundation.statements import Connection, find, many, one, statements_for
from resources.knowledge.records import EmbeddingModel

SQL = statements_for(__name__)


def register(
    connection: Connection, organization_id: UUID, *, name: str, version: str, dimension: int
) -> EmbeddingModel:
    """The row of a model, made where it is missing. Raises Conflict when it is known with another dimension."""
    # looked up first: an insert that meets a row would lock it, and write
    model = find(
        connection, EmbeddingModel, SQL["find"], organization_id=organization_id, name=name, version=version
    ) or one(
        connection, EmbeddingModel, SQL["register"], missing=f"embedding model {name!r} was not registered",
        organization_id=organization_id, name=name, version=version, dimension=dimension,
    )  # fmt: skip
    if model.dimension != dimension:
        raise Conflict(
            f"embedding model {name!r} ({version}) has {model.dimension} dimensions here, not {dimension}: "
            "its vectors cannot be compared; give the model that changed another version or name"
        )
    return model


def get(connection: Connection, organization_id: UUID, id: UUID) -> EmbeddingModel:
    """A model; raises Missing."""
    return one(
        connection, EmbeddingModel, SQL["get"], missing=f"there is no embedding model {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID) -> list[EmbeddingModel]:
    """The models of the organization, the newest first."""
    return many(connection, EmbeddingModel, SQL["select_all"], organization_id=organization_id)
