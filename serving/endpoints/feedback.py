"""POST /v1/feedback: what somebody says of an answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from resources.conversations import interactions, message_feedback, messages, sessions
from resources.foundation.errors import Missing
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.failures import refusals
from serving.house import house_of
from serving.identifying import identified
from serving.wire import is_confined
from serving.wire_sessions import FeedbackBody, GivenFeedback, feedback_body

MayChat = Annotated[Caller, Depends(Holder("chat"))]


def add_to(app: FastAPI) -> None:
    """Serve this address."""
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
