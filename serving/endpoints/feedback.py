"""/v1/feedback: what somebody says of an answer, and for analysts what everybody said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel, Field

from resources.conversations import interactions, message_feedback, messages, sessions
from resources.conversations.message_feedback import ListedFeedback
from resources.conversations.records import Feedback
from resources.foundation.errors import Missing
from resources.identity.records import Caller
from serving import collections
from serving.authentication import Holder
from serving.collections import Chronological, Collection, Work, by_id
from serving.failures import refusals
from serving.house import house_of
from serving.identifying import identified
from serving.wire import is_confined
from serving.wire_managing import Words
from serving.wire_sessions import FeedbackBody, GivenFeedback, feedback_body

MayChat = Annotated[Caller, Depends(Holder("chat"))]


class ListedFeedbackBody(BaseModel):
    """What somebody said of an answer, and where: GET /v1/sessions/{session_id} shows the conversation."""

    object: Literal["feedback"] = "feedback"
    id: UUID
    message_id: UUID
    session_id: UUID
    chatbot: str
    user_id: UUID | None
    feedback: Feedback
    reason: str | None
    created_at: datetime
    updated_at: datetime


class FeedbackPage(Chronological):
    """A page of feedback, the latest first."""

    feedback: Feedback | None = None
    chatbot: Annotated[Words | None, Field(max_length=100, description="On answers of this chatbot, by name.")] = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, FEEDBACK)
    app.post(
        "/v1/feedback", tags=["feedback"], summary="Say what an answer is worth",
        responses=refusals(400, 401, 403, 404, 503),
    )(give_feedback)  # fmt: skip


def give_feedback(body: GivenFeedback, request: Request, caller: MayChat) -> FeedbackBody:
    """Thumbs up or down with a reason, and how much the answer was worth. Saying it again changes what was said."""
    organization_id = caller.organization_id
    with house_of(request).database.transaction(organization_id) as connection:
        message = messages.get(connection, organization_id, identified(body.message_id, messages.missing))
        if (
            is_confined(caller)
            and sessions.get(connection, organization_id, message.session_id).user_id != caller.user_id
        ):
            raise Missing(messages.missing(message.id))
        if body.appreciation is not None:
            interactions.set_appreciation(connection, organization_id, message.id, body.appreciation)
        interaction = interactions.find_for_answer(connection, organization_id, message.id)
        appreciation = interaction.appreciation if interaction else None
        if body.feedback is None:
            return FeedbackBody(
                message_id=message.id, feedback=None, reason=None, appreciation=appreciation, user_id=caller.user_id,
                updated_at=None,
            )  # fmt: skip
        kept = message_feedback.replace(
            connection, organization_id, message_id=message.id, user_id=caller.user_id, feedback=body.feedback,
            reason=body.reason,
        )  # fmt: skip
    return feedback_body(kept, appreciation)


_get = by_id(message_feedback.get, "feedback", "/v1/feedback")


def _select(work: Work, page: FeedbackPage) -> list[ListedFeedback]:
    return message_feedback.select_page(
        work.connection, work.organization_id, at_most=page.limit + 1, oldest_first=page.oldest_first,
        after=_get(work, page.after) if page.after else None, feedback=page.feedback, chatbot=page.chatbot,
    )  # fmt: skip


def _told(work: Work, given: ListedFeedback) -> ListedFeedbackBody:
    return ListedFeedbackBody.model_validate(asdict(given))


FEEDBACK = Collection(
    name="feedback", noun="feedback", scope="analyze", body=ListedFeedbackBody, told=_told, select=_select, get=_get,
    page=FeedbackPage, is_paged=True,
)  # fmt: skip
