"""What goes over the wire about conversations, and what people say of answers. Nothing here reaches a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from resources.conversations.records import (
    Feedback,
    MessageCitation,
    MessageFeedback,
    MessageStatus,
    Role,
    Session,
    SessionListing,
    SessionStatus,
)
from resources.conversations.transcripts import Entry
from serving.wire import CitationBody, Storable, Text

Strict = ConfigDict(strict=True, extra="forbid")


class SessionBody(BaseModel):
    """A conversation. `waits_since` and `waits_because`: it waits for a person."""

    object: Literal["session"] = "session"
    id: UUID
    chatbot: str
    title: str
    status: SessionStatus
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    waits_since: datetime | None
    waits_because: str | None
    summary: str | None = Field(description="What a background agent made of it, as the next two.")
    topics: list[str]
    remembered: list[str]


class SessionSummary(SessionBody):
    """A conversation in a list."""

    agent: str | None = Field(description="The agent that answered last.")
    messages: int


class PurgedCitationBody(BaseModel):
    """A citation whose document is gone since then, and its words with it."""

    index: int
    document: UUID
    purged_at: datetime


class FeedbackBody(BaseModel):
    """What somebody says of an answer."""

    object: Literal["feedback"] = "feedback"
    message_id: UUID
    feedback: Feedback | None
    reason: str | None
    appreciation: int | None
    user_id: UUID | None
    updated_at: datetime | None


class MessageBody(BaseModel):
    """Something that was said. An answer has what it rests on just as it was answered, unless it was erased since."""

    object: Literal["session.message"] = "session.message"
    id: UUID
    role: Role
    content: str
    status: MessageStatus
    reply_to: UUID | None
    created_at: datetime
    citations: list[CitationBody | PurgedCitationBody] | None
    outcome: str | None
    answered_by: str | None
    agent: str | None
    why: str | None
    degraded: str | None = None
    detailed_question: str | None
    appreciation: int | None
    feedback: list[FeedbackBody]


class Transcript(SessionBody):
    """A conversation with a page of what was said in it."""

    messages: list[MessageBody]
    has_more: bool
    last_id: UUID | None = Field(description="Give it as `after` to get the next page.")


class SessionChange(BaseModel):
    """What may be said of a conversation; what is left out stays as it is."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"title": "The sluice"}]})
    title: Annotated[Storable | None, Field(min_length=1, max_length=200)] = None
    status: Literal["active", "completed"] | None = None


class PersonsAnswer(BaseModel):
    """What a person answers in a conversation."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"content": "I have booked it for you."}]})
    content: Annotated[Text, Field(min_length=1, max_length=50_000)]
    hands_back: Annotated[bool, Field(description="The chatbot answers again from here on.")] = False


class GivenFeedback(BaseModel):
    """What somebody says of an answer, instead of what they said before."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {
                    "message_id": "chatcmpl-7b1f6f0e8f9b4c0c9d7a1f2e3d4c5b6a",
                    "feedback": "negative",
                    "reason": "Outdated",
                }
            ]
        },
    )
    message_id: Annotated[str, Field(max_length=100, description="Of the answer; its completion's id will do.")]
    feedback: Feedback | None = None
    reason: Annotated[Storable | None, Field(max_length=2000)] = None
    appreciation: Annotated[int | None, Field(ge=0, le=100, description="How much the answer was worth.")] = None

    @model_validator(mode="after")
    def _says_something(self) -> GivenFeedback:
        if self.feedback is None and self.appreciation is None:
            raise ValueError("say feedback ('positive' or 'negative'), appreciation (0 to 100), or both")
        if self.reason is not None and self.feedback is None:
            raise ValueError("a reason is of a feedback: say 'positive' or 'negative' too")
        return self


def session_body(session: Session, chatbot: str) -> SessionBody:
    """A conversation as the API tells it."""
    return SessionBody.model_validate(_told(session, chatbot))


def session_summary(session: SessionListing) -> SessionSummary:
    """A conversation in a list."""
    told = {**_told(session, session.chatbot), "agent": session.agent, "messages": session.messages}
    return SessionSummary.model_validate(told)


def transcript(
    session: Session, chatbot: str, entries: Sequence[Entry], limit: int, *, shows_citations: bool
) -> Transcript:
    """A conversation with a page of messages, of which one more than `limit` was asked for."""
    page = [message_body(entry, shows_citations=shows_citations) for entry in entries[:limit]]
    return Transcript.model_validate(
        {
            **_told(session, chatbot), "messages": page, "has_more": len(entries) > limit,
            "last_id": page[-1].id if page else None,
        }
    )  # fmt: skip


def message_body(entry: Entry, *, shows_citations: bool = True) -> MessageBody:
    """A message as the API tells it."""
    message, interaction = entry.message, entry.interaction
    told = {name: _text(value) for name, value in message.metadata.items()}
    appreciation = interaction.appreciation if interaction else None
    return MessageBody(
        id=message.id, role=message.role, content=message.content, status=message.status, reply_to=message.reply_to_id,
        created_at=message.created_at, why=told.get("routed_because"),
        citations=[_citation(one) for one in entry.citations] if shows_citations and message.role != "user" else None,
        detailed_question=interaction.detailed_question if interaction else None, appreciation=appreciation,
        feedback=[feedback_body(one, appreciation) for one in entry.feedback],
        outcome=told.get("outcome"), answered_by=told.get("answered_by"), agent=told.get("agent"),
        degraded=told.get("degraded"),
    )  # fmt: skip


def feedback_body(feedback: MessageFeedback, appreciation: int | None) -> FeedbackBody:
    """What somebody says of an answer, as the API tells it."""
    return FeedbackBody(
        message_id=feedback.message_id, feedback=feedback.feedback, reason=feedback.reason, appreciation=appreciation,
        user_id=feedback.user_id, updated_at=feedback.updated_at,
    )  # fmt: skip


def _told(session: Session | SessionListing, chatbot: str) -> dict[str, object]:
    made = session.context
    summary, topics, remembered = made.get("summary"), made.get("topics"), made.get("remembered")
    return {
        "id": session.id, "chatbot": chatbot, "title": session.title, "status": session.status,
        "created_at": session.session_start, "updated_at": session.updated_at, "ended_at": session.session_end,
        "waits_since": session.handed_over_at, "waits_because": session.handed_over_because,
        "summary": _text(summary), "topics": topics if isinstance(topics, list) else [],
        "remembered": remembered if isinstance(remembered, list) else [],
    }  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _citation(cited: MessageCitation) -> CitationBody | PurgedCitationBody:
    if cited.document_version_id is None or cited.purged_at is not None:
        assert cited.purged_at is not None
        return PurgedCitationBody(index=cited.citation_index, document=cited.document_id, purged_at=cited.purged_at)
    return CitationBody(
        index=cited.citation_index, document=cited.document_id, version=cited.document_version_id,
        version_number=cited.version_number or 0, title=cited.title, section=cited.section_title, page=cited.page,
        quote=cited.quote, start=cited.start_char, end=cited.end_char, source=cited.source_name,
        location=cited.location, address=cited.address, as_of=cited.as_of.isoformat() if cited.as_of else None,
        run=cited.run_id,
    )  # fmt: skip
