"""Whether documents, chunks and vectors of a source agree: counted, so that a sync can prove itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from resources.foundation.statements import Connection, one, statements_for, value
from resources.knowledge.records import Held, Recipe, RecipeReconciliation, Reconciliation

SQL = statements_for(__name__)
Countable = Literal["documents", "chunks", "vectors"]
_COUNTS: Mapping[Countable, bytes] = {
    "documents": SQL["count_documents"],
    "chunks": SQL["count_chunks"],
    "vectors": SQL["count_vectors"],
}


def get(connection: Connection, organization_id: UUID, data_source_id: UUID) -> Reconciliation:
    """What the source holds and what of it does not agree; raises Missing."""
    return one(
        connection, Reconciliation, SQL["get"], missing=f"there is no source {data_source_id}",
        organization_id=organization_id, data_source_id=data_source_id,
    )  # fmt: skip


def get_held(connection: Connection, organization_id: UUID, data_source_id: UUID) -> Held:
    """What the source holds: far sooner counted than all that `get` counts."""
    return one(
        connection, Held, SQL["get_held"], missing="nothing was counted",
        organization_id=organization_id, data_source_id=data_source_id,
    )  # fmt: skip


def count_missing(
    connection: Connection, organization_id: UUID, data_source_id: UUID, *, recipes: Sequence[Recipe]
) -> int:
    """How many documents are not cut, and how many chunks not embedded, as these recipes ask for."""
    return sum(get_of_recipe(connection, organization_id, data_source_id, recipe).missing for recipe in recipes)


def get_of_recipe(
    connection: Connection, organization_id: UUID, data_source_id: UUID, recipe: Recipe
) -> RecipeReconciliation:
    """What of the source does not agree under one recipe: far sooner counted than all that `get` counts."""
    return one(
        connection, RecipeReconciliation, SQL["get_of_recipe"], missing="nothing was counted",
        organization_id=organization_id, data_source_id=data_source_id, recipe=recipe.name,
        embedding_model_id=recipe.embedding_model_id,
    )  # fmt: skip


def count_orphaned_vectors(connection: Connection, organization_id: UUID) -> int:
    """How many vectors of the organization no chunk needs any more."""
    return int(value(connection, SQL["count_orphaned_vectors"], organization_id=organization_id))


def count(connection: Connection, organization_id: UUID, data_source_id: UUID, *, what: Countable) -> int:
    """How many documents, chunks or vectors of visible chunks the source has now."""
    return int(value(connection, _COUNTS[what], organization_id=organization_id, data_source_id=data_source_id))
