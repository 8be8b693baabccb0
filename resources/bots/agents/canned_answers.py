"""Canned answers: the questions that pre-canned agents know, each with the text that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from psycopg.errors import CheckViolation, ForeignKeyViolation

from resources.bots.records import CannedAnswer
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection, many, run, statements_for

SQL = statements_for(__name__)


def replace_all(connection: Connection, organization_id: UUID, agent_id: UUID, answers: Mapping[str, str]) -> None:
    """Let an agent know these questions with their answers, and no others.

    Raises Missing for an unknown agent, Refused for a question or answer that is empty or too long.
    """
    owner = {"organization_id": organization_id, "agent_id": agent_id}
    try:
        with connection.transaction():
            run(connection, SQL["remove_others"], **owner, questions=list(answers))
            for question, answer in answers.items():
                run(connection, SQL["replace"], **owner, question=question, answer=answer)
    except ForeignKeyViolation:
        raise Missing(f"there is no agent {agent_id} in this organization") from None
    except CheckViolation:
        raise Refused("a canned question has 1 to 1,000 characters, its answer 1 to 20,000") from None


def select_of_chatbot(connection: Connection, organization_id: UUID, chatbot_id: UUID) -> list[CannedAnswer]:
    """What the active pre-canned agents of a chatbot know."""
    return many(
        connection, CannedAnswer, SQL["select_of_chatbot"], organization_id=organization_id, chatbot_id=chatbot_id
    )


def select_of_agent(connection: Connection, organization_id: UUID, agent_id: UUID) -> list[CannedAnswer]:
    """What one agent knows, by question."""
    return many(connection, CannedAnswer, SQL["select_of_agent"], organization_id=organization_id, agent_id=agent_id)
