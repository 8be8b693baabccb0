"""/analytics/questions: one question in full, asked again by any version, put into a set, told to a source's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Form, Query, Request, Response
from starlette.responses import RedirectResponse

from resources.analytics import question_details, worst_questions
from resources.analytics.question_details import FoundPassage, QuestionDetail
from resources.bots.question_sets.reading_questions import Answer
from resources.conversations import messages, promotions, source_issues
from resources.conversations.records import Passage
from resources.conversations.replays import Replay
from resources.foundation.errors import Missing, Refused
from resources.foundation.statements import Connection
from resources.identity.records import Caller
from serving.authentication import Holder
from serving.collections import Work, record, text_of
from serving.endpoints.analytics_pages import Wanted, around
from serving.endpoints.pages import frame_of
from serving.endpoints.replays import asked_again
from serving.house import desk_of, house_of
from serving.identifying import identified
from serving.rendering import page

MayAnalyze = Annotated[Caller, Depends(Holder("analyze"))]
MayManage = Annotated[Caller, Depends(Holder("manage"))]
MayReplay = Annotated[Caller, Depends(Holder("manage", counts=True))]
Short = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4000)]
QUESTIONS_ON_A_PAGE = 50


@dataclass(frozen=True)
class Compared:
    """A passage of a replay beside what was found then: `before` is its place then, None where it is new."""

    passage: Passage
    before: int | None


def add_to(app: FastAPI) -> None:
    """Serve these addresses."""
    app.get("/analytics/questions", include_in_schema=False)(show_questions)
    app.get("/analytics/questions/{message}", include_in_schema=False)(show_question)
    app.post("/analytics/questions/{message}/replay", include_in_schema=False)(replay_question)
    app.post("/analytics/questions/{message}/promotion", include_in_schema=False)(promote_question)
    app.post("/analytics/questions/{message}/issues", include_in_schema=False)(open_issue)
    app.post("/source-issues/{issue}", include_in_schema=False)(change_issue)


def show_questions(
    request: Request,
    caller: MayAnalyze,
    filter: Wanted,
    why: worst_questions.Why = "disliked",
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """The questions that were disliked, or not answered, the worst first, page by page."""
    with house_of(request).database.transaction(caller.organization_id) as connection:
        found = worst_questions.select_page(
            connection, caller.organization_id, filter, at_most=QUESTIONS_ON_A_PAGE + 1, skip=after, why=why
        )
        return page(
            "questions.html", after=after, why=why, looked_at=worst_questions.LOOKED_AT,
            questions=found[:QUESTIONS_ON_A_PAGE], has_more=len(found) > QUESTIONS_ON_A_PAGE,
            **around(connection, caller, filter, "feedback", request),  # type: ignore[arg-type]
        )  # fmt: skip


def show_question(message: str, request: Request, caller: MayAnalyze) -> Response:
    """One question in full."""
    message_id = identified(message, messages.missing)
    with house_of(request).database.transaction(caller.organization_id) as connection:
        detail = question_details.get(connection, caller.organization_id, message_id)
        return _shown(connection, request, caller, detail)


async def replay_question(
    message: str, request: Request, caller: MayReplay, configuration: Annotated[int, Form(ge=1, le=2**31 - 1)]
) -> Response:
    """Ask it again by a configuration, and show both side by side; nothing of that enters the conversation."""
    message_id = identified(message, messages.missing)
    again = await asked_again(request, caller, message_id, configuration)
    return await run_sync(_side_by_side, request, caller, message_id, again)


def _side_by_side(request: Request, caller: Caller, message_id: UUID, again: Replay) -> Response:
    with house_of(request).database.transaction(caller.organization_id) as connection:
        detail = question_details.get(connection, caller.organization_id, message_id)
        return _shown(connection, request, caller, detail, again)


def promote_question(
    message: str,
    request: Request,
    caller: MayManage,
    state: Annotated[Literal["proposed", "accepted", "rejected"], Form()],
    set: Short = promotions.SET_NAME,
    passage: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006
    document: Annotated[str, Form(max_length=1000)] = "",
    quote: Long = "",
    unanswerable: Annotated[bool, Form()] = False,
) -> Response:
    """Put it into a question set, with the passages that answer it; there it is proposed, accepted or rejected."""
    message_id = identified(message, messages.missing)
    desk, organization_id = desk_of(request), caller.organization_id
    with desk.database.transaction(organization_id) as connection:
        detail = question_details.get(connection, organization_id, message_id)
        answers = [_answer(detail, one) for one in passage]
        if document.strip():
            answers.append(Answer(text_of(document.strip()), quote=text_of(quote).strip() or None))
        known = promotions.place(
            connection, organization_id, message_id, reviewed_by=caller.name, state=state,
            set_name=text_of(set).strip()[:100] or promotions.SET_NAME, answers=tuple(answers),
            is_answerable=False if unanswerable else True if answers else None,
        )  # fmt: skip
        record(Work(connection, caller, desk), "promote", "question", known.query.id, frozenset({"state", "answers"}))
    return RedirectResponse(f"/analytics/questions/{message_id}#question-set", status_code=303)


def open_issue(
    message: str,
    request: Request,
    caller: MayManage,
    words: Annotated[str, Form(min_length=1, max_length=2000)],
    about: Short,
) -> Response:
    """Ask whoever owns a source to look at it, or at one of its documents."""
    message_id = identified(message, messages.missing)
    desk, organization_id = desk_of(request), caller.organization_id
    with desk.database.transaction(organization_id) as connection:
        detail = question_details.get(connection, organization_id, message_id)
        source_id, document_id = _place(detail, about)
        issue = source_issues.open(
            connection, organization_id, source_id=source_id, document_id=document_id, message_id=message_id,
            words=text_of(words), opened_by=caller.user_id,
        )  # fmt: skip
        record(Work(connection, caller, desk), "create", "source issue", issue.id, frozenset({"words"}))
    return RedirectResponse(f"/analytics/questions/{message_id}#issues", status_code=303)


def change_issue(
    issue: str,
    request: Request,
    caller: MayManage,
    state: Annotated[Literal["open", "closed"], Form()],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Close an item with what came of it, or open it again."""
    desk, organization_id = desk_of(request), caller.organization_id
    with desk.database.transaction(organization_id) as connection:
        try:
            known = source_issues.get(connection, organization_id, identified(issue, _no_issue))
        except Missing:
            raise Missing(_no_issue(issue)) from None
        source_issues.change(
            connection, organization_id, known, state=state, note=text_of(note) or None, changed_by=caller.user_id
        )
        record(Work(connection, caller, desk), "change", "source issue", known.id, frozenset({"state", "note"}))
    return RedirectResponse(f"/sources/{known.data_source_id}#issues", status_code=303)


def _shown(
    connection: Connection, request: Request, caller: Caller, detail: QuestionDetail, again: Replay | None = None
) -> Response:
    desk = house_of(request).desk
    return page(
        "question.html", frame=frame_of(connection, caller, "/analytics"), detail=detail, again=again,
        compared=_compared(detail, again) if again else [], left=_left(detail, again) if again else [],
        may_manage="manage" in caller.scopes, dagster=desk.dagster_address if desk else "",
        set_name=promotions.SET_NAME, marked=_marked(detail), now=datetime.now(UTC),
    )  # fmt: skip


def _compared(detail: QuestionDetail, again: Replay) -> list[Compared]:
    """What the answer could rest on now, each with its place then."""
    return [Compared(one, _place_then(detail, one)) for one in again.finding.passages]


def _place_then(detail: QuestionDetail, passage: Passage) -> int | None:
    return next((hit.offered for hit in _offered(detail) if _are_one(hit, passage)), None)


def _are_one(hit: FoundPassage, passage: Passage) -> bool:
    """Whether they are the same passage, or overlap in the same version of a document."""
    if hit.chunk_id == passage.chunk_id:
        return True
    if hit.start_char is None or hit.end_char is None or hit.version_id != passage.version_id:
        return False
    return hit.start_char < passage.end and passage.start < hit.end_char


def _left(detail: QuestionDetail, again: Replay) -> list[FoundPassage]:
    """What the answer could rest on then, and can no more."""
    return [hit for hit in _offered(detail) if not any(_are_one(hit, one) for one in again.finding.passages)]


def _offered(detail: QuestionDetail) -> list[FoundPassage]:
    offered = [hit for hit in detail.passages if hit.offered is not None]
    return sorted(offered, key=lambda hit: hit.offered or 0)


def _marked(detail: QuestionDetail) -> set[int]:
    """The places of those passages that are known to answer the question."""
    answers = detail.known.answers if detail.known else ()
    return {
        hit.place for hit in detail.passages
        if any(one.grade and one.document_id == hit.document_id and one.start == hit.start_char for one in answers)
    }  # fmt: skip


def _answer(detail: QuestionDetail, place: str) -> Answer:
    """The passage at a place as what answers. Raises Refused where it is gone."""
    hit = next((one for one in detail.passages if str(one.place) == place), None)
    if hit is None or hit.content is None:
        raise Refused("that passage is gone: its document has been read anew since. Name the document instead")
    return Answer(str(hit.document_id), quote=hit.content, start=hit.start_char)


def _place(detail: QuestionDetail, about: str) -> tuple[UUID, UUID | None]:
    """The source, and perhaps the document, that an item is about: as the form names them."""
    for document_id, hit in detail.documents.items():
        if about == f"document {document_id}" and hit.source_id is not None:
            return hit.source_id, document_id
    for source_id in detail.sources:
        if about == f"source {source_id}":
            return source_id, None
    raise Refused("choose the document or the source that is to be looked at, of those that were found")


def _no_issue(issue: object) -> str:
    return f"there is no source issue {issue}"
