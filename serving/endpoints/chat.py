"""POST /v1/chat/completions: a question to a chatbot, answered in one piece or as a stream."""

from __future__ import annotations

from collections.abc import Generator
from time import perf_counter
from typing import Annotated

import psycopg
from fastapi import Depends, FastAPI, Header, Request, Response

from resources.bots.records import Chatbot
from resources.conversations import messages, sessions
from resources.conversations.answering import answers
from resources.conversations.records import Answered, AnswerEvent, Retrieved, Said
from resources.foundation.cancellation import CANCELLED, Cancelled
from resources.foundation.errors import MillraceError, Refused
from resources.identity.records import Caller
from serving import failures
from serving.authentication import Holder
from serving.endpoints.models import addressed_within
from serving.house import House, house_of
from serving.identifying import identified
from serving.metrics import Metrics
from serving.seats import Seat
from serving.streaming import DONE, EventStream, Whole, event
from serving.wire import ChatCompletion, ChatRequest, ChunkMaker, Failure, broke_off, completion

Events = Generator[AnswerEvent, None, None]
MayAsk = Annotated[Caller, Depends(Holder("chat", counts=True))]


def add_to(app: FastAPI) -> None:
    """Serve this address."""
    stream = {
        "description": "The answer; server-sent events where `stream` is set.",
        "content": {"text/event-stream": {}},
    }
    app.post(
        "/v1/chat/completions",
        tags=["chat"],
        summary="Ask a chatbot",
        response_model=ChatCompletion,
        responses={**failures.refusals(400, 401, 403, 404, 409, 413, 429, 500, 503), 200: stream},
    )(complete)


async def complete(
    body: ChatRequest,
    request: Request,
    caller: MayAsk,
    x_session_id: Annotated[
        str | None, Header(max_length=100, description="A conversation to go on with; as session_id in the body.")
    ] = None,
) -> Response:
    """Answer from the chatbot's sources, with verified citations as an additional field.

    `model` is the chatbot's name. The last message of the role `user` is the question; what stands before it is
    history. Messages of the roles `system`, `developer` and `tool` count as the user's: a client instructs nobody.
    The answer names its conversation, in `session_id` and in the header X-Session-Id. Whoever sends that with the next
    question need not send what was said before; whoever sends earlier messages too is taken at their word.
    """
    seats = house_of(request).seats
    seat = seats.take(caller.organization_id)
    CANCELLED.set(seat.has_left)
    try:
        response = await seats.prepare(
            _begin, house_of(request), request.app.state.metrics, caller, body, x_session_id, seat
        )
    except BaseException:
        seat.leave()
        raise
    request.state.begun()
    return response


def _begin(
    house: House, metrics: Metrics, caller: Caller, body: ChatRequest, x_session_id: str | None, seat: Seat
) -> Response:
    """The answer with its passages found and its words to come, which leaves the seat when it has ended."""
    session = body.session_id or x_session_id
    asked = body.asked(
        caller, session_id=identified(session, sessions.missing) if session else None,
        reply_to_id=identified(body.reply_to, messages.missing) if body.reply_to else None,
    )  # fmt: skip
    if asked.reply_to_id is not None and asked.session_id is None:
        raise Refused("reply_to takes up a message of a session: name it in session_id")
    started = perf_counter()
    with house.database.exchange(caller.organization_id) as connection:
        chatbot, models = addressed_within(connection, house, caller, body.model)
        # as much for every question, whatever it asks: what it takes says how busy this machine is
        house.seats.feel(perf_counter() - started)
        beginning = answers.begin(connection, caller.organization_id, chatbot=chatbot, asked=asked)
    events = answers.go_on(house.database, beginning, models)
    # what fails before the first word still has a status of its own
    first = next(events)
    assert isinstance(first, Retrieved)
    metrics.found(perf_counter() - started)
    told = _counted(events, metrics)
    headers = {"X-Session-Id": str(first.session_id)}
    if body.stream:
        includes_usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventStream(_chunks(chatbot, first, told, includes_usage), told, seat, headers)
    return Whole(told, lambda last: _whole(chatbot, last), seat, headers)


def _counted(events: Events, metrics: Metrics) -> Events:
    """The same events, the end told to Prometheus; closing it closes them, and it ends where nobody listens."""
    try:
        for happened in events:
            if isinstance(happened, Answered):
                metrics.answered(happened)
            yield happened
    except Cancelled:
        return
    finally:
        events.close()


def _whole(chatbot: Chatbot, last: AnswerEvent) -> str:
    assert isinstance(last, Answered)
    return completion(chatbot, last).model_dump_json()


def _chunks(chatbot: Chatbot, retrieved: Retrieved, events: Events, includes_usage: bool) -> Generator[str, None, None]:
    """The answer in OpenAI's chunks. What fails on the way is told as an event, which its clients raise."""
    chunks = ChunkMaker(chatbot, retrieved)
    try:
        yield event(chunks.opening().model_dump_json())
        for happened in events:
            if isinstance(happened, Said):
                yield event(chunks.words(happened.text).model_dump_json())
            elif isinstance(happened, Answered):
                # in one piece, as nothing of it is waited for: each piece goes through a thread of its own
                ended = event(chunks.ending(happened).model_dump_json())
                if happened.failure:
                    ended += event(Failure(error=broke_off(happened.failure)).model_dump_json())
                elif includes_usage:
                    ended += event(chunks.tokens(happened).model_dump_json())
                yield ended + DONE
    except (MillraceError, psycopg.Error) as error:
        _, body, _ = failures.told(error)
        yield event(Failure(error=body).model_dump_json())
