"""Agents: the parts of a chatbot that take a question, and what each of them reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from uuid import UUID

from psycopg.errors import CheckViolation, ForeignKeyViolation, UniqueViolation
from psycopg.types.json import Jsonb

from resources.bots.records import Agent, AgentType, ConversationMode
from resources.foundation.errors import Conflict, Missing, Refused
from resources.foundation.statements import Connection, many, one, run, statements_for, value

SQL = statements_for(__name__)

DEFAULT_MESSAGE = "I could not find an answer in the documents."


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    name: str,
    description: str = "",
    type: AgentType = "user-facing",
    model_name: str | None = None,
    conversation_mode: ConversationMode = "multi-turn",
    context_window: int = 8000,
    system_prompt: str = "",
    temperature: float | None = None,
    max_tokens: int | None = None,
    default_message: str = DEFAULT_MESSAGE,
    use_all_sources: bool = True,
    max_documents: int | None = None,
    similarity_threshold: float | None = None,
    domain_keywords: Sequence[str] = (),
    user_id: UUID | None = None,
) -> Agent:
    """A new agent of a chatbot. `context_window` and `max_tokens` in tokens, `similarity_threshold` a cosine.

    Raises Missing for an unknown chatbot, Conflict for a name taken in it, Refused for a value out of range.
    """
    values = {
        "chatbot_id": chatbot_id, "user_id": user_id, "name": name, "description": description, "type": type,
        "model_name": model_name, "conversation_mode": conversation_mode, "context_window": context_window,
        "system_prompt": system_prompt, "temperature": temperature, "max_tokens": max_tokens,
        "default_message": default_message, "use_all_sources": use_all_sources, "max_documents": max_documents,
        "similarity_threshold": similarity_threshold, "domain_keywords": list(domain_keywords),
    }  # fmt: skip
    try:
        with connection.transaction():
            return one(
                connection, Agent, SQL["create"], missing=f"agent {name!r} was not created",
                organization_id=organization_id, **values,
            )  # fmt: skip
    except UniqueViolation:
        raise Conflict(f"this chatbot has an agent {name!r} already: choose another name") from None
    except ForeignKeyViolation:
        raise Missing(f"there is no chatbot {chatbot_id} in this organization") from None
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "a value").removeprefix("agents_").removesuffix("_check")
        raise Refused(f"agent {name!r} cannot be made: {rule} is out of range") from None


def get(connection: Connection, organization_id: UUID, id: UUID) -> Agent:
    """An agent by id; raises Missing."""
    return one(
        connection, Agent, SQL["get"], missing=f"there is no agent {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_all(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[Agent]:
    """The agents of a chatbot, the oldest first."""
    return many(connection, Agent, SQL["select_all"], organization_id=organization_id, chatbot_id=chatbot_id)


def replace(connection: Connection, organization_id: UUID, agent: Agent) -> Agent:
    """Give the agent the values of this record, but for its name. Raises Missing, Refused for a value out of range."""
    try:
        with connection.transaction():
            return one(
                connection, Agent, SQL["set"], missing=f"there is no agent {agent.id} in this organization",
                organization_id=organization_id, **_values(agent),
            )  # fmt: skip
    except CheckViolation as error:
        rule = (error.diag.constraint_name or "a value").removeprefix("agents_").removesuffix("_check")
        raise Refused(f"agent {agent.name!r} cannot be changed so: {rule} is out of range") from None


def _values(agent: Agent) -> dict[str, object]:
    lists = {
        name: list(getattr(agent, name)) for name in ("domain_keywords", "expertise_areas", "fallback_models")
    }  # fmt: skip
    return {**dataclasses.asdict(agent), **lists, "model_parameters": Jsonb(dict(agent.model_parameters))}


def remove(connection: Connection, organization_id: UUID, id: UUID) -> None:
    """The agent takes no questions any more; what it answered stays. Raises Missing."""
    if run(connection, SQL["remove"], organization_id=organization_id, id=id) == 0:
        raise Missing(f"there is no agent {id} in this organization")


def set_active(connection: Connection, organization_id: UUID, id: UUID, *, is_active: bool) -> None:
    """Let the agent take questions, or let it rest; raises Missing."""
    if run(connection, SQL["set_active"], organization_id=organization_id, id=id, is_active=is_active) == 0:
        raise Missing(f"there is no agent {id} in this organization")


def attach_source(connection: Connection, organization_id: UUID, agent_id: UUID, source_id: UUID) -> None:
    """Let an agent that does not use all sources read this one; raises Missing."""
    values = {"organization_id": organization_id, "agent_id": agent_id, "source_id": source_id}
    try:
        with connection.transaction():
            run(connection, SQL["attach_source"], **values)
    except ForeignKeyViolation:
        raise Missing(f"there is no agent {agent_id} or no source {source_id} in this organization") from None


def attach_tag(connection: Connection, organization_id: UUID, agent_id: UUID, tag_id: UUID) -> None:
    """Let an agent that does not use all sources read those that bear this tag; raises Missing."""
    try:
        with connection.transaction():
            run(connection, SQL["attach_tag"], organization_id=organization_id, agent_id=agent_id, tag_id=tag_id)
    except ForeignKeyViolation:
        raise Missing(f"there is no agent {agent_id} or no tag {tag_id} in this organization") from None


def detach_all(connection: Connection, organization_id: UUID, agent_id: UUID) -> None:
    """Bind an agent that does not use all sources to none, by name or tag."""
    for statement in (SQL["detach_sources"], SQL["detach_tags"]):
        run(connection, statement, organization_id=organization_id, agent_id=agent_id)


def select_bound(connection: Connection, organization_id: UUID, agent_id: UUID) -> tuple[list[str], list[str]]:
    """The names of the sources, and of the tags of sources, that an agent is bound to."""
    values = {"organization_id": organization_id, "agent_id": agent_id}
    sources, borne = (
        [row[0] for row in connection.execute(statement, values)]
        for statement in (SQL["select_source_names"], SQL["select_tag_names"])
    )
    return sources, borne


def select_source_ids(connection: Connection, organization_id: UUID, id: UUID) -> list[UUID]:
    """The sources that the agent reads: of its chatbot's all, or those attached to it by name or tag.

    Never a source that its chatbot does not answer from, and never a removed one.
    """
    return list(value(connection, SQL["select_source_ids"], organization_id=organization_id, id=id) or ())
