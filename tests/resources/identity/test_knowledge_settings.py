"""A user's defaults are kept, and bounded."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from resources.identity import knowledge_settings, users
from resources.identity.records import KnowledgeSettings


def test_who_never_chose_has_the_products_defaults(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        assert knowledge_settings.get(connection, organization_id, uuid4()) == KnowledgeSettings()


def test_a_users_choice_takes_the_place_of_the_last(database: Database, organization_id: UUID) -> None:
    first = KnowledgeSettings(default_chunk_size=800, document_retention_days=30, default_similarity_threshold=0.25)
    second = replace(first, default_chunk_size=None, max_search_results=7, sync_notifications=False)
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        for chosen in (first, second):
            knowledge_settings.replace(connection, organization_id, mia.id, chosen)
            assert knowledge_settings.get(connection, organization_id, mia.id) == chosen


def test_a_value_out_of_range_is_refused_by_name(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        mia = users.create(connection, organization_id, username="mia", email="mia@mill.example")
        with pytest.raises(Refused, match="default_chunk_size is out of range"):
            knowledge_settings.replace(connection, organization_id, mia.id, KnowledgeSettings(default_chunk_size=3))


def test_nobody_has_no_settings_to_keep(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection, pytest.raises(Missing):
        knowledge_settings.replace(connection, organization_id, uuid4(), KnowledgeSettings())
