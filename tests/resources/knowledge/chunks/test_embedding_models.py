"""A model is known by name and version, and has one dimension."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing
from resources.knowledge.chunks import embedding_models


def test_registering_twice_gives_the_same_model(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        first = embedding_models.register(connection, organization_id, name="hash", version="1", dimension=8)
        again = embedding_models.register(connection, organization_id, name="hash", version="1", dimension=8)
        other = embedding_models.register(connection, organization_id, name="hash", version="2", dimension=9)
        assert again == first
        assert embedding_models.get(connection, organization_id, other.id) == other
        assert {m.id for m in embedding_models.select_all(connection, organization_id)} == {first.id, other.id}
        with pytest.raises(Missing):
            embedding_models.get(connection, organization_id, uuid4())


def test_another_dimension_under_the_same_name_is_a_conflict(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        embedding_models.register(connection, organization_id, name="hash", version="1", dimension=8)
        with pytest.raises(Conflict, match="8 dimensions here, not 9"):
            embedding_models.register(connection, organization_id, name="hash", version="1", dimension=9)
