"""A chatbot that can answer at once: itself, one agent and one active configuration."""

from __future__ import annotations

from uuid import UUID

from resources.bots import chatbots
from resources.bots.agents import agents
from resources.bots.configurations import model_config_versions
from resources.bots.records import Chatbot
from resources.foundation.statements import Connection


def ensure_chatbot(
    connection: Connection, organization_id: UUID, *, name: str, embedding_model: str, llm_model: str
) -> Chatbot:
    """The chatbot of that name; where there is none it is made. One that exists keeps its configuration."""
    chatbot = chatbots.find_by_name(connection, organization_id, name)
    if chatbot is not None:
        return chatbot
    chatbot = chatbots.create(connection, organization_id, name=name)
    agents.create(connection, organization_id, chatbot_id=chatbot.id, name="answers")
    model_config_versions.ensure_active(
        connection, organization_id, chatbot.id, embedding_model=embedding_model, llm_model=llm_model
    )
    return chatbot
