"""Agents: which sources each of them reads, and which values they may have."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.foundation.database import Database
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection
from resources.knowledge.sources import data_sources, tags


def test_agents_are_listed_in_the_order_they_came(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
    for name in ("zoe", "abe"):
        with database.transaction(organization_id) as connection:
            agents.create(connection, organization_id, chatbot_id=bot.id, name=name, domain_keywords=["mill"])
    with database.transaction(organization_id) as connection:
        found = agents.select_all(connection, organization_id, bot.id)
        assert [agent.name for agent in found] == ["zoe", "abe"]
        assert found[0] == agents.get(connection, organization_id, found[0].id)
        agents.set_active(connection, organization_id, found[0].id, is_active=False)
        assert not agents.get(connection, organization_id, found[0].id).is_active


def test_what_cannot_be_made_is_refused_by_name(database: Database, organization_id: UUID) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
        agents.create(connection, organization_id, chatbot_id=bot.id, name="answers")
        with pytest.raises(Conflict, match="answers"):
            agents.create(connection, organization_id, chatbot_id=bot.id, name="answers")
        with pytest.raises(Refused, match="temperature"):
            agents.create(connection, organization_id, chatbot_id=bot.id, name="hot", temperature=3)
        with pytest.raises(Missing):
            agents.create(connection, organization_id, chatbot_id=uuid4(), name="lost")
        with pytest.raises(Missing):
            agents.set_active(connection, organization_id, uuid4(), is_active=True)
        with pytest.raises(Missing):
            agents.attach_source(connection, organization_id, uuid4(), uuid4())
        with pytest.raises(Missing):
            agents.attach_tag(connection, organization_id, uuid4(), uuid4())


def test_an_agent_reads_all_of_its_chatbots_sources_or_those_it_is_given_by_name_or_tag(
    database: Database, organization_id: UUID
) -> None:
    with database.transaction(organization_id) as connection:
        bot = chatbots.create(connection, organization_id, name="handbook")
        named, tagged, unread = (_source(connection, organization_id, bot.id, name) for name in ("a", "b", "c"))
        foreign = data_sources.create(connection, organization_id, name="d", config={"location": "."}).id
        safety = tags.create(connection, organization_id, name="safety")
        tags.attach(connection, organization_id, source_id=tagged, tag_id=safety.id)
        broad = agents.create(connection, organization_id, chatbot_id=bot.id, name="broad")
        narrow = agents.create(connection, organization_id, chatbot_id=bot.id, name="narrow", use_all_sources=False)
        for source_id in (named, foreign):
            agents.attach_source(connection, organization_id, narrow.id, source_id)
        agents.attach_tag(connection, organization_id, narrow.id, safety.id)
        assert set(agents.select_source_ids(connection, organization_id, broad.id)) == {named, tagged, unread}
        assert set(agents.select_source_ids(connection, organization_id, narrow.id)) == {named, tagged}


def _source(connection: Connection, organization_id: UUID, chatbot_id: UUID, name: str) -> UUID:
    source = data_sources.create(connection, organization_id, name=name, config={"location": "."})
    chatbots.attach_source(connection, organization_id, chatbot_id, source.id)
    return source.id
