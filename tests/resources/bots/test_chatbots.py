"""Chatbots: names, the sources they answer from, and what remains of them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.bots import chatbots
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.knowledge.sources import data_sources
from tests.conftest import make_organization


def test_a_chatbot_is_found_by_its_name_in_its_organization_alone(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        made = chatbots.create(connection, organization_id, name="handbook")
        assert chatbots.find_by_name(connection, organization_id, "handbook") == made
        assert chatbots.get(connection, organization_id, made.id) == made
        assert chatbots.select_all(connection, organization_id) == [made]
    other_id = make_organization(database, "other")
    with database.transaction(other_id) as connection:
        assert chatbots.find_by_name(connection, other_id, "handbook") is None
        assert chatbots.find_by_name(connection, organization_id, "handbook") is None


def test_a_name_is_taken_once_and_free_again_when_its_chatbot_is_retired(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        first = chatbots.create(connection, organization_id, name="handbook")
        with pytest.raises(Conflict, match="handbook"):
            chatbots.create(connection, organization_id, name="handbook")
        with pytest.raises(Refused, match="name"):
            chatbots.create(connection, organization_id, name="../etc")
        chatbots.remove(connection, organization_id, first.id)
        with pytest.raises(Missing):
            chatbots.get(connection, organization_id, first.id)
        with pytest.raises(Missing):
            chatbots.remove(connection, organization_id, first.id)
        assert chatbots.create(connection, organization_id, name="handbook").id != first.id


def test_a_chatbot_answers_from_its_sources_until_they_are_removed(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
        ids = [
            data_sources.create(connection, organization_id, name=name, config={"location": "."}).id
            for name in ("one", "two", "three")
        ]
        for source_id in (*ids, ids[0]):
            chatbots.attach_source(connection, organization_id, bot.id, source_id)
        assert set(chatbots.select_source_ids(connection, organization_id, bot.id)) == set(ids)
        assert chatbots.detach_source(connection, organization_id, bot.id, ids[0])
        data_sources.remove(connection, organization_id, ids[1])
        assert chatbots.select_source_ids(connection, organization_id, bot.id) == [ids[2]]
        with pytest.raises(Missing):
            chatbots.attach_source(connection, organization_id, bot.id, uuid4())
