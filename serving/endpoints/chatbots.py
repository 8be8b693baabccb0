"""Chatbots: what clients of the API call models. /v1/chatbots"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.bots import chatbots
from resources.bots.agents import agent_readings, agents
from resources.bots.evaluation import readiness
from resources.bots.records import Chatbot, Dispatching, NewVersion, Visibility
from serving import collections
from serving.collections import Alphabetical, Collection, Made, Work, by_id_or_name, given, left_out
from serving.wire_managing import Description, Labels, Long, Name, Strict


class ChatbotBody(BaseModel):
    """A chatbot. Its name is the model's id in /v1/models and /v1/chat/completions."""

    object: Literal["chatbot"] = "chatbot"
    id: UUID
    name: str
    description: str
    visibility: Visibility
    system_prompt: str
    show_citations: bool
    temperature: float
    dispatching: Dispatching
    sources: list[str] = Field(description="The sources that it answers from.")
    created_at: datetime


class ChatbotFields(BaseModel):
    """What may be said of a chatbot."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"show_citations": True, "sources": ["handbook"]}]}
    )
    description: Description = Field(default_factory=left_out)
    visibility: Visibility = Field(default_factory=left_out)
    system_prompt: Long = Field(default_factory=left_out, description="What the model is told first.")
    show_citations: bool = Field(default_factory=left_out)
    temperature: Annotated[float, Field(ge=0, le=2)] = Field(default_factory=left_out)
    dispatching: Dispatching = Field(
        default_factory=left_out, description="By what an agent is chosen where several could take a question alike."
    )
    sources: Labels = Field(default_factory=left_out, description="The sources that it answers from, by name.")


class NewChatbot(ChatbotFields):
    """A chatbot to be made: with an agent that answers, and an active configuration of the installation's models."""

    model_config = ConfigDict(
        **Strict, json_schema_extra={"examples": [{"name": "support", "sources": ["handbook"], "temperature": 0.2}]}
    )
    name: Name


class ChatbotPage(Alphabetical):
    """A page of chatbots."""

    visibility: Visibility | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, CHATBOTS)


def _select(work: Work, page: ChatbotPage) -> list[Chatbot]:
    every = chatbots.select_all(work.connection, work.organization_id)
    return [each for each in every if page.visibility in (None, each.visibility)]


def _create(work: Work, body: NewChatbot) -> Made[Chatbot]:
    connection, whose = work.connection, work.organization_id
    made = chatbots.create(connection, whose, name=body.name, user_id=work.caller.user_id)
    agents.create(connection, whose, chatbot_id=made.id, name="answers")
    models = NewVersion(work.desk.embedding_model, work.desk.chat_model)
    readiness.adopt(connection, whose, made.id, models, activated_by=work.caller.name)
    return Made(_change(work, made, body))


def _change(work: Work, chatbot: Chatbot, body: ChatbotFields) -> Chatbot:
    values = given(body)
    if "sources" in values:
        agent_readings.set_sources(work.connection, work.organization_id, chatbot.id, values.pop("sources"))
    return chatbots.replace(work.connection, work.organization_id, replace(chatbot, **values))


def _remove(work: Work, chatbot: Chatbot) -> None:
    """Nobody can ask it any more; its conversations stay as long as the rules of retention say."""
    chatbots.remove(work.connection, work.organization_id, chatbot.id)


def _told(work: Work, chatbot: Chatbot) -> ChatbotBody:
    sources = agent_readings.select_sources(work.connection, work.organization_id, chatbot.id)
    created_at = datetime.fromtimestamp(chatbot.created, UTC)
    return ChatbotBody.model_validate({**asdict(chatbot), "sources": sources, "created_at": created_at})


CHATBOTS = Collection(
    name="chatbots", noun="chatbot", scope="manage", body=ChatbotBody, told=_told, select=_select, page=ChatbotPage,
    get=by_id_or_name(chatbots.select_all, "chatbot", "/v1/chatbots"), new=NewChatbot, create=_create,
    changes=ChatbotFields, change=_change, remove=_remove,
)  # fmt: skip
