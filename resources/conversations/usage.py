"""Usage: the tokens and seconds that each answer took."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.conversations.records import AnswerUsage
from resources.foundation.statements import Connection, find, run, statements_for

SQL = statements_for(__name__)


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID,
    agent_id: UUID,
    user_id: UUID | None,
    message_id: UUID,
    model: str,
    prompt_tokens: int,
    completion_tokens: int,
    cost: Decimal | None,
    response_time: float,
    request_data: Mapping[str, object],
) -> None:
    """Keep what an answer took; `response_time` in seconds, `cost` None where the model has no price.

    `request_data` must hold no texts and no keys.
    """
    run(
        connection, SQL["create"], organization_id=organization_id, chatbot_id=chatbot_id, agent_id=agent_id,
        user_id=user_id, message_id=message_id, model=model, prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens, cost=cost, response_time=response_time,
        request_data=Jsonb(dict(request_data)),
    )  # fmt: skip


def find_for_message(connection: Connection, organization_id: UUID, message_id: UUID) -> AnswerUsage | None:
    """What an answer took."""
    return find(
        connection, AnswerUsage, SQL["find_for_message"], organization_id=organization_id, message_id=message_id
    )
