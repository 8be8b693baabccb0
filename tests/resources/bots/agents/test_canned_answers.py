"""What a pre-canned agent knows by heart, and what a file says of agents."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from resources.bots.agents import agents, canned_answers
from resources.foundation.database import Database
from resources.foundation.errors import Missing, Refused
from tests.factories.library import open_chatbot


def test_an_agent_knows_what_it_was_told_last_and_forgets_the_rest(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id)
    with database.transaction(organization_id) as connection:
        faq = agents.create(connection, organization_id, chatbot_id=chatbot.id, name="faq", type="pre-canned")
        canned_answers.replace_all(connection, organization_id, faq.id, {"Who?": "The mill.", "Where?": "Here."})
        canned_answers.replace_all(connection, organization_id, faq.id, {"Who?": "The miller."})
        known = canned_answers.select_of_chatbot(connection, organization_id, chatbot.id)
        assert [(one.agent_id, one.question, one.answer) for one in known] == [(faq.id, "Who?", "The miller.")]
        agents.set_active(connection, organization_id, faq.id, is_active=False)
        assert canned_answers.select_of_chatbot(connection, organization_id, chatbot.id) == []
        assert len(canned_answers.select_of_agent(connection, organization_id, faq.id)) == 1


def test_what_cannot_be_known_is_refused_by_name(database: Database, organization_id: UUID) -> None:
    chatbot = open_chatbot(database, organization_id)
    with database.transaction(organization_id) as connection:
        faq = agents.create(connection, organization_id, chatbot_id=chatbot.id, name="faq", type="pre-canned")
        with pytest.raises(Refused, match="characters"):
            canned_answers.replace_all(connection, organization_id, faq.id, {"Who?": ""})
        with pytest.raises(Missing, match="no agent"):
            canned_answers.replace_all(connection, organization_id, uuid4(), {"Who?": "The mill."})
