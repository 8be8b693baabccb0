"""Feedback on answers: thumbs up or down, with a reason; one of each user, who may change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from resources.conversations import messages
from resources.conversations.records import Feedback, MessageFeedback
from resources.foundation.errors import Refused
from resources.foundation.statements import Connection, many, one, statements_for

SQL = statements_for(__name__)


@dataclass(frozen=True)
class ListedFeedback(MessageFeedback):
    """Feedback with where it was given."""

    session_id: UUID
    chatbot: str


def replace(
    connection: Connection,
    organization_id: UUID,
    *,
    message_id: UUID,
    user_id: UUID | None,
    feedback: Feedback,
    reason: str | None,
) -> MessageFeedback:
    """What a user (None: whoever has no name) says of an answer, instead of what they said before.

    Raises Missing for an unknown message, Refused for one that is no answer.
    """
    if messages.get(connection, organization_id, message_id).role != "assistant":
        raise Refused("feedback is given on an answer: this message is a question")
    return one(
        connection, MessageFeedback, SQL["replace"], missing="the feedback was not kept",
        organization_id=organization_id, message_id=message_id, user_id=user_id, feedback=feedback, reason=reason,
    )  # fmt: skip


def select_for_messages(
    connection: Connection, organization_id: UUID, message_ids: Sequence[UUID]
) -> list[MessageFeedback]:
    """What was said of these answers, the oldest first."""
    return many(
        connection, MessageFeedback, SQL["select_for_messages"],
        organization_id=organization_id, message_ids=list(message_ids),
    )  # fmt: skip


def get(connection: Connection, organization_id: UUID, id: UUID) -> ListedFeedback:
    """What somebody said of an answer; raises Missing."""
    return one(
        connection, ListedFeedback, SQL["get"], missing=f"there is no feedback {id} in this organization",
        organization_id=organization_id, id=id,
    )  # fmt: skip


def select_page(
    connection: Connection,
    organization_id: UUID,
    *,
    at_most: int,
    after: ListedFeedback | None = None,
    feedback: Feedback | None = None,
    chatbot: str | None = None,
    oldest_first: bool = False,
) -> list[ListedFeedback]:
    """The latest first, those after one only, and of this kind and chatbot only."""
    return many(
        connection, ListedFeedback, SQL["select_page"],
        organization_id=organization_id, at_most=at_most, after_at=after.created_at if after else None,
        after_id=after.id if after else None, feedback=feedback, chatbot=chatbot, oldest_first=oldest_first,
    )  # fmt: skip
