"""POST /v1/chat/completions: a question to a chatbot, answered in one piece or as a stream."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated

import psycopg
from fastapi import Depends, FastAPI, Request, Response
from starlette.responses import JSONResponse

from resources.bots.records import Chatbot
from resources.conversations import answers
from resources.conversations.records import Answered, AnswerEvent, Retrieved, Said
from resources.foundation.errors import MillraceError
from resources.identity.records import Caller
from serving import failures
from serving.authentication import Holder
from serving.endpoints.models import chatbot_named
from serving.house import house_of
from serving.streaming import DONE, EventStream, event
from serving.wire import ChatCompletion, ChatRequest, ChunkMaker, Failure, broke_off, completion

Events = Generator[AnswerEvent, None, None]
MayChat = Annotated[Caller, Depends(Holder("chat"))]


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
        responses={**failures.refusals(400, 401, 403, 404, 409, 413, 500, 503), 200: stream},
    )(complete)


def complete(body: ChatRequest, request: Request, caller: MayChat) -> Response:
    """Answer from the chatbot's sources, with verified citations as an additional field.

    `model` is the chatbot's name. The last message of the role `user` is the question; what stands before it is
    history. Messages of the roles `system`, `developer` and `tool` count as the user's: a client instructs nobody.
    """
    house = house_of(request)
    asked = body.asked(user_id=caller.user_id, key_id=caller.key_id)
    chatbot = chatbot_named(house, caller, body.model)
    models = house.models_of(caller.organization_id)
    events = answers.answer(house.database, caller.organization_id, chatbot=chatbot, asked=asked, models=models)
    # what fails before the first word still has a status of its own
    first = next(events)
    if body.stream and isinstance(first, Retrieved):
        includes_usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventStream(_chunks(chatbot, first, events, includes_usage), events)
    *_, last = events
    assert isinstance(last, Answered)
    return JSONResponse(completion(chatbot, last).model_dump(mode="json"))


def _chunks(chatbot: Chatbot, retrieved: Retrieved, events: Events, includes_usage: bool) -> Generator[str, None, None]:
    """The answer in OpenAI's chunks. What fails on the way is told as an event, which its clients raise."""
    chunks = ChunkMaker(chatbot, retrieved)
    try:
        yield event(chunks.opening().model_dump_json())
        for happened in events:
            if isinstance(happened, Said):
                yield event(chunks.words(happened.text).model_dump_json())
            elif isinstance(happened, Answered):
                yield event(chunks.ending(happened).model_dump_json())
                if happened.failure:
                    yield event(Failure(error=broke_off(happened.failure)).model_dump_json())
                elif includes_usage:
                    yield event(chunks.tokens(happened).model_dump_json())
        yield DONE
    except (MillraceError, psycopg.Error) as error:
        _, body, _ = failures.told(error)
        yield event(Failure(error=body).model_dump_json())
