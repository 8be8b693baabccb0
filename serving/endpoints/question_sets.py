"""Sets of questions that measure a chatbot, and the questions. /v1/question-sets, /v1/questions"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from resources.bots import chatbots
from resources.bots.question_sets import evaluation_queries, evaluation_sets, questions
from resources.bots.question_sets.questions import Known
from resources.bots.question_sets.reading_questions import Answer, Draft
from resources.bots.records import QuestionOrigin, QuestionState, SetCounts, Split
from resources.foundation.errors import Conflict, Missing, Refused
from serving import collections
from serving.collections import Alphabetical, Collection, Made, Page, Work, by_key, given, left_out
from serving.wire_managing import Description, Name, Strict, Words

ExternalId = Annotated[Words, Field(min_length=1, max_length=200)]
Question = Annotated[Words, Field(min_length=1, max_length=4000)]


class QuestionSetBody(BaseModel):
    """A set of questions of a chatbot, with how many it has of which kind."""

    object: Literal["question_set"] = "question_set"
    id: UUID
    chatbot: str
    name: str
    description: str
    questions: int
    proposed: int
    accepted: int
    rejected: int
    judged: int = Field(description="Accepted, with a document that is known to answer.")
    unanswerable: int
    tune: int
    report: int
    generated: int
    promoted: int


class QuestionSetFields(BaseModel):
    """What may be said of a set."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"description": "What customers ask."}]})
    name: Name = Field(default_factory=left_out)
    description: Description = Field(default_factory=left_out)


class NewQuestionSet(QuestionSetFields):
    """A set to be made."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"chatbot": "support", "name": "customers"}]})
    chatbot: Name
    name: Name


class QuestionSetPage(Alphabetical):
    """A page of sets."""

    chatbot: Annotated[Words | None, Field(max_length=100, description="Those of this chatbot, by name.")] = None


class AnswerBody(BaseModel):
    """A document that answers a question, and the words of it that do, where they are known."""

    model_config = Strict
    document: Annotated[Words, Field(min_length=1, max_length=1000, description="Its id, path, title or file name.")]
    source: Name | None = None
    grade: Annotated[int, Field(ge=0, le=10)] = 1
    quote: Annotated[Words, Field(max_length=20_000)] | None = None


class QuestionBody(BaseModel):
    """A question of a set. Only accepted ones are asked; those of the split `report` measure versions."""

    object: Literal["question"] = "question"
    id: UUID
    set: str = Field(description="The id of its set.")
    external_id: str
    question: str
    slice: str | None
    origin: QuestionOrigin
    state: QuestionState
    split: Split
    is_answerable: bool
    answers: list[AnswerBody]
    reviewed_by: str | None
    reviewed_at: datetime | None


class QuestionFields(BaseModel):
    """What may be said of a question: by giving its state or answers somebody reviews it."""

    model_config = ConfigDict(**Strict, json_schema_extra={"examples": [{"state": "accepted"}]})
    state: QuestionState = Field(default_factory=left_out)
    split: Split = Field(default_factory=left_out)
    is_answerable: bool = Field(default_factory=left_out)
    answers: Annotated[list[AnswerBody], Field(max_length=100)] = Field(default_factory=left_out)


class NewQuestion(QuestionFields):
    """A question to be put into a set: with a document that answers it, or `is_answerable` false."""

    model_config = ConfigDict(
        **Strict,
        json_schema_extra={
            "examples": [
                {"set": "0f6e8a52-7c1f-4f0e-9a53-6b2f7b0c7d11", "external_id": "q1",
                 "question": "How often is the sluice greased?", "answers": [{"document": "sluice.md"}]}
            ]
        },
    )  # fmt: skip
    set: UUID
    external_id: ExternalId
    question: Question
    slice: ExternalId | None = None


class QuestionPage(Page):
    """A page of the questions of a set, by their external ids."""

    set: Annotated[UUID, Field(description="The id of the set.")]
    state: QuestionState | None = None
    split: Split | None = None
    origin: QuestionOrigin | None = None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    collections.add_to(app, QUESTION_SETS)
    collections.add_to(app, QUESTIONS)


def _select_sets(work: Work, page: QuestionSetPage) -> list[SetCounts]:
    every = evaluation_sets.count_all(work.connection, work.organization_id)
    return [each for each in every if page.chatbot in (None, each.chatbot)]


_get_set = by_key(evaluation_sets.count_all, "question set", "/v1/question-sets", key=lambda chosen: chosen.id)


def _create_set(work: Work, body: NewQuestionSet) -> Made[SetCounts]:
    chatbot = chatbots.find_by_name(work.connection, work.organization_id, body.chatbot)
    if chatbot is None:
        raise Missing(f"there is no chatbot {body.chatbot!r}: GET /v1/chatbots lists those there are")
    whose = {"chatbot_id": chatbot.id, "name": body.name}
    if evaluation_sets.find_by_name(work.connection, work.organization_id, **whose) is not None:  # type: ignore[arg-type]
        raise Conflict(f"the chatbot has a set {body.name!r} already: choose another name")
    made = evaluation_sets.ensure(
        work.connection, work.organization_id, chatbot_id=chatbot.id, name=body.name,
        description=given(body).get("description", ""),
    )  # fmt: skip
    return Made(_get_set(work, str(made.id)))


def _change_set(work: Work, chosen: SetCounts, body: QuestionSetFields) -> SetCounts:
    changed = replace(chosen, **given(body))
    evaluation_sets.describe(
        work.connection, work.organization_id, chosen.id, name=changed.name, description=changed.description
    )
    return _get_set(work, str(chosen.id))


def _remove_set(work: Work, chosen: SetCounts) -> None:
    """Its questions go too, with whatever was measured on it."""
    evaluation_sets.remove(work.connection, work.organization_id, chosen.id)


def _told_set(work: Work, chosen: SetCounts) -> QuestionSetBody:
    return QuestionSetBody.model_validate(asdict(chosen))


def _select_questions(work: Work, page: QuestionPage) -> list[Known]:
    chosen = evaluation_sets.get(work.connection, work.organization_id, _get_set(work, str(page.set)).id)
    last = "" if page.after is None else _get_question(work, page.after).query.external_id
    every = [
        query
        for query in evaluation_queries.select_all(work.connection, work.organization_id, chosen.id)
        if page.state in (None, query.state)
        and page.split in (None, query.split)
        and page.origin in (None, query.origin)
        and query.external_id > last
    ]
    wanted = sorted(every, key=lambda query: query.external_id)[: page.limit + 1]
    return questions.select(work.connection, work.organization_id, chosen, queries=wanted)


def _get_question(work: Work, part: str) -> Known:
    id = collections.id_of(part)
    set_id = None if id is None else evaluation_queries.find_set(work.connection, work.organization_id, id)
    if id is not None and set_id is not None:
        chosen = evaluation_sets.get(work.connection, work.organization_id, _get_set(work, str(set_id)).id)
        queries = evaluation_queries.select_all(work.connection, work.organization_id, chosen.id, ids=[id])
        for known in questions.select(work.connection, work.organization_id, chosen, queries=queries):
            return known
    raise collections.missing("question", "/v1/questions?set=…")


def _create_question(work: Work, body: NewQuestion) -> Made[Known]:
    counts = _get_set(work, str(body.set))
    if evaluation_queries.find_named(work.connection, work.organization_id, counts.id, body.external_id) is not None:
        raise Conflict(f"the set has a question {body.external_id!r} already: choose another external_id")
    values = given(body)
    draft = Draft(
        place="the request", external_id=body.external_id, question=body.question, slice=body.slice,
        answers=_answers(values.get("answers", ())), is_answerable=values.get("is_answerable", True),
        split=values.get("split"), state=values.get("state", "accepted"),
    )  # fmt: skip
    questions.bring_in(
        work.connection, work.organization_id, chatbot_id=counts.chatbot_id, set_name=counts.name, drafts=[draft],
        origin="written",
    )  # fmt: skip
    made = evaluation_queries.find_named(work.connection, work.organization_id, counts.id, body.external_id)
    if made is None:
        raise Refused("a question needs a document that answers it, or is_answerable false")
    return Made(_get_question(work, str(made.id)))


def _change_question(work: Work, known: Known, body: QuestionFields) -> Known:
    values, query = given(body), known.query
    set_id = evaluation_queries.find_set(work.connection, work.organization_id, query.id)
    assert set_id is not None
    if "split" in values:
        evaluation_queries.set_split(
            work.connection, work.organization_id, set_id, [query.external_id], split=values["split"]
        )
    if values.keys() & {"state", "answers", "is_answerable"}:
        chatbot_id = evaluation_sets.get(work.connection, work.organization_id, set_id).chatbot_id
        questions.review(
            work.connection, work.organization_id, known, chatbot_id=chatbot_id,
            state=values.get("state", query.state), reviewed_by=work.caller.name,
            answers=_answers(values.get("answers", ())), is_answerable=values.get("is_answerable"),
        )  # fmt: skip
    return _get_question(work, str(query.id))


def _answers(given: Any) -> tuple[Answer, ...]:
    return tuple(
        Answer(document=each.document, source=each.source, grade=each.grade, quote=each.quote) for each in given
    )


def _remove_question(work: Work, known: Known) -> None:
    """What is known of it goes too."""
    evaluation_queries.remove(work.connection, work.organization_id, [known.query.id])


def _told_question(work: Work, known: Known) -> QuestionBody:
    answers = [
        AnswerBody(
            document=answer.path or str(answer.document_id), source=answer.source, grade=answer.grade,
            quote=answer.quote,
        )
        for answer in known.answers
    ]  # fmt: skip
    set_id = evaluation_queries.find_set(work.connection, work.organization_id, known.query.id)
    return QuestionBody.model_validate({**asdict(known.query), "set": str(set_id), "answers": answers})


QUESTION_SETS = Collection(
    name="question-sets", noun="question set", scope="manage", body=QuestionSetBody, told=_told_set,
    select=_select_sets, get=_get_set, page=QuestionSetPage, new=NewQuestionSet, create=_create_set,
    changes=QuestionSetFields, change=_change_set, remove=_remove_set,
    passing=frozenset(QuestionSetBody.model_fields) - {"id", "name", "description", "chatbot"},
)  # fmt: skip
QUESTIONS = Collection(
    name="questions", noun="question", scope="manage", body=QuestionBody, told=_told_question,
    select=_select_questions, get=_get_question, key=lambda known: known.query.id, page=QuestionPage, is_paged=True,
    new=NewQuestion, create=_create_question, changes=QuestionFields, change=_change_question,
    remove=_remove_question,
)  # fmt: skip
