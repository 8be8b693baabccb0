"""Agents: the parts of a chatbot that take questions, each from its own part of the documents. /v1/agents"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.bots import chatbots
from resources.bots.agents import agent_readings, agents, canned_answers
from resources.bots.agents.agent_readings import Reading
from resources.bots.records import Agent, AgentType, ConversationMode
from resources.foundation.errors import Missing, Refused
from serving import collections
from serving.collections import Alphabetical, Collection, Made, Work, by_id, given, left_out
from serving.wire_managing import Count, Days, Description, Labels, Long, Name, Strict, Words

Penalty = Annotated[float, Field(ge=-2, le=2)]
_READING = ("sources", "tags", "file_types")


class AgentBody(BaseModel):
    """An agent. Null: what its chatbot, or the chatbot's configuration, says holds."""

    object: Literal["agent"] = "agent"
    id: UUID
    chatbot: str
    name: str
    description: str
    type: AgentType
    is_active: bool
    model_provider: str | None
    model_name: str | None
    fallback_models: list[str]
    model_parameters: dict[str, Any]
    conversation_mode: ConversationMode
    context_window: int = Field(description="In tokens.")
    memory_retention_days: int | None
    system_prompt: str
    user_prompt_template: str
    temperature: float | None
    max_tokens: int | None
    top_p: float | None
    frequency_penalty: float | None
    presence_penalty: float | None
    bias: float | None
    stickness: float | None
    default_message: str = Field(description="What it says where the documents say nothing.")
    use_all_sources: bool
    sources: list[str] = Field(description="Where it does not use all sources: those that it reads by name.")
    tags: list[str] = Field(description="Where it does not use all sources: those that bear one of these.")
    file_types: list[str] = Field(description="The kinds of file that it reads; none: all.")
    max_documents: int | None
    similarity_threshold: float | None
    rate_limit_per_hour: int | None
    rate_limit_per_day: int | None
    domain_keywords: list[str]
    expertise_areas: list[str]
    canned_answers: dict[str, str] = Field(description="Of a pre-canned agent: question to answer.")


class AgentFields(BaseModel):
    """What may be said of an agent."""

    model_config = ConfigDict(
        **Strict, protected_namespaces=(),
        json_schema_extra={"examples": [{"domain_keywords": ["invoice", "refund"], "tags": ["billing"]}]},
    )  # fmt: skip
    description: Description = Field(default_factory=left_out)
    type: AgentType = Field(default_factory=left_out)
    is_active: bool = Field(default_factory=left_out)
    model_provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")] | None = None
    model_name: Annotated[Words, Field(min_length=1, max_length=200)] | None = None
    fallback_models: Annotated[Labels, Field(max_length=10)] = Field(default_factory=left_out)
    model_parameters: dict[str, Any] = Field(default_factory=left_out)
    conversation_mode: ConversationMode = Field(default_factory=left_out)
    context_window: Count = Field(default_factory=left_out, description="In tokens.")
    memory_retention_days: Days | None = None
    system_prompt: Long = Field(default_factory=left_out)
    user_prompt_template: Long = Field(default_factory=left_out)
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Count | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    bias: Annotated[float, Field(ge=-100, le=100)] | None = None
    stickness: Annotated[float, Field(ge=-100, le=100)] | None = None
    default_message: Description = Field(default_factory=left_out)
    use_all_sources: bool = Field(default_factory=left_out)
    sources: Labels = Field(default_factory=left_out)
    tags: Labels = Field(default_factory=left_out)
    file_types: Labels = Field(default_factory=left_out)
    max_documents: Count | None = None
    similarity_threshold: Annotated[float, Field(ge=-1, le=1)] | None = None
    rate_limit_per_hour: Count | None = None
    rate_limit_per_day: Count | None = None
    domain_keywords: Labels = Field(default_factory=left_out)
    expertise_areas: Labels = Field(default_factory=left_out)
    canned_answers: Annotated[
        dict[Annotated[Words, Field(min_length=1, max_length=1000)], Annotated[Long, Field(min_length=1)]],
        Field(max_length=500),
    ] = Field(default_factory=left_out)


class NewAgent(AgentFields):
    """An agent to be made."""

    model_config = ConfigDict(
        **Strict, protected_namespaces=(),
        json_schema_extra={
            "examples": [
                {"chatbot": "support", "name": "billing", "use_all_sources": False, "tags": ["billing"],
                 "domain_keywords": ["invoice", "refund"]},
                {"chatbot": "support", "name": "hours", "type": "pre-canned",
                 "canned_answers": {"When are you open?": "From nine to five."}},
            ]
        },
    )  # fmt: skip
    chatbot: Annotated[Name, Field(description="The chatbot's name.")]
    name: Name


class AgentPage(Alphabetical):
    """A page of agents."""

    chatbot: Annotated[Words | None, Field(max_length=100, description="Those of this chatbot only, by name.")] = None
    type: AgentType | None = None
    is_active: bool | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, AGENTS)


def _select(work: Work, page: AgentPage) -> list[Agent]:
    return [
        agent
        for chatbot in chatbots.select_all(work.connection, work.organization_id)
        if page.chatbot in (None, chatbot.name)
        for agent in agents.select_all(work.connection, work.organization_id, chatbot.id)
        if page.type in (None, agent.type) and page.is_active in (None, agent.is_active)
    ]


def _create(work: Work, body: NewAgent) -> Made[Agent]:
    chatbot = chatbots.find_by_name(work.connection, work.organization_id, body.chatbot)
    if chatbot is None:
        raise Missing(f"there is no chatbot {body.chatbot!r}: GET /v1/chatbots lists those there are")
    made = agents.create(
        work.connection, work.organization_id, chatbot_id=chatbot.id, name=body.name, user_id=work.caller.user_id
    )
    return Made(_change(work, made, body))


def _change(work: Work, agent: Agent, body: AgentFields) -> Agent:
    values = {name: value for name, value in given(body).items() if name not in ("chatbot", "name")}
    reading = {name: values.pop(name) for name in _READING if name in values}
    known = values.pop("canned_answers", None)
    agent = agents.replace(work.connection, work.organization_id, replace(agent, **values))
    if reading:
        present = agent_readings.get(work.connection, work.organization_id, agent.id)
        agent_readings.replace(work.connection, work.organization_id, agent.id, replace(present, **reading))
    if known is not None:
        _know(work, agent, known)
    return agent


def _know(work: Work, agent: Agent, answers: Mapping[str, str]) -> None:
    if answers and agent.type != "pre-canned":
        raise Refused("canned_answers are of agents of the type pre-canned: give the type too")
    canned_answers.replace_all(work.connection, work.organization_id, agent.id, answers)


def _remove(work: Work, agent: Agent) -> None:
    """It takes no questions any more; what it answered stays."""
    agents.remove(work.connection, work.organization_id, agent.id)


def _told(work: Work, agent: Agent) -> AgentBody:
    chatbot = chatbots.get(work.connection, work.organization_id, agent.chatbot_id)
    reading: Reading = agent_readings.get(work.connection, work.organization_id, agent.id)
    known = canned_answers.select_of_agent(work.connection, work.organization_id, agent.id)
    return AgentBody.model_validate(
        {
            **asdict(agent), **asdict(reading), "chatbot": chatbot.name,
            "canned_answers": {each.question: each.answer for each in known},
        }
    )  # fmt: skip


def _get(work: Work, part: str) -> Agent:
    agent = _one(work, part)
    # an agent of a chatbot that was removed is there no more than the chatbot
    try:
        chatbots.get(work.connection, work.organization_id, agent.chatbot_id)
    except Missing:
        raise collections.missing("agent", "/v1/agents") from None
    return agent


_one = by_id(agents.get, "agent", "/v1/agents")
AGENTS = Collection(
    name="agents", noun="agent", scope="manage", body=AgentBody, told=_told, select=_select, get=_get, page=AgentPage,
    new=NewAgent, create=_create, changes=AgentFields, change=_change, remove=_remove,
)  # fmt: skip
