"""Tags group sources."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.knowledge.sources import data_sources, tags


def test_a_source_bears_the_tags_attached_to_it(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="handbook", config={})
        safety = tags.create(connection, organization_id, name="safety", description="Keep your fingers")
        prices = tags.create(connection, organization_id, name="prices")
        for tag in (safety, prices, safety):
            tags.attach(connection, organization_id, source_id=source.id, tag_id=tag.id)
        assert tags.select_of_source(connection, organization_id, source.id) == [prices, safety]
        tags.detach(connection, organization_id, source_id=source.id, tag_id=prices.id)
        assert tags.select_of_source(connection, organization_id, source.id) == [safety]


def test_a_removed_tag_is_seen_nowhere_and_its_name_is_free(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        source = data_sources.create(connection, organization_id, name="handbook", config={})
        tag = tags.create(connection, organization_id, name="safety")
        tags.attach(connection, organization_id, source_id=source.id, tag_id=tag.id)
        tags.remove(connection, organization_id, tag.id)
        assert tags.select_all(connection, organization_id) == []
        assert tags.select_of_source(connection, organization_id, source.id) == []
        assert tags.find_by_name(connection, organization_id, "safety") is None
        again = tags.create(connection, organization_id, name="safety")
        assert tags.find_by_name(connection, organization_id, "safety") == again


def test_names_that_cannot_be_are_refused(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        tags.create(connection, organization_id, name="safety")
    with pytest.raises(Conflict), database.transaction(organization_id) as connection:
        tags.create(connection, organization_id, name="safety")
    with pytest.raises(Refused), database.transaction(organization_id) as connection:
        tags.create(connection, organization_id, name="")
    with pytest.raises(Missing), database.transaction(organization_id) as connection:
        tags.remove(connection, organization_id, uuid4())
