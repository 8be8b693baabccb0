"""Conversations: list and read them, name, end and delete them, answer in them as a person. /v1/sessions"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import Field

from resources.bots import chatbots
from resources.conversations import handovers, messages, sessions, transcripts
from resources.conversations.records import Session, SessionStatus
from resources.conversations.transcripts import Entry
from resources.foundation.errors import Missing
from resources.foundation.statements import Connection
from resources.identity import audit_log
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.collections import (
    ByUse,
    IdempotencyKey,
    IfMatch,
    Listed,
    Work,
    etag,
    listed,
    made_before,
    require_match,
    set_made,
)
from serving.endpoints.models import chatbot_named
from serving.failures import refusals
from serving.house import desk_of, house_of
from serving.identifying import identified
from serving.wire import is_confined
from serving.wire_managing import Words
from serving.wire_sessions import (
    MessageBody,
    PersonsAnswer,
    SessionBody,
    SessionChange,
    SessionSummary,
    Transcript,
    message_body,
    session_body,
    session_summary,
    transcript,
)

MayChat = Annotated[Caller, Depends(Holder("chat"))]
MayManage = Annotated[Caller, Depends(Holder("manage"))]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(max_length=100, description="The last_id of the page before.")]
_ONE = "/v1/sessions/{session}"
# What is said in a conversation, and what is noted of it, changes by itself.
_PASSING = frozenset(Transcript.model_fields) - {"id", "title", "status"}


class SessionPage(ByUse):
    """A page of conversations."""

    chatbot: Annotated[Words | None, Field(max_length=200, description="Conversations with this chatbot only.")] = None
    agent: Annotated[
        Words | None, Field(max_length=200, description="Those in which this agent, by name or id, answered last.")
    ] = None
    topic: Annotated[
        Words | None, Field(max_length=200, description="Those about this topic, as their `topics` name it.")
    ] = None
    status: SessionStatus | None = None
    waiting: Annotated[bool, Field(description="Those only that wait for a person.")] = False
    mine: Annotated[bool, Field(description="Those only that the caller, a person, has begun.")] = False


class SessionList(Listed[SessionSummary]):
    """A page of conversations, the latest used first."""


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    about: dict[str, Any] = {"tags": ["sessions"], "responses": refusals(400, 401, 403, 404, 412, 422, 503)}
    app.get("/v1/sessions", summary="List conversations", **about)(list_sessions)
    app.get(_ONE, summary="One conversation with what was said", **about)(get_session)
    app.patch(_ONE, summary="Name a conversation, or end it", **about)(change_session)
    app.delete(_ONE, summary="Delete a conversation", status_code=204, **about)(delete_session)
    app.post(_ONE + "/answers", summary="Answer as a person", status_code=201, **about)(answer_in_session)
    app.post(_ONE + "/hand-back", summary="Let the chatbot answer again", **about)(hand_back_session)


def list_sessions(request: Request, caller: MayChat, page: Annotated[SessionPage, Query()]) -> SessionList:
    """The latest used first. A person sees their own; a key without a person sees those of its organization."""
    house, organization_id = house_of(request), caller.organization_id
    chatbot_id = chatbot_named(house, caller, page.chatbot).id if page.chatbot else None
    with house.database.transaction(organization_id) as connection:
        last = _seen(connection, caller, page.after) if page.after else None
        found = sessions.select_page(
            connection, organization_id, chatbot_id=chatbot_id, status=page.status, agent=page.agent, topic=page.topic,
            is_handed_over=page.waiting, limit=page.limit + 1,
            user_id=caller.user_id if page.mine or is_confined(caller) else None,
            before=(last.updated_at, last.id) if last else None, oldest_first=page.oldest_first,
        )  # fmt: skip
    return listed(SessionList, found, page.limit, tell=session_summary)


def get_session(
    session: str, request: Request, response: Response, caller: MayChat, limit: Limit = 100, after: After = None
) -> Transcript:
    """What was said in order, citations included, just as it was answered. Answers count as delivered by this."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        found = _seen(connection, caller, session)
        messages.set_delivered(connection, caller.organization_id, found.id)
        entries = transcripts.select_page(
            connection, caller.organization_id, found.id, limit=limit + 1,
            after=identified(after, messages.missing) if after else None,
        )  # fmt: skip
        name, shows = _chatbot(connection, caller.organization_id, found)
    shown = transcript(found, name, entries, limit, shows_citations=shows)
    response.headers["ETag"] = etag(shown, _PASSING)
    return shown


def change_session(
    session: str, body: SessionChange, request: Request, response: Response, caller: MayChat, if_match: IfMatch = None
) -> SessionBody:
    """Give a conversation another title, or end it. Whoever asks in one that has ended begins it again."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        found = _held(connection, caller, session, if_match)
        if body.title is not None:
            sessions.set_title(connection, caller.organization_id, found.id, body.title)
        if body.status == "completed":
            handovers.close(connection, caller.organization_id, found.id)
        elif body.status is not None:
            handovers.set_status(connection, caller.organization_id, found.id, body.status)
        if body.model_fields_set:
            _record(connection, caller, "change", found, body.model_fields_set)
        shown = _body(connection, caller, found.id)
    response.headers["ETag"] = etag(shown, _PASSING)
    return shown


def delete_session(session: str, request: Request, caller: MayChat, if_match: IfMatch = None) -> None:
    """A deleted conversation is shown no more, and is gone for good after the organization's time of grace."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        found = _held(connection, caller, session, if_match)
        handovers.withdraw(connection, caller.organization_id, found.id)
        _record(connection, caller, "remove", found)


def answer_in_session(
    session: str,
    body: PersonsAnswer,
    request: Request,
    response: Response,
    caller: MayManage,
    idempotency_key: IdempotencyKey = None,
) -> MessageBody:
    """Say something in a conversation as a person; whoever asked reads it at the address of the session."""
    desk, whose = desk_of(request), caller.organization_id
    with desk.database.transaction(whose) as connection:
        found, work = _seen(connection, caller, session), Work(connection, caller, desk)
        earlier = made_before(work, idempotency_key, f"sessions/{found.id}/answers", body, response)
        if earlier is not None:
            return message_body(Entry(messages.get(connection, whose, UUID(earlier))))
        said = handovers.answer(
            connection, whose, found.id, content=body.content, user_id=caller.user_id, name=caller.name,
            hands_back=body.hands_back,
        )  # fmt: skip
        _record(connection, caller, "answer", found)
        set_made(work, idempotency_key, str(said.id))
    return message_body(Entry(said))


def hand_back_session(session: str, request: Request, caller: MayManage) -> SessionBody:
    """The chatbot answers again in a conversation that waited for a person."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        found = _seen(connection, caller, session)
        handovers.hand_back(connection, caller.organization_id, found.id)
        _record(connection, caller, "hand_back", found)
        return _body(connection, caller, found.id)


def _seen(connection: Connection, caller: Caller, id: str) -> Session:
    """The session, if the caller may see it. Raises Missing, in the same words if there is none and if not."""
    found = sessions.get(connection, caller.organization_id, identified(id, sessions.missing))
    if is_confined(caller) and found.user_id != caller.user_id:
        raise Missing(sessions.missing(found.id))
    return found


def _held(connection: Connection, caller: Caller, id: str, if_match: str | None) -> Session:
    """As `_seen`, and nobody else changes it until the transaction ends; it is what the caller read."""
    found = _seen(connection, caller, id)
    if if_match is not None:
        sessions.hold(connection, caller.organization_id, found.id)
        require_match(if_match, etag(_body(connection, caller, found.id), _PASSING))
    return found


def _record(
    connection: Connection, caller: Caller, action: str, session: Session, changed: Iterable[str] = ()
) -> None:  # fmt: skip
    audit_log.record(
        connection, caller.organization_id, caller.actor, action=action, entity="session", entity_id=session.id,
        changed=changed,
    )  # fmt: skip


def _body(connection: Connection, caller: Caller, id: UUID) -> SessionBody:
    session = sessions.get(connection, caller.organization_id, id)
    return session_body(session, _chatbot(connection, caller.organization_id, session)[0])


def _chatbot(connection: Connection, organization_id: UUID, session: Session) -> tuple[str, bool]:
    """The chatbot's name, and whether it shows citations; one that was retired does."""
    try:
        chatbot = chatbots.get(connection, organization_id, session.chatbot_id)
    except Missing:
        return "(retired)", True
    return chatbot.name, chatbot.show_citations
