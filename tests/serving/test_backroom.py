"""The server's backroom does what background agents are to do, by itself, and survives what fails."""

from __future__ import annotations

from uuid import UUID

from resources.bots.agents import agents
from resources.conversations import sessions
from resources.conversations.answering import answers
from resources.conversations.answering.models import ProviderModels
from resources.conversations.records import Answered, Asked
from resources.foundation.database import Database, Server, open_database
from serving.backroom import open_backroom
from serving.house import House
from tests.factories.waiting import wait_until
from tests.serving.conftest import make_office


def test_what_an_answer_leaves_behind_is_done_without_anybody_asking(
    server: Server, database: Database, organization_id: UUID
) -> None:
    office = make_office(database, organization_id)
    with database.transaction(organization_id) as connection:
        agents.create(connection, organization_id, chatbot_id=office.chatbot.id, name="notes", type="background")
    with (
        open_database(server, "millrace_api", most=1) as api,
        open_backroom(House(api, ProviderModels()), every_s=0.05),
    ):
        *_, answered = answers.answer(
            api, organization_id, chatbot=office.chatbot, asked=Asked("Who weighs the grain?"), models=ProviderModels()
        )
        assert isinstance(answered, Answered)
        session_id = answered.session_id

        def summary() -> str:
            with database.transaction(organization_id) as connection:
                return str(sessions.get(connection, organization_id, session_id).context.get("summary", ""))

        wait_until(summary)
    assert "weighs" in summary()
