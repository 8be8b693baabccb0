"""Transcripts: what was said in a session, with all that was told besides, just as it was answered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from resources.conversations import citations, interactions, message_feedback, messages
from resources.conversations.records import Interaction, MessageCitation, MessageFeedback, SessionMessage
from resources.foundation.statements import Connection


@dataclass(frozen=True)
class Entry:
    """A message with its citations in their order, its interaction, and what was said of it."""

    message: SessionMessage
    citations: tuple[MessageCitation, ...] = ()
    interaction: Interaction | None = None
    feedback: tuple[MessageFeedback, ...] = ()


def select_page(
    connection: Connection, organization_id: UUID, session_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> list[Entry]:
    """What was said in a session after a message of it, in order."""
    said = messages.select_page(connection, organization_id, session_id, after=after, limit=limit)
    answers = [one.id for one in said if one.role == "assistant"]
    cited: defaultdict[UUID, list[MessageCitation]] = defaultdict(list)
    for citation in citations.select_for_messages(connection, organization_id, answers):
        cited[citation.message_id].append(citation)
    judged: defaultdict[UUID, list[MessageFeedback]] = defaultdict(list)
    for feedback in message_feedback.select_for_messages(connection, organization_id, answers):
        judged[feedback.message_id].append(feedback)
    asked = interactions.select_for_answers(connection, organization_id, answers)
    return [Entry(one, tuple(cited[one.id]), asked.get(one.id), tuple(judged[one.id])) for one in said]
