"""Usage: the tokens and seconds that each answer took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from resources.conversations.records import AnswerUsage, UsageTotal
from resources.foundation.statements import Connection, find, many, run, send, statements_for

SQL = statements_for(__name__)

Group = Literal["day", "chatbot", "agent", "model", "key"]
MOST_TOTALS = 5_000


def create(
    connection: Connection,
    organization_id: UUID,
    *,
    chatbot_id: UUID | None,
    agent_id: UUID | None,
    user_id: UUID | None,
    message_id: UUID | None,
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
    send(
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


def select_totals(
    connection: Connection,
    organization_id: UUID,
    *,
    since: datetime,
    until: datetime,
    by: Collection[Group],
    chatbot_id: UUID | None = None,
) -> list[UsageTotal]:
    """What was used from an instant until before another, in groups; days are those of UTC. At most 5,000 groups."""
    return many(
        connection, UsageTotal, SQL["select_totals"], organization_id=organization_id, since=since, until=until,
        by_day="day" in by, by_chatbot="chatbot" in by, by_agent="agent" in by, by_model="model" in by,
        by_key="key" in by, chatbot_id=chatbot_id, at_most=MOST_TOTALS,
    )  # fmt: skip


def remove_all(connection: Connection, organization_id: UUID) -> None:
    """Forget all that was used, for the end of an organization: else usage outlives what it was of."""
    run(connection, SQL["remove_all"], organization_id=organization_id)
