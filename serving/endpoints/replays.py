"""One answer at hand: its question asked again by any version, or put into a set. /v1/replays, /v1/promotions"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from resources.bots.question_sets.reading_questions import Answer
from resources.bots.records import QuestionState
from resources.conversations import promotions, replays
from resources.conversations.records import Outcome, Passage
from resources.conversations.replays import Replay
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.collections import Work, record
from serving.endpoints.question_sets import QUESTIONS, AnswerBody, QuestionBody
from serving.failures import refusals
from serving.house import desk_of, house_of
from serving.identifying import MessageId
from serving.seats import Seat
from serving.wire_managing import Amount, Name, Strict

MayManage = Annotated[Caller, Depends(Holder("manage"))]
MayReplay = Annotated[Caller, Depends(Holder("manage", counts=True))]


class NewReplay(BaseModel):
    """Which answer's question is to be asked again, and by which configuration of its chatbot."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={"examples": [{"message_id": "0f6e8a52-7c1f-4f0e-9a53-6b2f7b0c7d11", "configuration": 2}]},
    )
    message_id: MessageId
    configuration: Annotated[int, Field(ge=1, le=2**31 - 1, description="Its number.")]


class ReplayedPassage(BaseModel):
    """A passage that the answer could rest on, in that order. Scores: BM25, the cosine, and both together."""

    index: int
    document: UUID
    version: UUID
    title: str
    source: str
    location: str
    start: int
    end: int
    lexical_score: float
    dense_score: float
    score: float


class ReplayedCitation(BaseModel):
    """A quote that stands in the text of its version."""

    index: int
    document: UUID
    version: UUID
    title: str
    quote: str
    start: int
    end: int


class ReplayBody(BaseModel):
    """What a configuration answers now. It is kept nowhere; what models took is paid as always."""

    object: Literal["replay"] = "replay"
    message_id: UUID
    configuration: int
    agent: str
    outcome: Outcome
    answer: str
    citations: list[ReplayedCitation]
    citations_dropped: int
    understood_as: str | None = Field(description="As a model put it for the search; null where none was asked to.")
    sub_questions: list[str]
    passages: list[ReplayedPassage]
    answered_by: str
    instead_of: str | None
    prompt_tokens: int
    completion_tokens: int
    cost: Amount | None
    elapsed_ms: float
    unheard_messages: int = Field(description="Earlier messages that the client had sent along; they are kept nowhere.")


class NewPromotion(BaseModel):
    """An answer whose question is to stand in a question set of its chatbot, with the documents that answer it."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {"message_id": "0f6e8a52-7c1f-4f0e-9a53-6b2f7b0c7d11", "state": "accepted",
                 "answers": [{"document": "sluice.md"}]}
            ]
        },
    )  # fmt: skip
    message_id: MessageId
    set: Annotated[Name, Field(description="One that the question stands in already stays its own.")] = (
        promotions.SET_NAME
    )
    state: QuestionState = "proposed"
    answers: Annotated[list[AnswerBody], Field(max_length=100)] = Field(default_factory=list)
    is_answerable: bool | None = Field(default=None, description="False: no document answers it.")


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.post(
        "/v1/replays", summary="Ask the question of an answer again", tags=["replays"],
        responses=refusals(400, 401, 403, 404, 409, 429, 500, 503),
    )(replay)  # fmt: skip
    app.post(
        "/v1/promotions", summary="Put the question of an answer into a set", tags=["question-sets"],
        responses=refusals(400, 401, 403, 404, 503),
    )(promote)  # fmt: skip


async def replay(body: NewReplay, request: Request, caller: MayReplay) -> ReplayBody:
    """As if it were asked now, by a configuration that is ready; the conversation and what is counted stay as they are.

    What was said before it is heard again as far as it is kept.
    """
    again = await asked_again(request, caller, body.message_id, body.configuration)
    return _told(body.message_id, again)


async def asked_again(request: Request, caller: Caller, message_id: UUID, number: int) -> Replay:
    """Ask it again, in a seat as any answer has one, and in a thread that may wait for a model."""
    seats = house_of(request).seats
    seat = seats.take(caller.organization_id)
    return await seats.speak(lambda: _replay(request, caller, message_id, number, seat))


def promote(body: NewPromotion, request: Request, caller: MayManage) -> QuestionBody:
    """Only accepted questions are asked of versions; one is accepted when it is known what answers it, or that nothing
    does. Doing it again changes what is known of the question."""
    desk, organization_id = desk_of(request), caller.organization_id
    with desk.database.transaction(organization_id) as connection:
        known = promotions.place(
            connection, organization_id, body.message_id, reviewed_by=caller.name, set_name=body.set,
            state=body.state, answers=[Answer(**one.model_dump()) for one in body.answers],
            is_answerable=body.is_answerable,
        )  # fmt: skip
        work = Work(connection, caller, desk)
        record(work, "promote", "question", known.query.id, frozenset(body.model_fields_set))
        shown: Any = QUESTIONS.told(work, known)
    assert isinstance(shown, QuestionBody)
    return shown


def _replay(request: Request, caller: Caller, message_id: UUID, number: int, seat: Seat) -> Replay:
    house = house_of(request)
    try:
        return replays.replay(
            house.database, caller.organization_id, message_id, number=number, asked_by=caller.user_id,
            models=house.models_of(caller.organization_id),
        )  # fmt: skip
    finally:
        seat.leave()


def _told(message_id: UUID, again: Replay) -> ReplayBody:
    finding = again.finding
    return ReplayBody(
        message_id=message_id, configuration=again.version.number, agent=again.agent, outcome=again.outcome,
        answer=again.text,
        citations=[
            ReplayedCitation.model_validate({**asdict(one), "document": one.document_id, "version": one.version_id})
            for one in again.citations
        ],
        citations_dropped=again.citations_dropped, understood_as=finding.detailed[0] if finding.detailed else None,
        sub_questions=list(finding.sub_questions), passages=[_passage(one) for one in finding.passages],
        answered_by=again.answered_by, instead_of=again.instead_of, prompt_tokens=again.prompt_tokens,
        completion_tokens=again.completion_tokens, cost=again.cost, elapsed_ms=again.elapsed_ms,
        unheard_messages=again.unheard,
    )  # fmt: skip


def _passage(one: Passage) -> ReplayedPassage:
    return ReplayedPassage(
        index=one.index, document=one.document_id, version=one.version_id, title=one.title, source=one.source_name,
        location=one.location, start=one.start, end=one.end, lexical_score=one.lexical_score,
        dense_score=one.dense_score, score=one.score,
    )  # fmt: skip
